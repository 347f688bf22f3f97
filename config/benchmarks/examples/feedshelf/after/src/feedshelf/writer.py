"""From a feed to a document."""

import xml.etree.ElementTree as ET


def write_feed(feed):
    """Return the RSS 2.0 document of a feed as UTF-8 bytes with an XML declaration."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", feed.link)
    add(channel, "language", feed.language)
    for entry in feed.entries:
        channel.append(item_of(entry))
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def item_of(entry):
    item = ET.Element("item")
    add(item, "title", entry.title)
    add(item, "link", entry.link)
    add(item, "guid", entry.guid)
    add(item, "description", entry.summary)
    for category in entry.categories:
        add(item, "category", category)
    if entry.enclosure:
        ET.SubElement(item, "enclosure", url=entry.enclosure)
    return item


def add(parent, name, text):
    """Append an element with a text; nothing where the text is empty."""
    if text:
        ET.SubElement(parent, name).text = text
