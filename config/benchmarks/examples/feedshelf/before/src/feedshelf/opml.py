"""Lists of subscriptions (OPML)."""

from xml.dom import minidom
from xml.parsers.expat import ExpatError

from .errors import FeedError


def read_opml(document):
    """Return {title: address} of every outline with an address, at any depth, in order."""
    try:
        tree = minidom.parseString(document)
    except ExpatError as error:
        raise FeedError(f"not well-formed: {error}", line=error.lineno) from error
    if tree.documentElement.tagName != "opml":
        raise FeedError("a list of subscriptions begins with opml")
    found = {}
    for outline in tree.getElementsByTagName("outline"):
        if outline.hasAttribute("xmlUrl"):
            title = outline.getAttribute("title") or outline.getAttribute("text") or outline.getAttribute("xmlUrl")
            found[title] = outline.getAttribute("xmlUrl")
    return found


def write_opml(subscriptions):
    """Return the document of {title: address} as text without a declaration."""
    document = minidom.Document()
    root = document.createElement("opml")
    root.setAttribute("version", "2.0")
    document.appendChild(root)
    body = document.createElement("body")
    root.appendChild(body)
    for title, address in subscriptions.items():
        outline = document.createElement("outline")
        outline.setAttribute("text", title)
        outline.setAttribute("xmlUrl", address)
        body.appendChild(outline)
    return root.toxml()
