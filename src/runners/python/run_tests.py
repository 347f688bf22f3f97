"""Runs pytest on a tree and writes what happens to standard output, a line an event.

Usage: run_tests.py SETTINGS, a JSON file: {root, cwd, args, ids, ignore, seed, testSeconds, fileSeconds,
watched}. Whatever tests print goes to standard error.
"""

import fcntl
import json
import os
import sys


def main():
    with open(sys.argv[1]) as source:
        settings = json.load(source)
    nonce = os.environ.pop('MIG_NONCE')
    descriptor = fcntl.fcntl(1, fcntl.F_DUPFD, 100)
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
    os.dup2(2, 1)

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or '.') != here]
    sys.path.insert(0, here)
    import mig_lines
    import mig_results
    import pytest

    # the folder of `python -m` comes first, as it does for developers who start pytest so
    sys.path[0] = os.getcwd()
    channel = mig_results.Channel(descriptor, nonce)
    channel.send(event='ready', python='%d.%d.%d' % sys.version_info[:3], pytest=pytest.__version__)
    lines = None
    if settings['watched'] is not None:
        lines = mig_lines.Lines(settings['root'], settings['watched'])
        lines.start()
    args = [arg if sys.version_info[0] > 2 else arg.encode('utf-8') for arg in settings['args']]
    sys.argv[:] = ['pytest'] + args
    try:
        code = int(pytest.main(args, plugins=[mig_results.Results(channel, settings, lines)]))
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    channel.send(event='finished', code=code)
    sys.stderr.flush()
    # threads and exit handlers that tests left behind could keep the process for ever
    os._exit(code)


if __name__ == '__main__':
    main()
