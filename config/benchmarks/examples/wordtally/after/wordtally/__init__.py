"""Counts words in text files."""

__version__ = "1.2"
