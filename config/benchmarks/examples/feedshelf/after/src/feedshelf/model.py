"""Feeds and entries; knows nothing of documents."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Entry:
    title: str
    link: str = ""
    guid: str = ""
    summary: str = ""
    categories: tuple = ()
    enclosure: str = ""

    @property
    def key(self):
        """What makes two entries the same one."""
        return self.guid or self.link or self.title


@dataclass(frozen=True)
class Feed:
    title: str
    link: str = ""
    language: str = ""
    entries: tuple = field(default=())

    def in_category(self, name):
        """Return the feed with only the entries of a category."""
        return replace(self, entries=tuple(entry for entry in self.entries if name in entry.categories))

    def merged(self, other):
        """Return this feed with the other one's new entries behind its own."""
        known = {entry.key for entry in self.entries}
        new = []
        for entry in other.entries:
            if entry.key not in known:
                known.add(entry.key)
                new.append(entry)
        return replace(self, entries=self.entries + tuple(new))
