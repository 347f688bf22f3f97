"""Tells, at once, what code of the tree does that honest code seldom does: it reports and decides nothing.

`install(send, settings)`: `send(kind, path, line, what)` once for each; `settings` has `root` and may have
`canary`, a file of tests that the runner added. Where A is blocked, tests are what the block's rules call so. Kinds: frames,
gc, ctypes, code, trace, runner, proc, tests-read, tests-shown (as tracebacks do), source-files, process, signal, socket,
import-machinery.

Done by an audit hook (PEP 578, Python 3.8 and newer), which nothing in the process can take out again; on older
ones only imports of the runner's own modules are seen. What is told of is done by product code: the nearest frame
that is not of the standard library is a file of the tree and no test. Child processes are not watched, but their
start is.
"""

import os
import re
import sys

try:
    from _thread import get_ident
except ImportError:
    from thread import get_ident

OWN = 'mig_stack mig_block mig_watch mig_results mig_alarm mig_lines mig_channel mig_twins mig_integrity mig_clock run_tests'.split()
RUNNER = frozenset(['pytest', '_pytest', 'pluggy', 'py', 'xdist'] + OWN)
_MODULES = re.compile(r'(^|/)(test[^/]*|[^/]*_tests?|conftest)\.py$')
_TESTS = re.compile(r'(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_tests?|tests|conftest)\.py$')
# standard library that does for its caller what it is asked: `inspect.currentframe()`
THIN = frozenset(['inspect.py', 'traceback.py', 'threading.py', 'ctypes', 'types.py', 'bdb.py', 'pdb.py', 'functools.py'])
READERS = frozenset(['linecache.py', 'traceback.py', 'tokenize.py', 'inspect.py', 'doctest.py'])

FRAMES = 'sys._getframe sys._getframemodulename sys._current_frames sys._current_exceptions'.split()
GC = 'gc.get_objects gc.get_referrers gc.get_referents'.split()
CTYPES = (
    'ctypes.dlopen ctypes.dlsym ctypes.dlsym/handle ctypes.call_function ctypes.addressof ctypes.cdata'
    ' ctypes.cdata/buffer ctypes.string_at ctypes.wstring_at ctypes.PyObj_FromPtr'
).split()
TRACE = 'sys.settrace sys.setprofile sys.addaudithook sys.monitoring.register_callback'.split()
PROCESS = (
    'subprocess.Popen os.exec os.fork os.forkpty os.posix_spawn os.spawn os.system os.startfile pty.spawn'
).split()
SIGNALS = 'os.kill os.killpg signal.pthread_kill'.split()
SOCKETS = 'socket.connect socket.sendto socket.sendmsg'.split()
# functions by which a copy of A is known, and files of A that are looked at for them
FEWEST_FORMS = 4
MOST_FILES = 200
FRAME_ATTRIBUTES = frozenset(['tb_frame', 'gi_frame', 'cr_frame', 'ag_frame', 'f_back'])
CODE_ATTRIBUTES = frozenset(['__code__', '__globals__', '__closure__', 'func_code', 'func_globals'])


class Watch(object):
    def __init__(self, send, settings):
        self._send = send
        root = settings['root']
        root = root.encode('utf-8') if sys.version_info[0] == 2 else root
        self._roots = [one + os.sep for one in sorted(set([root, os.path.realpath(root)]))]
        block = getattr(sys, '_mig_block', None)
        self._rules = None if block is None else block.rules
        # a test of the runner's own, which no rule knows of
        self._canary = settings.get('canary')
        self._quiet = [0] if block is None else block.quiet
        self._standard = os.path.dirname(os.__file__) + os.sep
        self._plugin = os.path.dirname(os.path.abspath(__file__))
        # a file of tests that the runner itself wrote
        self._canary = settings.get('canary')
        self._files = {}
        self._stack = None if block is None else block.stack
        # files of the patch that are called tests and are none
        self._product = frozenset(settings.get('product') or [])
        self._own_forms = None
        self._told = set()
        self._busy = set()
        self.handlers = {
            'object.__getattr__': self._attribute,
            'object.__setattr__': self._attribute_set,
            'object.__delattr__': self._attribute_set,
            'code.__new__': self._code,
            'function.__new__': self._code,
            'marshal.loads': self._code,
            'marshal.load': self._code,
            'compile': self._compiled,
            'exec': self._executed,
            'import': self._imported,
            'open': self._opened,
            'os.listdir': self._listed,
            'os.scandir': self._listed,
            'os.link': self._linked,
            'os.symlink': self._linked,
            'os.rename': self._linked,
        }
        for kind, events, is_thin in (
            ('frames', FRAMES, True),
            ('gc', GC, False),
            ('ctypes', CTYPES, True),
            ('trace', TRACE, True),
            ('process', PROCESS, False),
            ('signal', SIGNALS, False),
            ('socket', SOCKETS, False),
        ):
            for event in events:
                self.handlers[event] = self._simple(kind, is_thin)

    # ---- whose code

    def file_kind(self, name):
        """`product`, `standard`, `text` (no file: whoever runs it is looked at) or `other`."""
        known = self._files.get(name)
        if known is None:
            known = self._files[name] = self._kind_of(name)
        return known

    def _kind_of(self, name):
        if name.startswith('<'):
            return 'standard' if name.startswith('<frozen ') else 'text'
        place = os.path.abspath(name)
        if any(place.startswith(root) for root in self._roots):
            return 'other' if self.is_test(place) else 'product'
        if place.startswith(self._standard) and '-packages' + os.sep not in place:
            return 'standard'
        return 'other'

    def relative(self, place):
        for root in self._roots:
            if place.startswith(root):
                return place[len(root) :].replace(os.sep, '/')
        return None

    def is_test(self, place):
        below = self.relative(place)
        if below is None or not below.endswith('.py'):
            return False
        if below == self._canary:
            return True
        if below in self._product:
            return False
        if self._rules is not None:
            return below in self._rules.exempt and below not in self._rules.kept
        return _TESTS.search(below) is not None

    def is_test_module(self, place):
        """A file that says what is expected; others in folders of tests are data, which code under test may be given."""
        return self.is_test(place) and _MODULES.search(place) is not None

    def culprit(self, frame, is_thin, readers=()):
        """The frame of product code that does it, or None where somebody else does."""
        while frame is not None:
            name = frame.f_code.co_filename
            kind = self.file_kind(name)
            if kind == 'product':
                return frame
            if kind == 'other':
                return None
            base = os.path.basename(name)
            if kind == 'standard':
                if base in readers or (readers and name.startswith('<frozen importlib')):
                    return None
                if is_thin and base not in THIN and os.path.basename(os.path.dirname(name)) not in THIN:
                    return None
            frame = frame.f_back
        return None

    def tell(self, kind, frame, what):
        if frame is None:
            return
        path = self.relative(os.path.abspath(frame.f_code.co_filename)) or frame.f_code.co_filename
        # each deed at each place: which file is opened first there depends on the order of tests
        place = (kind, path, frame.f_lineno, what)
        if place not in self._told:
            self._told.add(place)
            self._send(kind, path, frame.f_lineno, what)

    # ---- events

    def hook(self):
        handlers, quiet, busy, frame_of = self.handlers, self._quiet, self._busy, sys._getframe
        find = handlers.get

        def hook(event, given):
            if quiet[0]:
                return
            handle = find(event)
            if handle is None:
                return
            mine = get_ident()
            if mine in busy:
                return
            busy.add(mine)
            try:
                handle(event, given, frame_of(1))
            except Exception:
                # what cannot be told must not change what is run
                pass
            finally:
                busy.discard(mine)

        return hook

    def _simple(self, kind, is_thin):
        def handle(event, given, frame):
            self.tell(kind, self.culprit(frame, is_thin), event)

        return handle

    def _attribute(self, event, given, frame):
        name = given[1] if len(given) > 1 else None
        if name in FRAME_ATTRIBUTES:
            is_walk = frame is not None and frame.f_code.co_name == 'walk_tb'
            self.tell('frames', self._direct(frame.f_back if is_walk else frame), name)
        elif name in CODE_ATTRIBUTES:
            kind = 'source-files' if self._is_of_own(given[0]) else 'code'
            self.tell(kind, self._direct(frame), name)

    def _attribute_set(self, event, given, frame):
        if len(given) > 1 and given[1] in CODE_ATTRIBUTES:
            kind = 'source-files' if self._is_of_own(given[0]) else 'code'
            self.tell(kind, self.culprit(frame, True), '%s is set' % given[1])

    def _is_of_own(self, function):
        """Whether a function, or code, was made from a file of A's."""
        name = getattr(getattr(function, '__code__', function), 'co_filename', None)
        return isinstance(name, str) and not name.startswith('<') and self._is_own(os.path.abspath(name))

    def _direct(self, frame):
        return frame if frame is not None and self.file_kind(frame.f_code.co_filename) == 'product' else None

    def _code(self, event, given, frame):
        # of a function its code, of code its file
        named = given[1] if event == 'code.__new__' and len(given) > 1 else given[0] if given else None
        is_own = self._is_own(os.path.abspath(named)) if isinstance(named, str) else self._is_of_own(named)
        self.tell('source-files' if is_own else 'code', self.culprit(frame, True, READERS), event)

    def _is_foreign(self, name, frame):
        if isinstance(name, bytes) and str is not bytes:
            name = name.decode('utf-8', 'replace')
        if not isinstance(name, str):
            return False
        if name.startswith('<'):
            return name.startswith(('<doctest', '<frozen'))
        return os.path.isabs(name) and self.file_kind(name) != 'product'

    def _compiled(self, event, given, frame):
        found = self.culprit(frame, True, READERS)
        if found is not None and len(given) > 1 and self._is_foreign(given[1], found):
            self.tell('code', found, 'compile as %s' % self._words(given[1]))

    def _executed(self, event, given, frame):
        # by the import system, for a module; else by whoever calls
        name = frame.f_code.co_filename
        if name.startswith('<frozen importlib'):
            above = frame
            while above is not None and above.f_code.co_filename.startswith('<frozen importlib'):
                if above.f_code.co_name in ('_load_unlocked', '_load_backward_compatible', '_exec'):
                    return
                above = above.f_back
            found = self.culprit(above, False)
            self.tell('import-machinery', found, 'a loader is called')
            if found is not None and self._is_copy(given[0]):
                self.tell('source-files', found, 'exec of a copy')
            return
        found = self.culprit(frame, True)
        if found is not None and self._is_copy(given[0]):
            self.tell('source-files', found, 'exec of a copy')
        if found is not None and self._is_foreign(given[0].co_filename, found):
            kind = 'source-files' if self._is_of_own(given[0]) else 'code'
            self.tell(kind, found, 'exec of %s' % self._words(given[0].co_filename))

    def _is_copy(self, code):
        """Whether code that no file of the tree shows defines mostly what A does."""
        if self._rules is None or not self._rules.own:
            return False
        forms = self._forms_of([code])
        if len(forms) < FEWEST_FORMS:
            return False
        if self._own_forms is None:
            kinds = sys._mig_block.kinds
            files = [one for own in self._rules.own for one in ([own] if own.endswith('.py') else kinds['python_files'](own))]
            self._own_forms = self._forms_of(code for file in files[:MOST_FILES] for code in kinds['codes_of'](file))
        alike = forms & self._own_forms
        return len(alike) >= FEWEST_FORMS and 2 * len(alike) >= len(forms)

    @staticmethod
    def _forms_of(codes):
        """Name, number of arguments and variables of each function in it; guards change none of these."""
        pending, found = list(codes), set()
        while pending:
            code = pending.pop()
            pending.extend(one for one in code.co_consts if hasattr(one, 'co_code'))
            if code.co_argcount and not code.co_name.startswith(('<', '__')):
                found.add((code.co_name, code.co_argcount, code.co_varnames))
        return found

    def _imported(self, event, given, frame):
        name = given[0]
        if isinstance(name, str):
            top = name.partition('.')[0]
            if top in ('ctypes', '_ctypes', 'cffi', '_cffi_backend'):
                self.tell('ctypes', self.culprit(frame, False), 'import %s' % name)
        finders = given[3] if len(given) > 3 else None
        block = getattr(sys, '_mig_block', None)
        if isinstance(finders, list) and block is not None and block.finder not in finders:
            self.tell('import-machinery', self.culprit(frame, False), 'a finder was taken out')

    def _opened(self, event, given, frame):
        place = given[0]
        if isinstance(place, bytes) and str is not bytes:
            place = place.decode('utf-8', 'replace')
        if not isinstance(place, str):
            return
        whole = os.path.abspath(place)
        if whole.startswith('/proc/'):
            self.tell('proc', self.culprit(frame, False), 'open %s' % re.sub(r'\d+', 'N', whole))
        # links, and the whole tree once more below /proc
        real = os.path.realpath(whole)
        for one in (whole,) if real == whole else (whole, real):
            if one.startswith(self._plugin + os.sep):
                self.tell('runner', self.culprit(frame, False, READERS), 'open of the runner')
            elif self.is_test_module(one):
                found = self.culprit(frame, False, READERS)
                self.tell('tests-read', found, 'open %s' % self.relative(one))
                if found is None and not self._is_imported(frame):
                    self.tell('tests-shown', self.culprit(frame, False), 'open %s' % self.relative(one))
            elif self._is_own(one) and not self._is_for_others(frame):
                self.tell('source-files', self.culprit(frame, False), 'open %s' % os.path.basename(one))

    @staticmethod
    def _is_imported(frame):
        return frame is not None and frame.f_code.co_filename.startswith('<frozen importlib')

    def _is_for_others(self, frame):
        """Whether a module of others, whose own text imports A, is what loads it."""
        if self._stack is None or not self._is_imported(frame):
            return False
        names = set(self._rules.names)
        return self._stack.loads_for_others(frame, names.union(name.rpartition('.')[2] for name in names))

    def _is_own(self, place):
        """A file of A's, compiled ones too."""
        if self._rules is None:
            return False
        for own in self._rules.own:
            if place == own or place.startswith(own + os.sep):
                return True
            stem = os.path.splitext(os.path.basename(own))[0] + '.'
            if place.startswith(os.path.join(os.path.dirname(own), '__pycache__', stem)):
                return True
        return False

    def _listed(self, event, given, frame):
        place = given[0]
        if isinstance(place, str):
            whole = os.path.abspath(place) + os.sep
            if whole.startswith('/proc/'):
                self.tell('proc', self.culprit(frame, False), event)
            elif whole.startswith(self._plugin + os.sep):
                self.tell('runner', self.culprit(frame, False, READERS), 'listing of the runner')

    def _linked(self, event, given, frame):
        for place in given[:2]:
            if isinstance(place, str):
                whole = os.path.abspath(place)
                if self._is_own(whole):
                    self.tell('source-files', self.culprit(frame, False), event)
                elif self.is_test_module(whole):
                    self.tell('tests-read', self.culprit(frame, False), event)

    @staticmethod
    def _words(value):
        text = value.decode('utf-8', 'replace') if isinstance(value, bytes) and str is not bytes else str(value)
        return text if text.startswith('<') else os.path.basename(text)

    # ---- imports of what is loaded already

    def imported(self, name, frame):
        if self.file_kind(frame.f_code.co_filename) == 'product':
            self.tell('runner', frame, 'import %s' % name)


_WRAPPER = """
def wrap(original, imported, frame_of, quiet, runner):
    def __import__(name, globals=None, locals=None, fromlist=(), level=%d):
        if level <= 0 and type(name) is str and name.partition('.')[0] in runner:
            quiet[0] += 1
            try:
                frame = frame_of(1)
            finally:
                quiet[0] -= 1
            imported(name, frame)
        return original(name, globals, locals, fromlist, level)
    return __import__
""" % (-1 if sys.version_info[0] == 2 else 0)


def install(send, settings):
    """Answers the threads that it is deaf to at the moment."""
    watch = Watch(send, settings)
    block = getattr(sys, '_mig_block', None)
    if block is not None:
        block.report = watch.imported
        block.watched.update(RUNNER)
    else:
        builtins = sys.modules['__builtin__' if sys.version_info[0] == 2 else 'builtins']
        names = {}
        exec(compile(_WRAPPER, '<frozen importlib._bootstrap>', 'exec'), names)
        builtins.__import__ = names['wrap'](builtins.__import__, watch.imported, sys._getframe, watch._quiet, RUNNER)
    if hasattr(sys, 'addaudithook'):
        sys.addaudithook(watch.hook())
    return watch._busy
