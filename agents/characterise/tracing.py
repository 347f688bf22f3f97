"""Lines and steps between lines that code below some folders takes. Runs on Python 2.7 and 3.6+."""

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

    def __enter__(self):
        if self.wanted:
            threading.settrace(self.start)
            sys.settrace(self.start)
        return self

    def __exit__(self, *_error):
        if self.wanted:
            sys.settrace(None)
            threading.settrace(None)

    def told(self):
        return sorted(self.lines), sorted(self.arcs)
