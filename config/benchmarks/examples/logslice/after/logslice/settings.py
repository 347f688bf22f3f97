"""What the command line says."""

import argparse

from . import __version__
from .lines import LEVELS, parse_time


class Done(Exception):
    """Nothing is left to do; `text` is for the terminal."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


class UsageError(Exception):
    """The command line makes no sense."""


class Parser(argparse.ArgumentParser):
    """Raises instead of ending the process."""

    def error(self, message):
        raise UsageError(message)


class Finish(argparse.Action):
    """Ends reading with a text: of help where there is no `const`."""

    def __call__(self, parser, namespace, values, option_string=None):
        raise Done(self.const or parser.format_help())


def build_parser():
    parser = Parser(prog="logslice", add_help=False)
    parser.add_argument("files", nargs="*", metavar="FILE", default=[])
    parser.add_argument("-s", "--since", type=time_of, metavar="TIME", help="lines at or after TIME")
    parser.add_argument("-u", "--until", type=time_of, metavar="TIME", help="lines before TIME")
    parser.add_argument("-l", "--level", choices=LEVELS, default="debug", help="lines of at least LEVEL")
    parser.add_argument(
        "-e",
        "--expression",
        action="append",
        default=[],
        dest="patterns",
        metavar="RE",
        help="lines whose message matches RE; may be repeated",
    )
    parser.add_argument("-v", "--invert", action="store_true", help="the other lines")
    parser.add_argument("-c", "--count", action="store_true", help="print the number of lines alone")
    parser.add_argument("-m", "--max", type=number_of, default=0, metavar="N", help="stop after N lines")
    parser.add_argument("-h", "--help", action=Finish, nargs=0, help="this text")
    parser.add_argument("-V", "--version", action=Finish, nargs=0, const=f"logslice {__version__}\n", help="the version")
    return parser


def read_settings(argv):
    """Return the settings of a command line; raises UsageError, or Done after help and version."""
    cut = argv.index("--") if "--" in argv else len(argv)
    settings = build_parser().parse_intermixed_args(argv[:cut])
    settings.files = [*settings.files, *argv[cut + 1 :]] or ["-"]
    return settings


def time_of(value):
    try:
        return parse_time(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value} is no time") from None


def number_of(value):
    if not value.isdigit() or int(value) == 0:
        raise argparse.ArgumentTypeError(f"{value} is no positive number")
    return int(value)
