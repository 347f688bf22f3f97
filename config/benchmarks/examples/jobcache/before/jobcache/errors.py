"""What can go wrong with a store."""


class CacheError(Exception):
    """Any trouble with the store."""


class MissingEntry(CacheError, KeyError):
    """No job of that name was stored."""


class CorruptEntry(CacheError):
    """The entry is there and cannot be read; `name` says which."""

    def __init__(self, name, why):
        super().__init__(f"{name}: {why}")
        self.name = name


class UnstorableJob(CacheError, TypeError):
    """The job holds something that cannot be stored."""
