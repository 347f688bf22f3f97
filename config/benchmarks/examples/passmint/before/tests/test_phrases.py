import re
from unittest import mock

import pytest

from passmint import passphrase
from passmint.phrases import WORDS


def test_words_come_from_the_list():
    assert set(passphrase(6).split("-")) <= set(WORDS)


def test_words_are_different():
    words = passphrase(40).split("-")
    assert len(set(words)) == 40


def test_separator():
    assert len(passphrase(3, separator=" ").split(" ")) == 3


def test_own_list():
    assert sorted(passphrase(3, words=["c", "a", "b", "a"]).split("-")) == ["a", "b", "c"]


def test_capitals():
    assert all(word[0].isupper() for word in passphrase(4, capitals=True).split("-"))


def test_number_at_the_end():
    for _ in range(50):
        assert re.fullmatch(r"[a-z]+-[a-z]+-\d{1,2}", passphrase(2, number=True))


def test_every_number_can_come():
    seen = {passphrase(1, words=["x"], number=True).split("-")[1] for _ in range(5000)}
    assert "0" in seen and "99" in seen and "100" not in seen


def test_order_of_words_changes():
    assert len({passphrase(3, words=["a", "b", "c"]) for _ in range(200)}) == 6


def test_no_word():
    with pytest.raises(ValueError, match="at least one"):
        passphrase(0)


def test_more_words_than_there_are():
    with pytest.raises(ValueError, match="3 different words out of 2"):
        passphrase(3, words=["a", "b"])


def test_words_are_sampled():
    with mock.patch("passmint.phrases.random.sample", return_value=["oak", "rain"]):
        assert passphrase(2) == "oak-rain"
