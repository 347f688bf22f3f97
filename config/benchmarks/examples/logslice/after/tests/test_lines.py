from datetime import datetime

import pytest

from logslice.lines import parse, parse_time, select

TEXTS = [
    "2024-05-01T10:00:00 INFO started",
    "2024-05-01T11:00:00 WARNING disk is 90 % full",
    "2024-05-01T12:00:00 ERROR disk is full",
]
LINES = [parse(text) for text in TEXTS]


def test_a_line_has_its_parts():
    line = LINES[1]
    assert (line.time, line.level, line.message) == (datetime(2024, 5, 1, 11), "warning", "disk is 90 % full")


@pytest.mark.parametrize("text", ["", "hello", "2024-05-01T10:00:00 SHOUT x", "2024-05-01 INFO x"])
def test_other_texts_are_no_lines(text):
    assert parse(text) is None


def test_a_day_is_its_beginning():
    assert parse_time("2024-05-01") == datetime(2024, 5, 1)


def test_the_interval_is_half_open():
    found = select(LINES, since=datetime(2024, 5, 1, 11), until=datetime(2024, 5, 1, 12))
    assert list(found) == [LINES[1]]


def test_a_level_includes_the_higher_ones():
    assert list(select(LINES, level="warning")) == LINES[1:]


def test_one_of_several_patterns_suffices():
    assert list(select(LINES, patterns=["^started", "90"])) == LINES[:2]


def test_inverted():
    assert list(select(LINES, level="error", invert=True)) == LINES[:2]
