"""Reads, filters, merges and writes RSS feeds."""

from .errors import FeedError
from .model import Entry, Feed
from .opml import read_opml, write_opml
from .reader import read_feed
from .writer import write_feed

__all__ = ["Entry", "Feed", "FeedError", "read_feed", "read_opml", "write_feed", "write_opml"]
