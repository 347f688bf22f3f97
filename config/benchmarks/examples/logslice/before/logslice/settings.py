"""What the command line says."""

import getopt
from dataclasses import dataclass, field

from . import __version__
from .lines import LEVELS, parse_time

HELP = """usage: logslice [options] [FILE...]

  -s, --since TIME      lines at or after TIME
  -u, --until TIME      lines before TIME
  -l, --level LEVEL     lines of at least LEVEL (debug, info, warning, error)
  -e, --expression RE   lines whose message matches RE; may be repeated
  -v, --invert          the other lines
  -c, --count           print the number of lines alone
  -m, --max N           stop after N lines
  -h, --help            this text
  -V, --version         the version
"""


class Done(Exception):
    """Nothing is left to do; `text` is for the terminal."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


class UsageError(Exception):
    """The command line makes no sense."""


@dataclass
class Settings:
    since: object = None
    until: object = None
    level: str = "debug"
    patterns: list = field(default_factory=list)
    invert: bool = False
    count: bool = False
    max: int = 0
    files: list = field(default_factory=list)


def read_settings(argv):
    """Return the settings of a command line; raises UsageError, or Done after help and version."""
    try:
        options, files = getopt.gnu_getopt(
            argv,
            "s:u:l:e:vcm:hV",
            ["since=", "until=", "level=", "expression=", "invert", "count", "max=", "help", "version"],
        )
    except getopt.GetoptError as error:
        raise UsageError(str(error)) from None
    settings = Settings(files=files or ["-"])
    for name, value in options:
        if name in ("-s", "--since"):
            settings.since = time_of(name, value)
        elif name in ("-u", "--until"):
            settings.until = time_of(name, value)
        elif name in ("-l", "--level"):
            if value not in LEVELS:
                raise UsageError(f"{name}: {value} is no level")
            settings.level = value
        elif name in ("-e", "--expression"):
            settings.patterns.append(value)
        elif name in ("-v", "--invert"):
            settings.invert = True
        elif name in ("-c", "--count"):
            settings.count = True
        elif name in ("-m", "--max"):
            settings.max = number_of(name, value)
        elif name in ("-h", "--help"):
            raise Done(HELP)
        elif name in ("-V", "--version"):
            raise Done(f"logslice {__version__}\n")
    return settings


def time_of(name, value):
    try:
        return parse_time(value)
    except ValueError:
        raise UsageError(f"{name}: {value} is no time") from None


def number_of(name, value):
    if not value.isdigit() or int(value) == 0:
        raise UsageError(f"{name}: {value} is no positive number")
    return int(value)
