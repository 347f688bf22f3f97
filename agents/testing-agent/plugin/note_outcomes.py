"""A pytest plugin: notes how each test ended and whether it ran a watched line. Python 2.7 and newer."""

import json
import os
import sys

import pytest

WATCHED = dict((path, set(lines)) for path, lines in json.loads(os.environ['MIG_WATCHED']).items())
NOTED = {'outcomes': {}, 'messages': {}, 'errors': {}, 'touched': []}


class Watch(object):
    """Traces one test; frames of files without watched lines are left alone."""

    def __init__(self):
        self.touched = False

    def __call__(self, frame, event, argument):
        lines = WATCHED.get(os.path.abspath(frame.f_code.co_filename))
        if self.touched or lines is None:
            return None

        def local(inner, event, argument):
            if event == 'line' and inner.f_lineno in lines:
                self.touched = True
            return local

        return local


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    watch = Watch()
    sys.settrace(watch)
    yield
    sys.settrace(None)
    if watch.touched:
        NOTED['touched'].append(item.nodeid)


def last_line(report):
    crash = getattr(report.longrepr, 'reprcrash', None)
    text = str(report.longrepr) if crash is None else crash.message
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return ' | '.join(lines[:4])[:400]


def pytest_runtest_logreport(report):
    if report.when == 'call' or report.outcome != 'passed':
        before = NOTED['outcomes'].get(report.nodeid)
        if before in (None, 'passed'):
            NOTED['outcomes'][report.nodeid] = report.outcome
            if report.outcome != 'passed':
                NOTED['messages'][report.nodeid] = last_line(report)


def pytest_collectreport(report):
    if report.outcome == 'failed':
        text = str(report.longrepr).strip().splitlines()
        NOTED['errors'][report.nodeid] = ' | '.join(line.strip() for line in text[-3:])[:400]


def pytest_sessionfinish(session):
    with open(os.environ['MIG_OUTCOMES'], 'w') as stream:
        json.dump(NOTED, stream)
