from feedshelf import Entry, Feed, read_feed, write_feed

FEED = Feed(
    "Tea & co",
    link="http://example.org/?a=1&b=2",
    language="de",
    entries=(
        Entry("<One>", link="http://example.org/1", guid="g", summary='say "hi"', categories=("a", "b"), enclosure="u"),
        Entry("Zwei ü"),
    ),
)


def test_a_feed_comes_back():
    assert read_feed(write_feed(FEED)) == FEED


def test_the_document_is_bytes_with_a_declaration():
    document = write_feed(FEED)
    assert isinstance(document, bytes)
    assert document.startswith(b"<?xml version=")
    assert b"encoding=" in document.split(b"?>")[0]


def test_letters_are_utf_8():
    assert "Zwei ü".encode("utf-8") in write_feed(FEED)


def test_markup_is_escaped():
    assert b"<title>&lt;One&gt;</title>" in write_feed(FEED)


def test_empty_fields_are_left_out():
    document = write_feed(Feed("t", entries=(Entry("x"),)))
    for name in (b"<link", b"<language", b"<guid", b"<description", b"<category", b"<enclosure"):
        assert name not in document


def test_categories_keep_their_order():
    document = write_feed(FEED)
    assert document.index(b"<category>a<") < document.index(b"<category>b<")


def test_a_feed_without_entries():
    assert read_feed(write_feed(Feed("t"))) == Feed("t")


def test_an_ampersand_in_an_attribute():
    feed = Feed("t", entries=(Entry("x", enclosure='http://e/?a=1&b="2"'),))
    assert read_feed(write_feed(feed)) == feed
