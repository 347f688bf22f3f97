import pytest

from feedshelf import FeedError, read_feed

FEED = """<?xml version="1.0"?>
<rss version="2.0">
  <channel>
    <title> News &amp; more </title>
    <link>http://example.org/</link>
    <language>en</language>
    <image><title>not the feed's</title></image>
    <item>
      <title>First</title>
      <link>http://example.org/1</link>
      <guid>g1</guid>
      <description><![CDATA[<b>bold</b> & plain]]></description>
      <category>tea</category><category> coffee </category><category/>
      <enclosure url="http://example.org/1.mp3" length="5"/>
    </item>
    <item><title>Second</title></item>
  </channel>
</rss>
"""


@pytest.fixture
def feed():
    return read_feed(FEED)


def test_channel(feed):
    assert (feed.title, feed.link, feed.language) == ("News & more", "http://example.org/", "en")


def test_items_in_order(feed):
    assert [entry.title for entry in feed.entries] == ["First", "Second"]


def test_item_fields(feed):
    entry = feed.entries[0]
    assert (entry.link, entry.guid) == ("http://example.org/1", "g1")


def test_cdata_is_text(feed):
    assert feed.entries[0].summary == "<b>bold</b> & plain"


def test_categories_without_blanks_and_empty_ones(feed):
    assert feed.entries[0].categories == ("tea", "coffee")


def test_enclosure(feed):
    assert feed.entries[0].enclosure == "http://example.org/1.mp3"


def test_what_is_absent_is_an_empty_text(feed):
    entry = feed.entries[1]
    assert (entry.link, entry.guid, entry.summary, entry.enclosure) == ("", "", "", "")
    assert entry.categories == ()


def test_an_empty_element_is_an_empty_text():
    assert read_feed('<rss version="2.0"><channel><title/></channel></rss>').title == ""


def test_an_enclosure_without_address():
    feed = read_feed('<rss version="2.0"><channel><item><enclosure/></item></channel></rss>')
    assert feed.entries[0].enclosure == ""


def test_titles_deeper_down_do_not_count():
    feed = read_feed('<rss version="2.0"><channel><image><title>x</title></image></channel></rss>')
    assert feed.title == ""


def test_bytes_with_their_own_encoding():
    document = '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>é</title></channel></rss>'
    assert read_feed(document.encode("iso-8859-1")).title == "é"


def test_comments_are_no_text():
    assert read_feed('<rss version="2.0"><channel><title>a<!-- x -->b</title></channel></rss>').title == "ab"


def test_not_well_formed_names_the_line():
    with pytest.raises(FeedError, match="not well-formed") as error:
        read_feed("<rss>\n<channel>\n</rss>")
    assert error.value.line == 3


def test_empty_document():
    with pytest.raises(FeedError):
        read_feed("")


def test_another_document():
    with pytest.raises(FeedError, match="not html"):
        read_feed("<html/>")


def test_another_version():
    with pytest.raises(FeedError, match="not 0.91"):
        read_feed('<rss version="0.91"/>')


def test_no_version():
    with pytest.raises(FeedError, match="not none"):
        read_feed("<rss/>")


def test_no_channel():
    with pytest.raises(FeedError, match="no channel"):
        read_feed('<rss version="2.0"/>')


def test_feed_error_is_a_value_error():
    assert issubclass(FeedError, ValueError)
