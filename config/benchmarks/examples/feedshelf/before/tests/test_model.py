from feedshelf import Entry, Feed


def test_key_is_guid_then_link_then_title():
    assert Entry("t", link="l", guid="g").key == "g"
    assert Entry("t", link="l").key == "l"
    assert Entry("t").key == "t"


def test_category_filter():
    feed = Feed("f", entries=(Entry("a", categories=("x",)), Entry("b")))
    assert [entry.title for entry in feed.in_category("x").entries] == ["a"]


def test_merge_keeps_the_first_of_two():
    one = Feed("f", entries=(Entry("a", guid="1"),))
    two = Feed("g", entries=(Entry("again", guid="1"), Entry("b", guid="2"), Entry("c", guid="2")))
    assert [entry.title for entry in one.merged(two).entries] == ["a", "b"]
