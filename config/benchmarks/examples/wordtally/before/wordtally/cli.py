"""Command line of wordtally."""

import sys
from optparse import OptionParser

from . import __version__
from .core import ranking, tally
from .formats import FORMATS


def build_parser():
    parser = OptionParser(usage="%prog [options] FILE...", version="wordtally " + __version__)
    parser.add_option(
        "-n",
        "--top",
        type="int",
        default=10,
        metavar="N",
        help="show the N most frequent words (default: %default)",
    )
    parser.add_option(
        "-i", "--ignore-case", action="store_true", default=False, help="count words without regard to case"
    )
    parser.add_option(
        "-m",
        "--min-length",
        type="int",
        default=1,
        metavar="N",
        help="leave out words shorter than N letters (default: %default)",
    )
    parser.add_option(
        "-x", "--exclude", action="append", default=[], metavar="WORD", help="leave out WORD; may be repeated"
    )
    parser.add_option(
        "-f",
        "--format",
        type="choice",
        choices=sorted(FORMATS),
        default="text",
        help="csv, json or text (default: %default)",
    )
    parser.add_option("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    parser.add_option("--encoding", default="utf-8", help="encoding of the files (default: %default)")
    return parser


def read(path, encoding):
    if path == "-":
        return sys.stdin.read()
    with open(path, encoding=encoding) as stream:
        return stream.read()


def main(argv=None):
    parser = build_parser()
    options, args = parser.parse_args(argv)
    if not args:
        parser.error("no files given")
    if options.top < 1:
        parser.error("--top must be at least 1")
    try:
        texts = [read(path, options.encoding) for path in args]
    except OSError as error:
        sys.stderr.write(f"wordtally: {error.filename}: {error.strerror}\n")
        return 1
    counts = tally(texts, options.ignore_case, options.min_length, options.exclude)
    result = FORMATS[options.format](ranking(counts, options.top))
    if options.output:
        with open(options.output, "w", encoding=options.encoding) as stream:
            stream.write(result)
    else:
        sys.stdout.write(result)
    return 0
