"""Damage that the store must tell from a good entry, and content that must survive unchanged."""

from datetime import datetime, timezone

import pytest

from jobcache import CorruptEntry, Job, JobStore, UnstorableJob
from jobcache.names import file_name

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def store(tmp_path):
    store = JobStore(tmp_path)
    store.put(Job("a", finished=NOON, output=b"out"))
    return store


@pytest.mark.parametrize("content", [b"\xff\xfe\xfd", b"\x80", b"no job at all", b"\x00" * 20])
def test_foreign_bytes_are_corrupt(store, content):
    (store.folder / file_name("a")).write_bytes(content)
    with pytest.raises(CorruptEntry):
        store.get("a")
    assert store.corrupt() == ["a"]


def test_an_entry_under_another_name_is_corrupt(store):
    (store.folder / file_name("a")).rename(store.folder / file_name("b"))
    with pytest.raises(CorruptEntry, match="not this job"):
        store.get("b")


def test_a_failed_put_keeps_the_earlier_job(store):
    with pytest.raises(UnstorableJob):
        store.put(Job("a", options={"call": lambda: None}))
    assert store.get("a").output == b"out"
    assert [path.name for path in store.folder.iterdir()] == [file_name("a")]


def test_letters_of_any_script(store):
    store.put(Job("日本", args=("naïve", "🎉", 'quote " and \\'), finished=NOON))
    assert store.get("日本").args == ("naïve", "🎉", 'quote " and \\')


def test_numbers_keep_their_kind(store):
    store.put(Job("n", args=(1, 1.0, 10**30), finished=NOON))
    kinds = [type(value) for value in store.get("n").args]
    assert kinds == [int, float, int]


def test_long_output(store):
    store.put(Job("long", output=bytes(100_000), finished=NOON))
    assert len(store.get("long").output) == 100_000


def test_line_ends_in_output_are_kept(store):
    store.put(Job("l", output=b"a\r\nb\rc\n", finished=NOON))
    assert store.get("l").output == b"a\r\nb\rc\n"
