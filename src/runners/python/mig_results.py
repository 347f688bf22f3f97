"""The pytest plug-in that streams what happens, a line an event, and that bounds what one test may take.

Works with pytest 4.6 to 8 on Python 2.7 and 3.6 and newer.
"""

import json
import os
import random
import re
import signal
import sys
import time

import pytest

FAILED_IMPORT = re.compile(
    r"(?:ModuleNotFoundError|ImportError): (?:No module named '?([\w.]+)'?|cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'([\w.]+)')?)"
)
LONGEST_MESSAGE = 2000


class TooLong(BaseException):
    """Not an Exception: code under test that catches those must not catch this."""


class Channel(object):
    """Writes events to a descriptor that children do not inherit; other processes than the first are mute."""

    def __init__(self, descriptor, nonce):
        self._descriptor = descriptor
        self._nonce = nonce
        self._process = os.getpid()
        self._write = os.write
        self._owner = os.getpid

    def send(self, **event):
        if self._owner() != self._process:
            return
        line = (self._nonce + ' ' + json.dumps(event, sort_keys=True) + '\n').encode('ascii')
        while line:
            line = line[self._write(self._descriptor, line) :]


def words(value):
    """Text of anything, on both Pythons."""
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')
    if sys.version_info[0] == 2:
        try:
            return unicode(value)  # noqa: F821
        except UnicodeError:
            return str(value).decode('utf-8', 'replace')
    return str(value)


def failing_import(text):
    found = None
    for found in FAILED_IMPORT.finditer(text):
        pass
    if found is None:
        return None
    return found.group(1) or (found.group(3) + '.' if found.group(3) else '') + found.group(2)


def relative(path, root):
    path = words(path)
    for base in (root, os.path.realpath(root)):
        if path.startswith(base + os.sep):
            return path[len(base) + 1 :].replace(os.sep, '/')
    return path


class Alarm(object):
    """Raises TooLong in the main thread after so many seconds, and again every second until it gets through."""

    def __init__(self):
        self.rang = False

    def _ring(self, number, frame):
        self.rang = True
        raise TooLong('took too long')

    def start(self, seconds):
        self.rang = False
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)

    def stop(self):
        signal.setitimer(signal.ITIMER_REAL, 0)


class Results(object):
    def __init__(self, channel, config, lines):
        self._channel = channel
        self._config = config
        self._lines = lines
        self._root = config['root']
        self._alarm = Alarm()
        self._reports = []
        self._done = 0
        self._total = 0

    # ---- collection

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self):
        outcome = yield
        if outcome.excinfo is not None:
            self._broken_conftest(outcome.excinfo[1])

    def _broken_conftest(self, error):
        cause = getattr(error, 'excinfo', None)
        cause = cause[1] if isinstance(cause, tuple) else getattr(cause, 'value', None) or cause or error
        text = words(type(cause).__name__) + ': ' + words(cause)
        path = getattr(error, 'path', None)
        self._collection_error(relative(path, self._root) if path is not None else '', text)

    def _collection_error(self, place, text):
        self._channel.send(
            event='collection_error', file=place, message=text[-LONGEST_MESSAGE:], failing=failing_import(text)
        )

    if int(pytest.__version__.split('.')[0]) >= 7:

        def pytest_ignore_collect(self, collection_path):
            return self._is_ignored(collection_path)

    else:

        def pytest_ignore_collect(self, path):
            return self._is_ignored(path)

    def _is_ignored(self, path):
        return True if relative(path, self._root) in self._config['ignore'] else None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector):
        if not isinstance(collector, pytest.File):
            yield
            return
        self._channel.send(event='collecting', file=words(collector.nodeid))
        self._alarm.start(self._config['fileSeconds'])
        try:
            outcome = yield
        finally:
            self._alarm.stop()
        # leaving by SystemExit or pytest.exit must not take the other files along
        if outcome.excinfo is not None and not issubclass(outcome.excinfo[0], KeyboardInterrupt):
            from _pytest.reports import CollectReport

            text = outcome.excinfo[0].__name__ + ': ' + words(outcome.excinfo[1])
            outcome.force_result(CollectReport(collector.nodeid, 'failed', text, []))

    def pytest_collectreport(self, report):
        if report.failed:
            text = words(report.longrepr)
            place = words(report.nodeid).split('::')[0]
            if place in ('', '.') or not place.endswith('.py'):
                named = re.search(r"(?:conftest '|loading conftest |ImportError while importing )([^'\n]+?\.py)", text)
                place = relative(named.group(1), self._root) if named else place
            self._collection_error(place, text)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        yield
        wanted = self._config['ids']
        if wanted is not None:
            wanted = set(wanted)
            left = [item for item in items if words(item.nodeid) not in wanted]
            items[:] = [item for item in items if words(item.nodeid) in wanted]
            if left:
                config.hook.pytest_deselected(items=left)
        if self._config['seed'] is not None:
            self._shuffle(items)
        self._total = len(items)
        self._channel.send(event='collected', ids=[words(item.nodeid) for item in items])
        if self._lines is not None:
            self._channel.send(event='loaded', lines=self._lines.take())

    def _shuffle(self, items):
        """Files in random order and the tests of each too, so that fixtures of a module live once."""
        chance = random.Random(self._config['seed'])
        files = {}
        for item in items:
            files.setdefault(item.nodeid.split('::')[0], []).append(item)
        names = sorted(files)
        chance.shuffle(names)
        for name in names:
            chance.shuffle(files[name])
        items[:] = [item for name in names for item in files[name]]

    # ---- running

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        name = words(item.nodeid)
        self._reports = []
        self._channel.send(event='start', id=name, done=self._done, total=self._total)
        if self._lines is not None:
            self._lines.renew()
            self._lines.take()
        began = time.time()
        self._alarm.start(self._config['testSeconds'])
        outcome = yield
        self._alarm.stop()
        ended, message = self._verdict()
        if outcome.excinfo is not None:
            ended, message = 'failed', outcome.excinfo[0].__name__ + ': ' + words(outcome.excinfo[1])
        if self._alarm.rang:
            ended = 'timeout'
        self._done += 1
        event = dict(event='end', id=name, outcome=ended, seconds=round(time.time() - began, 4))
        if message:
            event['message'] = message[-LONGEST_MESSAGE:]
        if self._lines is not None:
            event['lines'] = self._lines.take()
        self._channel.send(**event)

    def pytest_runtest_logreport(self, report):
        self._reports.append(report)

    def _verdict(self):
        """The outcome of one test from the reports of its phases, and what it said where it did not pass."""
        ended, message = None, ''
        for report in self._reports:
            expected = hasattr(report, 'wasxfail')
            if report.outcome == 'failed':
                if ended not in ('failed', 'error'):
                    ended, message = 'failed' if report.when == 'call' else 'error', words(report.longrepr)
            elif report.outcome == 'skipped' and ended in (None, 'passed'):
                ended, message = 'xfail' if expected else 'skipped', words(report.longrepr)
            elif report.outcome == 'passed' and report.when == 'call' and ended is None:
                ended = 'xpass' if expected else 'passed'
        return ended or 'error', message
