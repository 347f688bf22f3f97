"""From a document to a feed."""

import xml.etree.ElementTree as ET

from .errors import FeedError
from .model import Entry, Feed


def read_feed(document):
    """Return the feed of an RSS 2.0 document, given as text or bytes."""
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        raise FeedError(f"not well-formed: {error}", line=error.position[0]) from error
    if root.tag != "rss":
        raise FeedError(f"a feed begins with rss, not {root.tag}")
    if root.get("version") != "2.0":
        raise FeedError(f"version 2.0 is read, not {root.get('version') or 'none'}")
    channel = root.find("channel")
    if channel is None:
        raise FeedError("the feed has no channel")
    return Feed(
        title=text_of(channel, "title"),
        link=text_of(channel, "link"),
        language=text_of(channel, "language"),
        entries=tuple(read_entry(item) for item in channel.findall("item")),
    )


def read_entry(item):
    enclosure = item.find("enclosure")
    return Entry(
        title=text_of(item, "title"),
        link=text_of(item, "link"),
        guid=text_of(item, "guid"),
        summary=text_of(item, "description"),
        categories=tuple(content(node) for node in item.findall("category") if content(node)),
        enclosure=enclosure.get("url", "") if enclosure is not None else "",
    )


def text_of(parent, name):
    """Return the text of the first child of a name; empty where there is none."""
    node = parent.find(name)
    return content(node) if node is not None else ""


def content(node):
    """Return the text directly in an element, without the blanks around it."""
    return "".join([node.text or "", *(child.tail or "" for child in node)]).strip()
