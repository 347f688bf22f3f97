"""Tells which test executes which watched line. Costs nothing in files that are not watched."""

import os
import sys


class Lines(object):
    """`watched`: path relative to `root` -> line numbers. `current` is None while nothing is being tested."""

    def __init__(self, root, watched):
        self.seen = {}
        self._by_name = {}
        for path, lines in watched.items():
            for base in set([os.path.abspath(root), os.path.realpath(root)]):
                self._by_name[os.path.join(base, *path.split('/'))] = (path, frozenset(lines))

    def take(self):
        """What was executed since the last call: path -> sorted lines."""
        seen, self.seen = self.seen, {}
        return dict((path, sorted(lines)) for path, lines in seen.items())

    def start(self):
        if not self._by_name:
            return
        if hasattr(sys, 'monitoring'):
            self._monitor()
            return
        import threading

        self._call = self._tracer()
        sys.settrace(self._call)
        threading.settrace(self._call)

    def renew(self):
        """Starts again where the code under test has put its own trace function in the place."""
        if self._by_name and not hasattr(sys, 'monitoring') and sys.gettrace() is None:
            sys.settrace(self._call)

    def _tracer(self):
        """Called for every function that anybody enters: nothing is looked up there but the file's name."""
        find = self._by_name.get

        def call(frame, event, argument):
            entry = find(frame.f_code.co_filename)
            if entry is None:
                return None
            path, lines = entry

            def line(frame, event, argument):
                if event == 'line' and frame.f_lineno in lines:
                    self.seen.setdefault(path, set()).add(frame.f_lineno)
                return line

            return line

        return call

    def _monitor(self):
        monitoring = sys.monitoring
        tool = next((number for number in (4, 3, 5, 2) if monitoring.get_tool(number) is None), None)
        if tool is None:
            raise RuntimeError('no free place for a line monitor')
        monitoring.use_tool_id(tool, 'mig-lines')
        by_name = self._by_name

        def entered(code, offset):
            if code.co_filename in by_name:
                monitoring.set_local_events(tool, code, monitoring.events.LINE)
            return monitoring.DISABLE

        def line(code, number):
            path, lines = by_name[code.co_filename]
            if number not in lines:
                return monitoring.DISABLE
            self.seen.setdefault(path, set()).add(number)
            return None

        monitoring.register_callback(tool, monitoring.events.PY_START, entered)
        monitoring.register_callback(tool, monitoring.events.LINE, line)
        monitoring.set_events(tool, monitoring.events.PY_START)
