"""Lists of subscriptions (OPML)."""

import xml.etree.ElementTree as ET

from .errors import FeedError


def read_opml(document):
    """Return {title: address} of every outline with an address, at any depth, in order."""
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        raise FeedError(f"not well-formed: {error}", line=error.position[0]) from error
    if root.tag != "opml":
        raise FeedError("a list of subscriptions begins with opml")
    found = {}
    for outline in root.iter("outline"):
        address = outline.get("xmlUrl")
        if address is not None:
            found[outline.get("title") or outline.get("text") or address] = address
    return found


def write_opml(subscriptions):
    """Return the document of {title: address} as text without a declaration."""
    root = ET.Element("opml", version="2.0")
    body = ET.SubElement(root, "body")
    for title, address in subscriptions.items():
        ET.SubElement(body, "outline", text=title, xmlUrl=address)
    return ET.tostring(root, encoding="unicode")
