"""Counting and ordering of words; knows nothing of files or options."""

import re
from collections import Counter

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class EmptyTally(ValueError):
    """Raised when a summary is asked of a text without words."""


def words(text, ignore_case=False):
    """Yield the words of a text in their order."""
    if ignore_case:
        text = text.lower()
    for match in WORD.finditer(text):
        yield match.group()


def tally(texts, ignore_case=False, min_length=1, exclude=()):
    """Count the words of several texts together."""
    unwanted = {word.lower() if ignore_case else word for word in exclude}
    counts = Counter()
    for text in texts:
        for word in words(text, ignore_case):
            if len(word) >= min_length and word not in unwanted:
                counts[word] += 1
    return counts


def ranking(counts, top=None):
    """Return (word, count) pairs, most frequent first, ties by word."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ordered if top is None else ordered[:top]


def share(counts, word):
    """Return the share of a word among all words, between 0 and 1."""
    total = sum(counts.values())
    if total == 0:
        raise EmptyTally("no words were counted")
    return counts.get(word, 0) / total
