"""A pytest plug-in under which each test is called in a child process: what it does to the process is gone after it.

`install({})` before pytest is imported. Fixtures are still set up in the one process that all tests share.

Works with pytest 4.6 to 8 on Python 2.7 and 3.6 and newer.
"""

import os
import signal
import sys
import traceback

PLUGINS = 'PYTEST_PLUGINS'
PASSED, FAILED, SKIPPED, EXPECTED = 0, 1, 2, 3
LONGEST = 4000


def install(options):
    known = os.environ.get(PLUGINS)
    os.environ[PLUGINS] = __name__ if not known else known + ',' + __name__


def pytest_configure(config):
    # pytest has read it; child processes of tests have no such plug-in
    os.environ.pop(PLUGINS, None)


def pytest_runtest_call(item):
    """Called in the place of what follows: `runtest` of this one item runs in a child."""
    run = item.runtest
    item.runtest = lambda: _in_child(item, run)


# what pytest.hookimpl would leave there: pytest itself is not to be imported yet
pytest_runtest_call.pytest_impl = {'tryfirst': True}


def _in_child(item, run):
    import pytest

    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code, words = FAILED, ''
        try:
            os.close(reader)
            code, words = _outcome(item, run)
            os.write(writer, words.encode('utf-8', 'replace')[-LONGEST:])
        finally:
            os._exit(code)
    os.close(writer)
    try:
        words = _read(reader)
        _, status = os.waitpid(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(reader)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else FAILED
    if code == SKIPPED:
        pytest.skip(words)
    if code == EXPECTED:
        pytest.xfail(words)
    if code != PASSED:
        pytest.fail('alone: ' + (words or 'the process ended with status %d' % status), pytrace=False)


def _outcome(item, run):
    import pytest

    try:
        run()
    except pytest.skip.Exception as error:
        return SKIPPED, str(error)
    except pytest.xfail.Exception as error:
        return EXPECTED, str(error)
    except BaseException:
        return FAILED, traceback.format_exc()
    # unittest's tests keep what went wrong to themselves
    kept = getattr(item, '_excinfo', None)
    if kept:
        error = kept[0].value
        skipped = isinstance(error, pytest.skip.Exception)
        return SKIPPED if skipped else FAILED, '%s: %s' % (error.__class__.__name__, error)
    return PASSED, ''


def _read(descriptor):
    pieces = []
    while True:
        piece = os.read(descriptor, 65536)
        if not piece:
            return b''.join(pieces).decode('utf-8', 'replace')
        pieces.append(piece)
