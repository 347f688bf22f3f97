"""Lines and steps between lines that code below some folders takes, and whether it reads the clock. Python 2.7 and 3.6+."""

import datetime
import sys
import threading


class Trace(object):
    """A context: what runs inside is noted, and added up over all the times that it is entered."""

    def __init__(self, roots, wanted=True):
        self.roots = tuple(roots)
        self.wanted = wanted
        self.names = {}
        self.lines = set()
        self.arcs = set()
        self.clock = False

    def relative(self, name):
        if name not in self.names:
            found = None
            for root in self.roots:
                if name.startswith(root):
                    found = name[len(root) :].lstrip('/')
            self.names[name] = found
        return self.names[name]

    def start(self, frame, event, _argument):
        name = self.relative(frame.f_code.co_filename)
        if event != 'call' or name is None:
            return None
        last = [frame.f_code.co_firstlineno]
        lines, arcs = self.lines, self.arcs

        def step(frame, event, _argument):
            if event == 'line':
                line = frame.f_lineno
                lines.add((name, line))
                arcs.add((name, last[0], line))
                last[0] = line
            return step

        return step

    def watch(self, _frame, event, function):
        """The clock as the classes of datetime read it: a call into C, seen by the profiler alone."""
        if event == 'c_call' and getattr(function, '__name__', '') in ('now', 'utcnow', 'today'):
            owner = getattr(function, '__self__', None)
            if isinstance(owner, type) and issubclass(owner, datetime.date):
                self.clock = True

    def __enter__(self):
        if self.wanted:
            sys.setprofile(self.watch)
            threading.settrace(self.start)
            sys.settrace(self.start)
        return self

    def __exit__(self, *_error):
        if self.wanted:
            sys.settrace(None)
            sys.setprofile(None)
            threading.settrace(None)

    def told(self):
        return sorted(self.lines), sorted(self.arcs)
