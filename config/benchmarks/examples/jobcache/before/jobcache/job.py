"""One finished job."""

from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True)
class Job:
    """A finished job: what was called, when, and what came out.

    `args` is a tuple, `tags` a frozenset, `output` bytes; they come back as such.
    """

    name: str
    args: tuple = ()
    options: dict = field(default_factory=dict)
    tags: frozenset = frozenset()
    finished: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    output: bytes = b""
    seconds: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "args", tuple(self.args))
        object.__setattr__(self, "tags", frozenset(self.tags))

    def matches(self, *tags):
        return set(tags) <= self.tags
