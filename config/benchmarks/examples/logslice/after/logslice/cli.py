"""Command line of logslice: 0 lines found, 1 none found, 2 wrong usage or unreadable file."""

import re
import sys
from itertools import islice

from .lines import parse, select
from .settings import Done, UsageError, read_settings


def read_lines(files):
    for name in files:
        if name == "-":
            yield from filter(None, map(parse, sys.stdin))
        else:
            with open(name, encoding="utf-8", errors="replace") as stream:
                yield from filter(None, map(parse, stream))


def main(argv):
    try:
        settings = read_settings(argv)
        found = select(
            read_lines(settings.files),
            settings.since,
            settings.until,
            settings.level,
            settings.patterns,
            settings.invert,
        )
        lines = list(islice(found, settings.max or None))
    except Done as done:
        sys.stdout.write(done.text)
        return 0
    except UsageError as error:
        sys.stderr.write(f"logslice: {error}\n")
        return 2
    except re.error as error:
        sys.stderr.write(f"logslice: {error.pattern}: {error.msg}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"logslice: {error.filename}: {error.strerror}\n")
        return 2
    if settings.count:
        sys.stdout.write(f"{len(lines)}\n")
    else:
        sys.stdout.writelines(line.text + "\n" for line in lines)
    return 0 if lines else 1
