"""From a feed to a document."""

from xml.dom.minidom import Document


def write_feed(feed):
    """Return the RSS 2.0 document of a feed as UTF-8 bytes with an XML declaration."""
    document = Document()
    root = document.createElement("rss")
    root.setAttribute("version", "2.0")
    document.appendChild(root)
    channel = document.createElement("channel")
    root.appendChild(channel)
    add(document, channel, "title", feed.title)
    add(document, channel, "link", feed.link)
    add(document, channel, "language", feed.language)
    for entry in feed.entries:
        channel.appendChild(item_of(document, entry))
    return document.toxml(encoding="utf-8")


def item_of(document, entry):
    item = document.createElement("item")
    add(document, item, "title", entry.title)
    add(document, item, "link", entry.link)
    add(document, item, "guid", entry.guid)
    add(document, item, "description", entry.summary)
    for category in entry.categories:
        add(document, item, "category", category)
    if entry.enclosure:
        enclosure = document.createElement("enclosure")
        enclosure.setAttribute("url", entry.enclosure)
        item.appendChild(enclosure)
    return item


def add(document, parent, name, text):
    """Append an element with a text; nothing where the text is empty."""
    if text:
        node = document.createElement(name)
        node.appendChild(document.createTextNode(text))
        parent.appendChild(node)
