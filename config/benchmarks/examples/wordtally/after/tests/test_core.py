import pytest

from wordtally.core import EmptyTally, ranking, share, tally, words
from wordtally.formats import as_csv, as_json, as_text


def test_words_are_split_at_everything_that_is_no_letter():
    assert list(words("One, two; three_4!")) == ["One", "two", "three"]


def test_apostrophes_and_hyphens_hold_words_together():
    assert list(words("don't well-known -x-")) == ["don't", "well-known", "x"]


def test_case_is_kept_unless_asked():
    assert list(words("Tea tea")) == ["Tea", "tea"]
    assert list(words("Tea tea", ignore_case=True)) == ["tea", "tea"]


def test_texts_are_counted_together():
    assert tally(["a b", "b c"]) == {"a": 1, "b": 2, "c": 1}


def test_short_words_are_left_out():
    assert tally(["a bb ccc"], min_length=2) == {"bb": 1, "ccc": 1}


def test_excluded_words_follow_the_case_rule():
    assert tally(["The the"], exclude=["the"]) == {"The": 1}
    assert tally(["The the end"], ignore_case=True, exclude=["The"]) == {"end": 1}


def test_ties_are_ordered_by_word():
    assert ranking({"b": 1, "a": 1, "c": 2}) == [("c", 2), ("a", 1), ("b", 1)]


def test_ranking_can_be_cut():
    assert ranking({"b": 1, "a": 3}, top=1) == [("a", 3)]


def test_share_of_a_word():
    assert share({"a": 1, "b": 3}, "b") == 0.75
    assert share({"a": 1}, "z") == 0


def test_share_of_nothing_is_an_error():
    with pytest.raises(EmptyTally):
        share({}, "a")


def test_text_is_aligned():
    assert as_text([("a", 10), ("b", 2)]) == "10 a\n 2 b\n"


def test_csv_has_a_head_and_quotes():
    assert as_csv([("a,b", 1)]) == 'word,count\n"a,b",1\n'


def test_json_keeps_letters_as_they_are():
    assert as_json([("é", 1)]) == '{\n  "é": 1\n}\n'
