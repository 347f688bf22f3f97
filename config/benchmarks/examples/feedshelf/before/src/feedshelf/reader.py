"""From a document to a feed."""

from xml.dom import minidom
from xml.parsers.expat import ExpatError

from .errors import FeedError
from .model import Entry, Feed


def read_feed(document):
    """Return the feed of an RSS 2.0 document, given as text or bytes."""
    try:
        tree = minidom.parseString(document)
    except ExpatError as error:
        raise FeedError(f"not well-formed: {error}", line=error.lineno) from error
    root = tree.documentElement
    if root.tagName != "rss":
        raise FeedError(f"a feed begins with rss, not {root.tagName}")
    if root.getAttribute("version") != "2.0":
        raise FeedError(f"version 2.0 is read, not {root.getAttribute('version') or 'none'}")
    channels = children(root, "channel")
    if not channels:
        raise FeedError("the feed has no channel")
    channel = channels[0]
    return Feed(
        title=text_of(channel, "title"),
        link=text_of(channel, "link"),
        language=text_of(channel, "language"),
        entries=tuple(read_entry(item) for item in children(channel, "item")),
    )


def read_entry(item):
    enclosures = children(item, "enclosure")
    return Entry(
        title=text_of(item, "title"),
        link=text_of(item, "link"),
        guid=text_of(item, "guid"),
        summary=text_of(item, "description"),
        categories=tuple(content(node) for node in children(item, "category") if content(node)),
        enclosure=enclosures[0].getAttribute("url") if enclosures else "",
    )


def children(parent, name):
    """Return the elements of a name directly below another."""
    return [
        node for node in parent.childNodes if node.nodeType == minidom.Node.ELEMENT_NODE and node.tagName == name
    ]


def text_of(parent, name):
    """Return the text of the first child of a name; empty where there is none."""
    nodes = children(parent, name)
    return content(nodes[0]) if nodes else ""


def content(node):
    """Return the text directly in an element, without the blanks around it."""
    kinds = (minidom.Node.TEXT_NODE, minidom.Node.CDATA_SECTION_NODE)
    return "".join(child.data for child in node.childNodes if child.nodeType in kinds).strip()
