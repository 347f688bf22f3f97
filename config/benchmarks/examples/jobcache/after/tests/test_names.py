import pytest

from jobcache.names import file_name, job_name


@pytest.mark.parametrize("name", ["a", "a/b", "..", "x.job", "ü", "%41", " "])
def test_names_go_both_ways(name):
    assert job_name(file_name(name)) == name


def test_file_names_are_safe():
    assert "/" not in file_name("a/b") and not file_name("..").startswith(".")
