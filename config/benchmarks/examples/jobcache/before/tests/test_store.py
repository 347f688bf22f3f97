from datetime import datetime, timedelta, timezone

import pytest

from jobcache import CacheError, CorruptEntry, Job, JobStore, MissingEntry, UnstorableJob
from jobcache.names import file_name

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def store(tmp_path):
    return JobStore(tmp_path / "jobs")


def again(store, job):
    store.put(job)
    return store.get(job.name)


def test_the_folder_is_made(tmp_path):
    JobStore(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_job_comes_back(store):
    job = Job("build", args=("x", 1), finished=NOON, seconds=1.5)
    assert again(store, job) == job


def test_another_store_on_the_folder_sees_it(store):
    store.put(Job("build", finished=NOON))
    assert JobStore(store.folder).get("build").finished == NOON


def test_arguments_stay_a_tuple(store):
    args = again(store, Job("a", args=("x", 2.5, None, True))).args
    assert args == ("x", 2.5, None, True) and isinstance(args, tuple)


def test_tags_stay_a_frozenset(store):
    tags = again(store, Job("a", tags={"slow", "daily"})).tags
    assert tags == frozenset({"slow", "daily"}) and isinstance(tags, frozenset)


def test_options_stay_a_dictionary(store):
    assert again(store, Job("a", options={"level": 3, "deep": {"x": [1, 2]}})).options == {
        "level": 3,
        "deep": {"x": [1, 2]},
    }


def test_time_keeps_its_zone(store):
    zone = timezone(timedelta(hours=2))
    finished = again(store, Job("a", finished=NOON.astimezone(zone))).finished
    assert finished == NOON and finished.utcoffset() == timedelta(hours=2)


def test_time_keeps_microseconds(store):
    finished = NOON.replace(microsecond=123456)
    assert again(store, Job("a", finished=finished)).finished == finished


def test_time_without_zone_stays_so(store):
    finished = datetime(2024, 5, 1, 12, 0)
    assert again(store, Job("a", finished=finished)).finished.tzinfo is None


def test_output_stays_bytes(store):
    output = again(store, Job("a", output=b"plain\n")).output
    assert output == b"plain\n" and isinstance(output, bytes)


def test_output_of_any_bytes(store):
    everything = bytes(range(256))
    assert again(store, Job("a", output=everything)).output == everything


def test_empty_output(store):
    assert again(store, Job("a")).output == b""


def test_names_of_any_kind(store):
    for name in ("ü/ö", "..", "a b", "x.job", "100%"):
        store.put(Job(name, finished=NOON))
        assert store.get(name).name == name
    assert store.names() == sorted(["ü/ö", "..", "a b", "x.job", "100%"])


def test_no_name(store):
    with pytest.raises(ValueError):
        store.put(Job("", finished=NOON))


def test_a_later_job_replaces_the_earlier(store):
    store.put(Job("a", seconds=1))
    store.put(Job("a", seconds=2))
    assert store.get("a").seconds == 2
    assert store.names() == ["a"]


def test_nothing_else_is_left_in_the_folder(store):
    store.put(Job("a"))
    assert [path.name for path in store.folder.iterdir()] == [file_name("a")]


def test_missing_job(store):
    with pytest.raises(MissingEntry):
        store.get("none")
    with pytest.raises(KeyError):
        store.get("none")


def test_removed_job(store):
    store.put(Job("a"))
    store.remove("a")
    assert store.names() == []
    with pytest.raises(MissingEntry):
        store.remove("a")


def test_tags_find_jobs_oldest_first(store):
    store.put(Job("late", tags={"x"}, finished=NOON + timedelta(hours=1)))
    store.put(Job("early", tags={"x", "y"}, finished=NOON))
    store.put(Job("other", tags={"y"}, finished=NOON))
    assert [job.name for job in store.find("x")] == ["early", "late"]
    assert [job.name for job in store.find("x", "y")] == ["early"]


def test_empty_file_is_corrupt(store):
    store.put(Job("a"))
    (store.folder / file_name("a")).write_bytes(b"")
    with pytest.raises(CorruptEntry) as error:
        store.get("a")
    assert error.value.name == "a"


def test_half_a_file_is_corrupt(store):
    store.put(Job("a", output=b"x" * 100))
    path = store.folder / file_name("a")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CorruptEntry):
        store.get("a")


def test_corrupt_entries_are_passed_over(store):
    store.put(Job("good", finished=NOON))
    store.put(Job("bad", finished=NOON))
    (store.folder / file_name("bad")).write_bytes(b"")
    assert [job.name for job in store.find()] == ["good"]
    assert store.corrupt() == ["bad"]


def test_a_function_cannot_be_stored(store):
    with pytest.raises(UnstorableJob):
        store.put(Job("a", args=(lambda: None,)))
    assert store.names() == []


def test_all_errors_are_cache_errors():
    assert all(issubclass(kind, CacheError) for kind in (MissingEntry, CorruptEntry, UnstorableJob))
