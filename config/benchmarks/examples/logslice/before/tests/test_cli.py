import io

import pytest

LOG = """2024-05-01T10:00:00 INFO started
no line at all
2024-05-01T11:00:00 WARNING disk is 90 % full
2024-05-01T12:00:00 ERROR disk is full
2024-05-02T09:00:00 DEBUG -x marks
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text(LOG, encoding="utf-8")
    return str(path)


@pytest.fixture
def run(capsys):
    from logslice.cli import main

    def call(*argv):
        code = main(list(argv))
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def hours(text):
    return [line[11:13] for line in text.splitlines()]


def test_all_lines(run, log):
    code, out, _ = run(log)
    assert code == 0 and hours(out) == ["10", "11", "12", "09"]


def test_lines_are_printed_as_they_are(run, log):
    assert run("-l", "error", log)[1] == "2024-05-01T12:00:00 ERROR disk is full\n"


def test_since_and_until(run, log):
    assert hours(run("-s", "2024-05-01T11:00:00", "-u", "2024-05-02", log)[1]) == ["11", "12"]


def test_long_options(run, log):
    assert hours(run("--since=2024-05-01T12:00:00", "--level", "info", log)[1]) == ["12"]


def test_options_may_follow_files(run, log):
    assert hours(run(log, "-l", "error")[1]) == ["12"]


def test_files_may_stand_on_both_sides_of_an_option(run, log):
    assert run(log, "-c", log)[1] == "8\n"


def test_short_options_may_be_joined(run, log):
    assert run("-vcl", "error", log)[1] == "3\n"


def test_a_value_may_touch_its_option(run, log):
    assert run("-m2", "-c", log)[1] == "2\n"


def test_expressions_add_up(run, log):
    assert hours(run("-e", "started", "-e", "9. %", log)[1]) == ["10", "11"]


def test_an_expression_may_begin_with_a_dash(run, log):
    assert hours(run("--expression=-x", log)[1]) == ["09"]


def test_an_expression_may_hold_an_equals_sign(run, log):
    assert run("--expression=a=b", log)[0] == 1


def test_long_options_may_be_shortened(run, log):
    assert run("--cou", "--lev=error", log)[1] == "1\n"


def test_the_last_of_two_wins(run, log):
    assert run("-l", "debug", "-l", "error", "-c", log)[1] == "1\n"


def test_everything_after_two_dashes_is_a_file(run, log):
    code, _, err = run("--", "-c")
    assert code == 2 and "-c" in err


def test_invert(run, log):
    assert hours(run("-v", "-e", "disk", log)[1]) == ["10", "09"]


def test_max(run, log):
    assert hours(run("--max", "1", log)[1]) == ["10"]


def test_nothing_found(run, log):
    assert run("-e", "nowhere", log) == (1, "", "")


def test_count_of_nothing(run, log):
    assert run("-c", "-e", "nowhere", log)[:2] == (1, "0\n")


def test_standard_input_without_a_file(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(LOG))
    assert run("-c")[1] == "4\n"


def test_standard_input_by_name(run, log, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(LOG))
    assert run("-c", "-", log)[1] == "8\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["-x"],
        ["--nowhere"],
        ["-s"],
        ["-s", "noon"],
        ["-l", "loud"],
        ["-m", "0"],
        ["-m", "-3"],
        ["-m", "many"],
        ["--count=3"],
        ["-e", "("],
    ],
)
def test_wrong_usage_is_answered_in_one_line(run, log, argv):
    code, out, err = run(*argv, log) if argv != ["-s"] else run(*argv)
    assert code == 2 and out == ""
    assert err.startswith("logslice: ") and err.count("\n") == 1


def test_a_missing_file(run, tmp_path):
    code, _, err = run(str(tmp_path / "none.log"))
    assert code == 2 and "none.log" in err


def test_help(run):
    code, out, _ = run("--help")
    assert code == 0
    for option in ("--since", "--until", "--level", "--expression", "--invert", "--count", "--max"):
        assert option in out


def test_version(run):
    assert run("-V")[:2] == (0, "logslice 1.0\n")
