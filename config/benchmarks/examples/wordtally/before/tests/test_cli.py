import io
import json

import pytest

from wordtally import __version__


def run(*argv):
    from wordtally.cli import main

    return main(list(argv))


@pytest.fixture
def poem(tmp_path):
    path = tmp_path / "poem.txt"
    path.write_text("The rose is red. The violet's blue.\nthe end\n", encoding="utf-8")
    return str(path)


def test_most_frequent_first(poem, capsys):
    assert run(poem) == 0
    assert capsys.readouterr().out.splitlines()[0] == "2 The"


def test_top_limits_the_list(poem, capsys):
    run("-n", "2", poem)
    assert capsys.readouterr().out == "2 The\n1 blue\n"


def test_long_option_with_equals_sign(poem, capsys):
    run("--top=1", poem)
    assert capsys.readouterr().out == "2 The\n"


def test_ignore_case(poem, capsys):
    run("-i", "-n1", poem)
    assert capsys.readouterr().out == "3 the\n"


def test_min_length(poem, capsys):
    run("--min-length", "8", poem)
    assert capsys.readouterr().out == "1 violet's\n"


def test_exclude_may_be_repeated(poem, capsys):
    run("-i", "-x", "the", "-x", "is", "-n", "1", poem)
    assert capsys.readouterr().out == "1 blue\n"


def test_exclusions_do_not_leak_into_the_next_call(poem, capsys):
    run("-x", "The", "-n", "1", poem)
    capsys.readouterr()
    run("-n", "1", poem)
    assert capsys.readouterr().out == "2 The\n"


def test_several_files_are_counted_together(poem, tmp_path, capsys):
    more = tmp_path / "more.txt"
    more.write_text("The The", encoding="utf-8")
    run("-n", "1", poem, str(more))
    assert capsys.readouterr().out == "4 The\n"


def test_json(poem, capsys):
    run("--format", "json", "-n", "1", poem)
    assert json.loads(capsys.readouterr().out) == {"The": 2}


def test_csv(poem, capsys):
    run("-f", "csv", "-n", "1", poem)
    assert capsys.readouterr().out == "word,count\nThe,2\n"


def test_output_file(poem, tmp_path, capsys):
    target = tmp_path / "out.txt"
    run("-o", str(target), "-n", "1", poem)
    assert target.read_text(encoding="utf-8") == "2 The\n"
    assert capsys.readouterr().out == ""


def test_encoding(tmp_path, capsys):
    path = tmp_path / "latin.txt"
    path.write_bytes("café".encode("latin-1"))
    run("--encoding", "latin-1", str(path))
    assert capsys.readouterr().out == "1 café\n"


def test_standard_input(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("tea tea"))
    run("-")
    assert capsys.readouterr().out == "2 tea\n"


def test_no_file_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as error:
        run()
    assert error.value.code == 2
    assert "no files given" in capsys.readouterr().err


def test_top_below_one_is_a_usage_error(poem, capsys):
    with pytest.raises(SystemExit) as error:
        run("-n", "0", poem)
    assert error.value.code == 2
    assert "at least 1" in capsys.readouterr().err


def test_a_word_where_a_number_is_due(poem):
    with pytest.raises(SystemExit) as error:
        run("--top", "many", poem)
    assert error.value.code == 2


def test_unknown_format(poem):
    with pytest.raises(SystemExit) as error:
        run("--format", "xml", poem)
    assert error.value.code == 2


def test_unknown_option(poem):
    with pytest.raises(SystemExit) as error:
        run("--shout", poem)
    assert error.value.code == 2


def test_missing_file(tmp_path, capsys):
    assert run(str(tmp_path / "none.txt")) == 1
    assert "none.txt" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as error:
        run("--version")
    assert error.value.code == 0
    assert capsys.readouterr().out == f"wordtally {__version__}\n"


def test_help_names_defaults(capsys):
    with pytest.raises(SystemExit) as error:
        run("--help")
    assert error.value.code == 0
    assert "(default: 10)" in " ".join(capsys.readouterr().out.split())
