"""Log lines: `2024-05-01T12:00:00 LEVEL message`."""

import re
from dataclasses import dataclass
from datetime import datetime

LEVELS = ("debug", "info", "warning", "error")
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) ([A-Z]+) (.*)")


@dataclass(frozen=True)
class Line:
    time: datetime
    level: str
    message: str
    text: str


def parse(text):
    """Return the line, or None for a text that is none."""
    match = LINE.fullmatch(text.rstrip("\n"))
    if match is None or match[2].lower() not in LEVELS:
        return None
    return Line(datetime.fromisoformat(match[1]), match[2].lower(), match[3], text.rstrip("\n"))


def parse_time(text):
    """Return the instant of `2024-05-01` or `2024-05-01T12:00:00`; raises ValueError."""
    return datetime.fromisoformat(text)


def select(lines, since=None, until=None, level="debug", patterns=(), invert=False):
    """Yield the lines inside the half-open interval, at least of the level, that match a pattern if there are any."""
    least = LEVELS.index(level)
    expressions = [re.compile(pattern) for pattern in patterns]
    for line in lines:
        wanted = (
            (since is None or line.time >= since)
            and (until is None or line.time < until)
            and LEVELS.index(line.level) >= least
            and (not expressions or any(expression.search(line.message) for expression in expressions))
        )
        if wanted != invert:
            yield line
