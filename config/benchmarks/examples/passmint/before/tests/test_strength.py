import pytest

from passmint.strength import bits_of_password, bits_of_phrase, classes_of, verdict


def test_classes():
    assert classes_of("") == 0
    assert classes_of("aA1!") == 4


def test_bits():
    assert bits_of_password(8, "ab") == 8
    assert bits_of_phrase(2, ["a", "b", "c", "d"]) == 4
    assert bits_of_password(0, "ab") == 0


@pytest.mark.parametrize("bits, word", [(0, "weak"), (40, "fair"), (79.9, "good"), (80, "strong")])
def test_verdicts(bits, word):
    assert verdict(bits) == word
