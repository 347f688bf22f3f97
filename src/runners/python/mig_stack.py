"""Who is it that imports or calls? Judges a stack of frames by code that is what its file says.

A verdict is looked for from the inside out. Code of the tree is refused, unless it is a test or a file that may
use A; code of others (standard library, third parties) may use A where its own source imports A and names what
is used, and is passed over elsewhere: a helper that imports or calls what it was handed does so for its caller.
Nothing is taken for granted by a file's name: a code object counts only where the file, compiled again, has one
that is alike, and such files lie where the process cannot write. All else refuses: text that was executed, a
thread's or an exit handler's start, C code with nobody above it.

Runs on Python 2.7 and 3.6 and newer. Code that pytest rewrites is known by `remember`.
"""

import ast
import os
import sys

PYTHON_2 = sys.version_info[0] == 2
if not PYTHON_2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))
# kinds of code
TESTS, OWN, USER, GLUE, PRODUCT, STRANGE = range(6)
_CODE = type(compile('0', '<code>', 'eval'))
_READ_ONLY = 1
_TOO_MANY = 100000


class _Method(object):
    def method(self):
        pass


_HOLDERS = (type(lambda: 0), type(_Method().method))
_PATCHING = os.sep + 'mock.py'
_IMPORTING = '<frozen importlib'
_IMPORTERS = ('import_module', '__import__')


def key_of(code):
    """What tells two code objects apart, but for the name of their file. Bytecode as it was before it ran."""
    return (
        code.co_name,
        code.co_firstlineno,
        code.co_argcount,
        code.co_flags,
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        tuple(_const(one) for one in code.co_consts),
    )


def _const(one):
    if isinstance(one, _CODE):
        return key_of(one)
    if isinstance(one, tuple):
        return tuple(_const(each) for each in one)
    if isinstance(one, frozenset):
        return frozenset(_const(each) for each in one)
    return type(one).__name__, repr(one)


def inner(code):
    """A code object and all that are defined in it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, _CODE):
            for each in inner(one):
                yield each


def read(path):
    with open(path, 'rb') as source:
        return source.read()


class Rules(object):
    """What the runner wrote, a kind and a value a line."""

    def __init__(self):
        self.roots = []
        self.names = []
        self.exempt = {}
        self.kept = set()
        self.local = set()
        self.own = []
        self.target = []
        self.places = []


class Stack(object):
    """Judges frames by `rules`."""

    def __init__(self, rules, plugin):
        self._rules = rules
        self._plugin = plugin
        self._standard = os.path.realpath(os.path.dirname(os.__file__))
        places = set([sys.prefix, sys.exec_prefix, getattr(sys, 'base_prefix', sys.prefix), plugin])
        self._places = [place for place in places.union(rules.places) if place not in ('', '/')]
        self._kinds = {}
        self._authentic = {}
        self._rewritten = {}
        self._uses = {}
        self._packages = {}
        self._files = {}
        self._last = set(name.rpartition('.')[2] for name in rules.names)
        self._doctest = {}
        self._made = {}

    # ---- the walk

    def verdict(self, frame, wanted, why=None):
        """Whether the code on this stack may use A.

        `wanted`: what is done (`import`, call of a `function`, use of an `object`), the names by which code would have
        to say so in its text, and the code that is called. A test says so too, or holds what it calls: C code can
        call back into whatever runs (weak references, signals), which is then no test's doing.
        """
        is_patching = False
        while frame is not None:
            kind, uses = self.kind(frame)
            if kind == USER and self.says(frame.f_code, uses, wanted):
                return True
            if kind == OWN:
                return True
            if kind == TESTS and (
                wanted[0] == 'import' or self.says(frame.f_code, uses, wanted) or self._holds(frame, wanted)
            ):
                return True
            if kind == STRANGE and self.is_doctest(frame):
                kind = GLUE
            if kind == PRODUCT or kind == STRANGE:
                if why is not None:
                    why.append(frame)
                return False
            is_patching = is_patching or frame.f_code.co_filename.endswith(_PATCHING)
            frame = frame.f_back
        # `@mock.patch('oldlib.load')`: nothing but the runner is above; what it reads is used by somebody else
        return is_patching and wanted[0] == 'import'

    def loads_for_others(self, frame, names):
        """Whether the import system, or A itself, is at work for code of others whose own text imports one of these."""
        while frame is not None and (frame.f_code.co_filename.startswith(_IMPORTING) or self.kind(frame)[0] == OWN):
            frame = frame.f_back
        if frame is None:
            return False
        kind, uses = self.kind(frame)
        return kind == USER and self.says(frame.f_code, uses, ('import', names, None))

    def is_product(self, frame):
        return self.kind(frame)[0] == PRODUCT

    def kind(self, frame):
        """The kind of a frame's code, and for a USER what its file calls A."""
        code = frame.f_code
        known = self._kinds.get(id(code))
        if known is not None and known[0] is code:
            return known[1]
        found = self._classify(code)
        if len(self._kinds) > _TOO_MANY:
            self._kinds.clear()
        self._kinds[id(code)] = (code, found)
        return found

    def adopt(self):
        """Takes exempt files as they are now."""
        import hashlib

        for root in self._rules.roots[:1]:
            for file in self._rules.exempt:
                try:
                    text = read(os.path.join(root, *file.split('/')))
                except (IOError, OSError):
                    continue
                self._rules.exempt[file] = hashlib.sha256(text).hexdigest()
        self._files.clear()

    def made(self, code):
        """Takes a code object of our own, under whatever name, as glue."""
        for one in inner(code):
            self._made[id(one)] = one

    def remember(self, path, code):
        """Notes what pytest made of a test file or plug-in, whose text must be what it was when all began."""
        place = os.path.abspath(path)
        self._files.pop(place, None)
        digest = self._exempt(place)
        is_sound = self.is_trusted(place) if digest is None else self._is_unchanged(place, digest)
        if is_sound:
            self._rewritten.setdefault(place, set()).update(key_of(one) for one in inner(code))

    def _classify(self, code):
        name = code.co_filename
        if self._made.get(id(code)) is code:
            return GLUE, None
        if name.startswith('<'):
            is_frozen = name.startswith('<frozen ') and self._is_authentic(name, code)
            return (GLUE, None) if is_frozen else (STRANGE, None)
        place = os.path.abspath(name)
        for root in self._rules.roots:
            if place.startswith(root + os.sep):
                digest = self._exempt(place)
                if digest is not None and self._is_unchanged(place, digest) and self._is_authentic(place, code):
                    return TESTS, (True, names_of_a(place, self._rules.names, self._last))
                return PRODUCT, None
        if not self.is_trusted(place) or not self._is_authentic(place, code):
            return STRANGE, None
        if self.is_own(place):
            return OWN, None
        uses = self.uses(place)
        return (USER, uses) if uses is not None else (GLUE, None)

    def _exempt(self, place):
        """The digest of an exempt file as the rules have it; None for other files."""
        for root in self._rules.roots:
            if place.startswith(root + os.sep):
                return self._rules.exempt.get(place[len(root) + 1 :].replace(os.sep, '/'))
        return None

    def _is_unchanged(self, place, digest):
        known = self._files.get(place)
        if known is None:
            import hashlib

            try:
                known = digest == '' or hashlib.sha256(read(place)).hexdigest() == digest
            except (IOError, OSError):
                known = False
            self._files[place] = known
        return known

    def says(self, code, uses, wanted):
        """Whether a file's own text, here, means A: not a helper that was handed it.

        Objects of A are met under any name by third parties that import it; a function of A, or a module, is named.
        """
        is_third, names = uses
        if is_third and names and wanted[0] == 'object':
            return True
        said = set(code.co_names).union(code.co_varnames, code.co_freevars, code.co_cellvars)
        if said & names or said.intersection(wanted[1]):
            return True
        if wanted[0] != 'import':
            return False
        # `import_module('oldlib')`, `patch('oldlib.load')`
        texts = [one for one in code.co_consts if isinstance(one, str)]
        return any(text == one or text.endswith('.' + one) for text in texts for one in wanted[1])

    @staticmethod
    def _holds(frame, wanted):
        """Whether a variable of the frame is what is called: `parametrize('load', [oldlib.load])`."""
        callee = wanted[2]
        for value in list(frame.f_locals.values()):
            function = getattr(value, '__func__', value) if type(value) in _HOLDERS else None
            if function is not None and getattr(function, '__code__', None) is callee:
                return True
            if isinstance(value, type) and value.__name__ in wanted[1]:
                return True
        return False

    def is_doctest(self, frame):
        """Whether text of a doctest is run by the runner of doctests, which is passed over like any helper."""
        while frame is not None and frame.f_code.co_filename.startswith('<doctest '):
            frame = frame.f_back
        if frame is None or frame.f_code.co_name not in ('__run', '_DocTestRunner__run'):
            return False
        place = os.path.abspath(frame.f_code.co_filename)
        return os.path.basename(place) == 'doctest.py' and self.kind(frame)[0] in (GLUE, USER)

    # ---- files

    def is_trusted(self, place):
        """Whether a file lies where this process cannot write; where nothing can be mounted, in a place of ours."""
        known = self._files.get(('trusted', place))
        if known is None:
            try:
                known = bool(os.statvfs(place).f_flag & _READ_ONLY)
            except (AttributeError, OSError):
                known = False
            real = os.path.realpath(place)
            if any(real.startswith(root + os.sep) for root in self._rules.roots):
                known = False
            elif not known:
                known = any(
                    path.startswith(where + os.sep) for path in (place, real) for where in self._places
                )
            self._files[('trusted', place)] = known
        return known

    def is_own(self, place):
        return any(place == own or place.startswith(own + os.sep) for own in self._rules.own)

    def _is_authentic(self, place, code):
        keys = self._authentic.get(place)
        if keys is None:
            keys = self._authentic[place] = set(key_of(one) for one in inner_of_all(codes_of(place)))
        key = key_of(code)
        return key in keys or key in self._rewritten.get(place, ())

    def uses(self, place):
        """(is a third party that imports A in this very file, what it calls A) where A is imported, else None.

        A package counts whole, for helpers of its own; there only what names A's things is taken for a use.
        """
        if place in self._uses:
            return self._uses[place]
        self._uses[place] = None
        is_standard = is_below(place, self._standard) and '-packages' + os.sep not in place
        names = names_of_a(place, self._rules.names, self._last)
        if names:
            found = (not is_standard, names)
        else:
            found = (False, frozenset()) if self._package_uses(place) else None
        self._uses[place] = found
        return found

    def is_made_of_a(self, place):
        """Whether the library of this file imports A: of the standard library the file itself."""
        uses = self.uses(place)
        is_standard = is_below(place, self._standard) and '-packages' + os.sep not in place
        return uses is not None and (bool(uses[1]) or not is_standard)

    def _package_uses(self, place):
        top = None
        folder = os.path.dirname(place)
        while os.path.isfile(os.path.join(folder, '__init__.py')):
            top, folder = folder, os.path.dirname(folder)
        if top is None:
            return False
        if top not in self._packages:
            self._packages[top] = False
            self._packages[top] = any(
                names_of_a(file, self._rules.names, self._last) for file in python_files(top) if not self.is_own(file)
            )
        return self._packages[top]

    def binds(self, place, name):
        """Whether a library that is made of A has this name of a file by the file's own text."""
        if not self.is_made_of_a(place):
            return False
        named = names_of_a(place, self._rules.names, self._last)
        return '*' in named or any(name in code.co_names for code in codes_of(place))

    def tests_use_a(self):
        """Whether a test or a kept file imports A: then its objects may be handed to any code."""
        if 'tests' not in self._made:
            self._made['tests'] = any(
                file.endswith('.py')
                and names_of_a(os.path.join(root, *file.split('/')), self._rules.names, self._last)
                and self._is_unchanged(os.path.join(root, *file.split('/')), digest)
                for root in self._rules.roots[:1]
                for file, digest in sorted(self._rules.exempt.items())
            )
        return self._made['tests']


def is_below(place, folder):
    return place.startswith(folder + os.sep) or os.path.realpath(place).startswith(folder + os.sep)


def python_files(folder):
    for base, _, files in os.walk(folder):
        for name in files:
            if name.endswith('.py'):
                yield os.path.join(base, name)


def codes_of(place):
    """Code objects of a file, or of a frozen module by its name in angle brackets, made anew."""
    try:
        if place.startswith('<frozen '):
            import _imp

            return [_imp.get_frozen_object(name) for name in frozen_names(place[8:-1])]
        return [compile(read(place), place, 'exec', 0, True)]
    except Exception:
        return []


def frozen_names(name):
    import _imp

    short = {'importlib._bootstrap': '_frozen_importlib', 'importlib._bootstrap_external': '_frozen_importlib_external'}
    return [one for one in (name, short.get(name)) if one and _imp.is_frozen(one)]


def inner_of_all(codes):
    for code in codes:
        for one in inner(code):
            yield one


def names_of_a(place, names, last):
    """What a file's own import statements bind of A, at any depth; empty where it does not import A."""
    try:
        text = read(place)
        if not any((part if PYTHON_2 else part.encode('utf-8')) in text for part in last):
            return frozenset()
        tree = ast.parse(text)
    except Exception:
        return frozenset()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if is_of(alias.name, names):
                    # a plain `import a.b` binds `a`, which says little
                    found.update([alias.asname or alias.name.rpartition('.')[2], alias.name])
        elif isinstance(node, ast.ImportFrom):
            base = absolute_base(place, node)
            for alias in node.names:
                whole = base + '.' + alias.name if base else alias.name
                if (base and is_of(base, names)) or is_of(whole, names):
                    found.update([alias.asname or alias.name, alias.name])
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, 'attr', None) or getattr(node.func, 'id', None)
            value = getattr(node.args[0], 'value' if hasattr(node.args[0], 'value') else 's', None)
            if name in _IMPORTERS and isinstance(value, str) and is_of(value, names):
                found.update([value, value.rpartition('.')[2]])
    return frozenset(found)


def absolute_base(place, node):
    if not node.level:
        return node.module or ''
    folder = os.path.dirname(place)
    for _ in range(node.level - 1):
        folder = os.path.dirname(folder)
    parts = []
    while os.path.isfile(os.path.join(folder, '__init__.py')):
        folder, part = os.path.split(folder)
        parts.insert(0, part)
    return '.'.join(parts + ([node.module] if node.module else []))


def is_of(name, names):
    return any(name == one or name.startswith(one + '.') for one in names)
