"""How hard a secret is to guess; no secrets are made here."""

import math
import string

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)


def classes_of(text):
    """Return how many kinds of characters a text uses."""
    return sum(any(char in group for char in text) for group in CLASSES)


def bits_of_password(length, alphabet):
    return length * math.log2(len(set(alphabet))) if length else 0.0


def bits_of_phrase(count, words):
    return count * math.log2(len(set(words))) if count else 0.0


def verdict(bits):
    for limit, word in ((40, "weak"), (60, "fair"), (80, "good")):
        if bits < limit:
            return word
    return "strong"
