import pytest

from feedshelf import FeedError, read_opml, write_opml

LIST = """<opml version="2.0"><body>
<outline text="Folder">
  <outline text="A" title="Alpha" xmlUrl="http://a/"/>
  <outline text="B" xmlUrl="http://b/"/>
</outline>
<outline xmlUrl="http://c/"/>
</body></opml>"""


def test_outlines_at_any_depth_in_order():
    assert list(read_opml(LIST).values()) == ["http://a/", "http://b/", "http://c/"]


def test_title_then_text_then_address():
    assert list(read_opml(LIST)) == ["Alpha", "B", "http://c/"]


def test_an_empty_address_is_an_address():
    assert read_opml('<opml><body><outline text="x" xmlUrl=""/></body></opml>') == {"x": ""}


def test_a_list_comes_back():
    subscriptions = {"Tea & co": "http://t/?a=1&b=2", "ü": "http://u/"}
    assert read_opml(write_opml(subscriptions)) == subscriptions


def test_the_document_is_text_without_a_declaration():
    document = write_opml({"a": "http://a/"})
    assert isinstance(document, str)
    assert document.startswith('<opml version="2.0">')


def test_an_empty_list():
    assert read_opml(write_opml({})) == {}


def test_another_document():
    with pytest.raises(FeedError, match="begins with opml"):
        read_opml("<rss/>")


def test_not_well_formed_names_the_line():
    with pytest.raises(FeedError) as error:
        read_opml("<opml>\n<body>")
    assert error.value.line == 2
