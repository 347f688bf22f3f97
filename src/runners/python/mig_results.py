"""The pytest plug-in that streams what happens, a line an event, and that bounds what one test may take.

Works with pytest 4.6 to 8 on Python 2.7 and 3.6 and newer. What it needs while code under test runs is kept in the
cells of its functions: no module and no attribute of an object shows the channel.
"""

import os
import random
import re
import sys

import mig_alarm
import pytest

if sys.version_info[0] > 2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))

FAILED_IMPORT = re.compile(
    r"(?:ModuleNotFoundError|ImportError): (?:No module named '?([\w.]+)'?|cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'([\w.]+)')?)"
)
LONGEST_MESSAGE = 2000
PYTEST = int(pytest.__version__.split('.')[0])


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


def file_of(item):
    return words(item.nodeid).split('::')[0]


def shuffled(items, seed):
    """Files in random order and the tests of each too, so that fixtures of a module live once."""
    chance = random.Random(seed)
    files = {}
    for item in items:
        files.setdefault(file_of(item), []).append(item)
    names = sorted(files)
    chance.shuffle(names)
    for name in names:
        chance.shuffle(files[name])
    return [item for name in names for item in files[name]]


def with_canaries(items, canaries):
    """Our own tests before one of the files that lie beside theirs, whichever it may be."""
    folder = file_of(canaries[0]).rpartition('/')[0]
    starts = [
        number
        for number, item in enumerate(items)
        if (number == 0 or file_of(items[number - 1]) != file_of(item)) and file_of(item).rpartition('/')[0] == folder
    ]
    at = random.SystemRandom().choice(starts + [len(items)])
    return items[:at] + canaries + items[at:]


def verdict(reports):
    """The outcome of one test from the reports of its phases, and what it said where it did not pass."""
    ended, message = None, ''
    for report in reports:
        expected = hasattr(report, 'wasxfail')
        if report.outcome == 'failed':
            if ended not in ('failed', 'error'):
                ended, message = 'failed' if report.when == 'call' else 'error', words(report.longrepr)
        elif report.outcome == 'skipped' and ended in (None, 'passed'):
            ended, message = 'xfail' if expected else 'skipped', words(report.longrepr)
        elif report.outcome == 'passed' and report.when == 'call' and ended is None:
            ended = 'xpass' if expected else 'passed'
    return ended or 'error', message


def is_failure(excinfo):
    """Whether what a phase ended with is neither a skip nor a pytest.xfail()."""
    if excinfo is None:
        return False
    if isinstance(excinfo, tuple):
        kind = excinfo[0]
    else:
        kind = getattr(excinfo, 'type', None)
    names = set(each.__name__ for each in getattr(kind, '__mro__', ()))
    return not names & set(['Skipped', 'SkipTest', 'XFailed', '_ShouldStop'])


def docstring_of(item):
    """The text that a doctest item was made from; None for other items."""
    examined = getattr(item, 'dtest', None)
    return None if examined is None else words(examined.docstring or '')


def judge_by(item, text):
    """Replaces the examples of a doctest by those of another text."""
    import doctest

    text = text if sys.version_info[0] > 2 else text.encode('utf-8')
    item.dtest.examples = doctest.DocTestParser().get_examples(text, item.dtest.name)
    item.dtest.docstring = text


def results(send, is_sending, settings, look, enter, lines, clock):
    """The plug-ins. `enter(config)` opens the way for the tree's code; `look(config)` answers `changes()` since then."""
    root = settings['root']
    ring_after, silence, has_rung = mig_alarm.alarm(is_sending, lambda: send(event='alive'))
    process_of, leave = os.getpid, os._exit
    process = process_of()
    reports = []
    raised = []
    told = set()
    state = {'changes': None, 'settled': False, 'file': None, 'running': None, 'session': None, 'canaries': [], 'compared': 0}

    def disagree(reason, detail):
        if (reason, detail) not in told and len(told) < 200:
            told.add((reason, detail))
            send(event='disagreement', reason=reason, detail=detail)

    def compare(takes_plugins=False):
        state['compared'] = clock()
        if state['changes'] is None:
            return
        try:
            names = state['changes'](takes_plugins)
        except Exception:
            names = ['cannot be looked at']
        for name in names:
            disagree('integrity', name)

    def only_here():
        # a child that a test left running pytest must not go on with the others
        if process_of() != process:
            leave(1)

    def collection_error(place, text):
        send(event='collection_error', file=place, message=text[-LONGEST_MESSAGE:], failing=failing_import(text))

    def broken_conftest(error):
        cause = getattr(error, 'excinfo', None)
        cause = cause[1] if isinstance(cause, tuple) else getattr(cause, 'value', None) or cause or error
        text = words(type(cause).__name__) + ': ' + words(cause)
        path = getattr(error, 'path', None)
        collection_error(relative(path, root) if path is not None else '', text)

    def is_ignored(path):
        return True if relative(path, root) in settings['ignore'] else None

    class Results(object):
        # ---- collection

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_load_initial_conftests(self, early_config):
            if state['changes'] is None:
                state['changes'] = look(early_config)
                enter(early_config)
            else:
                disagree('session', 'a second session was started')
            outcome = yield
            if outcome.excinfo is not None:
                broken_conftest(outcome.excinfo[1])

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionstart(self, session):
            if state['session'] is None:
                state['session'] = session
                # plug-ins of the environment have been configured; from now on nothing is theirs to change
                compare(True)
                state['settled'] = True
            else:
                disagree('session', 'a second session was started')

        if PYTEST >= 7:

            def pytest_ignore_collect(self, collection_path):
                return is_ignored(collection_path)

        else:

            def pytest_ignore_collect(self, path):
                return is_ignored(path)

        if PYTEST >= 7:

            def pytest_collect_file(self, file_path, parent):
                if relative(file_path, root) == settings['unnamed']:
                    return pytest.Module.from_parent(parent, path=file_path)

        else:

            def pytest_collect_file(self, path, parent):
                if relative(path, root) == settings['unnamed']:
                    made = getattr(pytest.Module, 'from_parent', None)
                    return pytest.Module(path, parent) if made is None else made(parent, fspath=path)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_make_collect_report(self, collector):
            if not isinstance(collector, pytest.File):
                yield
                return
            only_here()
            send(event='collecting', file=words(collector.nodeid))
            ring_after(settings['fileSeconds'])
            try:
                outcome = yield
            finally:
                silence()
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
                    place = relative(named.group(1), root) if named else place
                collection_error(place, text)

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_collection_modifyitems(self, config, items):
            ours = settings['canary']
            own = {}
            for item in items:
                if file_of(item) == ours:
                    own.setdefault(words(item.nodeid), item)
            state['canaries'] = [own[name] for name in sorted(own)]
            items[:] = [item for item in items if file_of(item) != ours]
            yield
            wanted = settings['ids']
            if wanted is not None:
                wanted = set(wanted)
                left = [item for item in items if words(item.nodeid) not in wanted]
                items[:] = [item for item in items if words(item.nodeid) in wanted]
                if left:
                    config.hook.pytest_deselected(items=left)
            if settings['seed'] is not None:
                items[:] = shuffled(items, settings['seed'])

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection_finish(self, session):
            if session is not state['session']:
                yield
                return
            if state['canaries']:
                session.items[:] = with_canaries(session.items, state['canaries'])
                session.testscollected = len(session.items)
            state['canaries'], settings['canary'], settings['unnamed'] = [], None, None
            docstrings = {}
            for item in session.items:
                text = docstring_of(item)
                if text is not None:
                    docstrings[words(item.nodeid)] = text
                    if words(item.nodeid) in settings['doctests']:
                        judge_by(item, settings['doctests'][words(item.nodeid)])
            send(event='collected', ids=[words(item.nodeid) for item in session.items])
            if docstrings:
                send(event='docstrings', docstrings=docstrings)
            if lines is not None:
                send(event='loaded', lines=lines.take())
            yield
            compare()

        # ---- running

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_protocol(self, item):
            only_here()
            if item.session is not state['session']:
                yield
                return
            name = words(item.nodeid)
            if state['running'] is not None:
                disagree('session', 'a test was started inside another one')
            if state['file'] != file_of(item) and clock() - state['compared'] > 1:
                compare()
            state['file'] = file_of(item)
            if 'runtest' in vars(item):
                disagree('integrity', 'runtest of a test')
            del reports[:], raised[:]
            state['running'] = name
            send(event='start', id=name)
            if lines is not None:
                lines.renew()
                lines.take()
            began = clock()
            ring_after(settings['testSeconds'])
            outcome = yield
            silence()
            ended, message = verdict(reports)
            contradicts = ended in ('passed', 'xpass') and any(is_denied(report) for report in reports)
            if outcome.excinfo is not None:
                ended, message = 'failed', outcome.excinfo[0].__name__ + ': ' + words(outcome.excinfo[1])
            if has_rung():
                ended = 'timeout'
            event = dict(event='end', id=name, outcome=ended, seconds=round(clock() - began, 4))
            if message:
                event['message'] = message[-LONGEST_MESSAGE:]
            if lines is not None:
                event['lines'] = lines.take()
            if contradicts:
                disagree('report', 'reported as passed although it raised: ' + name)
            state['running'] = None
            send(**event)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_makereport(self, item, call):
            before = [call.excinfo] + list(getattr(item, '_excinfo', None) or [])
            outcome = yield
            report = None if outcome.excinfo is not None else outcome.get_result()
            seen = [each for each in before + [call.excinfo] if is_failure(each)]
            raised.append((report, call.when, bool(seen)))

        def pytest_runtest_logreport(self, report):
            reports.append(report)

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish(self):
            only_here()
            compare()

    def is_denied(report):
        """Whether a phase that is reported as passed ended with an exception."""
        same = [failed for other, _, failed in raised if other is report]
        alike = [failed for _, when, failed in raised if when == report.when]
        return report.outcome == 'passed' and bool((same or alike or [False])[-1])

    class Settled(object):
        def pytest_load_initial_conftests(self, early_config):
            # plug-ins of the environment have put things in place by now, and no conftest has been loaded
            if not state['settled']:
                compare(True)

    return [Results(), Settled()]
