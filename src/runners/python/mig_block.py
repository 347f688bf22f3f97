"""Keeps chosen modules (A) from the code of one folder, its exempt files aside, by whatever road it gets there.

Three layers, each for what gets round the one before; who asks is judged by `mig_stack`:
1. the functions behind the import statement, and a finder, refuse the import;
2. a loaded module of A gives its attributes only to whom it may (`sys.modules['oldlib'].load`, `pdb.getopt`);
3. where guarded copies are mounted over A's files (`mig_guard`), each function of A asks who calls it. They ask
   in every process, also one that was started without `sitecustomize`: the copies load this file themselves.

Runs on Python 2.7 and 3.6 and newer; the second layer needs Python 3. All of it lies in the process of the code
that it judges: code that rewrites this module's state is not stopped, but reading and writing of code and of
A's files is reported by `mig_watch`.
"""

import os
import sys

PYTHON_2 = sys.version_info[0] == 2
if not PYTHON_2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))
_HERE = os.path.dirname(os.path.abspath(__file__))
_STANDARD = os.path.dirname(os.__file__) + os.sep
_FOLDERS = frozenset(['_vendor', 'vendor', '_vendored', 'vendored', 'extern', 'externals', 'third_party'])
_KINDS = {'root': None, 'name': 'names', 'own': 'own', 'target': 'target', 'place': 'places'}


def _part(name):
    """The names of a module beside this one, which no import path needs to know."""
    path = os.path.join(_HERE, name + '.py')
    with open(path) as source:
        code = compile(source.read(), path, 'exec')
    names = {'__name__': name, '__file__': path}
    exec(code, names)
    return names


def read_rules(path):
    """Lines `kind<TAB>value`; values are percent-encoded where they hold a blank other than a space."""
    with open(path, 'rb') as source:
        text = source.read().decode('utf-8')
    for line in text.split(u'\n'):
        fields = []
        for value in line.split(u'\t'):
            value = value.replace(u'%09', u'\t').replace(u'%0A', u'\n').replace(u'%0D', u'\r').replace(u'%25', u'%')
            fields.append(value.encode('utf-8') if PYTHON_2 else value)
        yield str(fields[0]), fields[1:]


class Block(object):
    """The state of one process."""

    def __init__(self, path):
        stack = _part('mig_stack')
        self.rules = rules = stack['Rules']()
        for kind, values in read_rules(path):
            if kind == 'root':
                rules.roots.extend(sorted(set([os.path.abspath(values[0]), os.path.realpath(values[0])])))
            elif kind == 'exempt':
                rules.exempt[values[0]] = values[1] if len(values) > 1 else ''
            elif kind in ('kept', 'local'):
                getattr(rules, kind).add(values[0])
            elif kind in _KINDS:
                getattr(rules, _KINDS[kind]).append(values[0])
        # what a library of the standard one is made of, by custom: `_pickle`, `_random`, `_elementtree`
        rules.names.extend(sorted('_' + name.rpartition('.')[2].lower() for name in rules.names))
        self.top_level = set(name.partition('.')[0] for name in rules.names)
        self.stack = stack['Stack'](rules, _HERE)
        self.kinds = stack
        self.judging = set()
        # what may be, found out before: code of A itself; who calls what; who calls what of B's; who imports what; who reads
        self.always = {}
        self.granted = {}
        self.readers = {}
        self.pairs = {}
        self.named = {}
        self.covered = 0
        # more than 0 while this module itself asks for frames, which `mig_watch` does not tell of
        self.quiet = [0]
        # names whose import is reported, to `report(name, frame)`
        self.watched = set()
        self.report = None
        self.finder = None
        self.guard = None

    # ---- imports

    def matched(self, name, members):
        """The refused module that `import name` or `from name import members` would bind."""
        for refused in self.rules.names:
            if name == refused or name.startswith(refused + '.'):
                return refused
            if members and refused.startswith(name + '.') and refused[len(name) + 1 :] in members:
                return refused
        return self._vendored(name, members)

    def _vendored(self, name, members):
        """A copy of A that another package carries with it: `pip._vendor.oldlib`."""
        parts = name.split('.')
        for at in range(1, len(parts)):
            if parts[at] not in _FOLDERS or self._is_of_tree(parts[0]):
                continue
            rest = '.'.join(parts[at + 1 :])
            for refused in self.rules.names:
                if rest == refused or rest.startswith(refused + '.') or (not rest and refused in (members or ())):
                    return name if rest else name + '.' + refused
        return None

    def refusal(self, name, members, namespace, frame):
        """The error for this import, or None where it may go on."""
        refused = self.matched(name, members)
        if refused is None:
            return None
        if frame is not None and self.named.get((id(frame.f_code), refused)) is frame.f_code:
            return None
        if self._is_extension(namespace, frame):
            return None
        wanted = set([refused, name, refused.rpartition('.')[2]])
        mine = get_ident()
        if mine in self.judging:
            return None if self._is_judges_own(frame) else error_of(refused)
        self.judging.add(mine)
        try:
            why = []
            if self.stack.verdict(frame, ('import', wanted, None), why):
                kind, uses = self.stack.kind(frame)
                is_tests = kind == self.kinds['TESTS']
                is_user = kind == self.kinds['USER'] and self.stack.says(frame.f_code, uses, ('import', wanted, None))
                if is_tests or is_user:
                    self.named[(id(frame.f_code), refused)] = frame.f_code
                return None
            if self._is_local(refused):
                return None
        finally:
            self.judging.discard(mine)
        return error_of(refused)

    def _is_extension(self, namespace, frame):
        """Extension modules have no frame: what they hand over is their own namespace. Those of others that name A may."""
        if not namespace or frame is None or namespace is frame.f_globals:
            return False
        file = namespace.get('__file__')
        module = sys.modules.get(namespace.get('__name__'))
        if not isinstance(file, str) or module is None or vars(module) is not namespace:
            return False
        if not file.endswith(('.so', '.pyd')) or not self.stack.is_trusted(os.path.abspath(file)):
            return False
        text = self.kinds['read'](file)
        return any((one if PYTHON_2 else one.encode('utf-8')) in text for one in self.rules.names)

    def _is_local(self, name):
        """Whether the repository had a module of that name before anybody changed it, and that is what would be loaded."""
        top = name.partition('.')[0]
        return top in self.rules.local and self._is_of_tree(top)

    def _is_of_tree(self, top):
        module = sys.modules.get(top)
        if module is not None:
            places = [getattr(module, '__file__', None)] + list(getattr(module, '__path__', None) or [])
        elif PYTHON_2:
            import imp

            try:
                places = [imp.find_module(top)[1]]
            except ImportError:
                places = []
        else:
            from importlib.machinery import PathFinder

            spec = PathFinder.find_spec(top)
            places = [] if spec is None else [spec.origin] + list(spec.submodule_search_locations or [])
        return any(
            os.path.abspath(place).startswith(root + os.sep)
            for place in places
            if isinstance(place, str)
            for root in self.rules.roots
        )

    # ---- use

    def may_use(self, caller, callee, names, given, is_entry):
        """Whether whoever calls a function of A may; notes what is so every time."""
        code = None if caller is None else caller.f_code
        known = self.granted.get((id(code), id(callee), id(given)))
        if known is not None and known[0] is code and known[1] is callee and known[2] is given:
            return True
        mine = get_ident()
        if mine in self.judging:
            return self._is_judges_own(caller)
        self.judging.add(mine)
        try:
            kinds, stack = self.kinds, self.stack
            if caller is not None:
                kind, uses = stack.kind(caller)
                if kind == kinds['OWN']:
                    self.always[id(code)] = code
                    return True
            why = []
            wanted = ('function' if given is None else 'object', names, callee)
            if stack.verdict(caller, wanted, why):
                if kind in (kinds['USER'], kinds['TESTS']) and stack.says(code, uses, wanted):
                    self.pairs[(id(code), id(callee))] = (code, callee)
                return True
            if is_entry:
                is_granted = bool(why) and stack.is_product(why[0]) and self._is_given(callee, given)
            else:
                is_granted = stack.tests_use_a() or self._target_uses_a()
            if is_granted and (not is_entry or why[0] is caller):
                self.granted[(id(code), id(callee), id(given))] = (code, callee, given)
            return is_granted
        finally:
            self.judging.discard(mine)

    def may_read(self, caller, module):
        """Whether a name of a module of A may be read: by all but code of the tree itself, many look through all modules."""
        mine = get_ident()
        if mine in self.judging:
            return True
        self.judging.add(mine)
        try:
            kind = self.stack.kind(caller)[0]
            if kind in (self.kinds['PRODUCT'], self.kinds['STRANGE']):
                is_text = kind == self.kinds['STRANGE'] and self.stack.is_doctest(caller)
                return is_text or self._is_given(None, module)
            self.readers[id(caller.f_code)] = caller.f_code
            return True
        finally:
            self.judging.discard(mine)

    def _is_judges_own(self, frame):
        """Whether the judge itself, while it judges, uses what it judges about: not a signal's handler in between."""
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(_HERE + os.sep):
                return True
            if not name.startswith(('<frozen ', _STANDARD)):
                return False
            frame = frame.f_back
        return False

    def _target_uses_a(self):
        """Whether B is made of A (secrets of random): what B gives is then B's."""
        for name in self.rules.target:
            file = getattr(sys.modules.get(name), '__file__', None)
            if isinstance(file, str):
                place = os.path.abspath(file[:-1] if file.endswith('.pyc') else file)
                if self.stack.is_trusted(place) and self.stack.is_made_of_a(place):
                    return True
        return False

    def _is_given(self, callee, given):
        """Whether a module of B, or a file of the tree that may use A, has this very thing of A among its own names."""
        lineage = getattr(given, '__mro__', (given,)) if isinstance(given, type) else (given,)
        lineage = [one for one in lineage if one is not object]
        for name, module in list(sys.modules.items()):
            file = getattr(module, '__file__', None)
            if not isinstance(file, str):
                continue
            place = os.path.abspath(file[:-1] if file.endswith('.pyc') else file)
            is_target = self.kinds['is_of'](name, self.rules.target) and self.stack.is_trusted(place)
            if not is_target and not self._is_kept(file):
                continue
            for key, value in list(vars(module).items()):
                if is_target and key.startswith('_'):
                    continue
                if (given is not None and any(value is one for one in lineage)) or (callee is not None and getattr(value, '__code__', None) is callee):
                    # not what somebody has put there
                    if not is_target or (is_file_of(name, place) and self.stack.binds(place, key)):
                        return True
                if not is_target and isinstance(value, type(sys)) and self.is_module_of_a(value):
                    return True
        return False

    def _is_kept(self, file):
        place = os.path.abspath(file)
        for root in self.rules.roots:
            if place.startswith(root + os.sep):
                return place[len(root) + 1 :].replace(os.sep, '/') in self.rules.kept
        return False

    def is_module_of_a(self, module):
        name = object.__getattribute__(module, '__dict__').get('__name__', '')
        return self.kinds['is_of'](name, self.rules.names)

    def name_of(self, namespace):
        """A's name for a refusal, from a module's own namespace."""
        name = namespace.get('__name__')
        return name if isinstance(name, str) and self.kinds['is_of'](name, self.rules.names) else self.rules.names[0]

    def adopt(self, frame):
        """Where the runner asks before anything of the tree has run: exempt files are what they are now.

        The runner itself may have changed tests since their digests were taken (tests that are made to fail).
        """
        file = frame.f_code.co_filename
        if os.path.abspath(file) != os.path.join(_HERE, 'run_tests.py'):
            return
        while frame is not None:
            if self.stack.kind(frame)[0] != self.kinds['GLUE']:
                return
            frame = frame.f_back
        self.stack.adopt()

    def facts(self):
        """What stays as it is once the runner stands: what is refused to whom, and the functions that say so."""
        rules = [(name, sorted(value.items()) if isinstance(value, dict) else sorted(value)) for name, value in vars(self.rules).items()]
        held = [(name, id(value)) for name, value in vars(self).items() if name not in ('covered', 'report')]
        names = list(self.kinds.items()) + list(vars(type(self.stack)).items()) + list(vars(type(self)).items())
        code = [(name, id(value), id(getattr(value, '__code__', None))) for name, value in names if callable(value)]
        loaded = [vars_of(sys.modules.get(name)).get('__mig__', self.guard) for name in self.rules.names]
        return sorted(rules), sorted(self.top_level), sorted(held), sorted(code), all(one is self.guard for one in loaded)

    def cover(self):
        """Puts the second layer on the modules of A that are loaded."""
        if len(sys.modules) == self.covered:
            return
        self.covered = len(sys.modules)
        for name in self.rules.names:
            for one, module in list(sys.modules.items()):
                if (one == name or one.startswith(name + '.')) and type(module) is type(sys):
                    module.__class__ = self.guarded_module


def is_file_of(name, place):
    """Whether a module of this name may lie there."""
    whole = os.path.splitext(place)[0]
    stem = os.path.dirname(whole) if os.path.basename(whole) == '__init__' else whole
    return (os.sep + stem).endswith(os.sep + name.replace('.', os.sep))


def error_of(name):
    if PYTHON_2:
        return ImportError('No module named ' + name)
    return ModuleNotFoundError('No module named %r' % name, name=name)


def vars_of(module):
    return {} if module is None else object.__getattribute__(module, '__dict__')


def get_ident():
    return _ident()


if PYTHON_2:
    from thread import get_ident as _ident
else:
    from _thread import get_ident as _ident


def install(path):
    """Puts the block into this process, once; answers it, or None where no module is refused."""
    present = getattr(sys, '_mig_block', None)
    if present is not None:
        present.adopt(sys._getframe(1))
        return present
    block = Block(path)
    if not block.rules.names:
        return None
    part = _part('mig_wrap')
    names = part['wrappers'](block)
    after = {'pending': [True], 'cover': block.cover}
    after['pytest'] = lambda: watch_pytest(block, after['pending'])
    wiring = (block, sys, part['absolute'], part['is_sibling'], after)
    guard = block.guard = names['make_guard'](block, sys, error_of)
    block.entry = lambda name: enter(block, guard, sys._getframe(1))
    block.rest = lambda namespace: part['guard_the_rest'](block, guard, namespace)
    import importlib

    if PYTHON_2:
        import __builtin__ as builtins

        block.cover = after['cover'] = lambda: None
        importlib.import_module = names['wrap_import_module'](importlib.import_module, *wiring)
    else:
        import builtins
        import importlib.util

        block.guarded_module = names['make_module'](block, sys, error_of)
        importlib.__import__ = names['wrap_import'](importlib.__import__, *wiring)
        importlib.import_module = names['wrap_import_module'](importlib.import_module, *wiring)
        importlib.util.find_spec = names['wrap_find_spec'](importlib.util.find_spec, *wiring)
        block.finder = names['make_finder'](block, sys)
        sys.meta_path.insert(0, block.finder)
        block.cover()
    builtins.__import__ = names['wrap_import'](builtins.__import__, *wiring)
    if hasattr(sys, 'addaudithook'):
        sys.addaudithook(names['make_hook'](block, sys))
    sys._mig_block = block
    block.adopt(sys._getframe(1))
    return block


def enter(block, guard, frame):
    """What a guarded copy calls first: may whoever loads it? Answers what its functions call."""
    stack, kinds = block.stack, block.kinds
    wanted = set(block.rules.names).union(name.rpartition('.')[2] for name in block.rules.names)
    mine = get_ident()
    if mine not in block.judging:
        block.judging.add(mine)
        try:
            is_own = stack.kind(frame)[0] == kinds['OWN']
            if not is_own or not stack.verdict(frame.f_back, ('import', wanted, None)):
                raise error_of(block.name_of(frame.f_globals))
        finally:
            block.judging.discard(mine)
    return guard


def watch_pytest(block, pending):
    """Once pytest's rewriter is there: what it makes of test files and plug-ins is known for theirs."""
    rewrite = sys.modules.get('_pytest.assertion.rewrite')
    original = getattr(rewrite, '_rewrite_test', None)
    if original is None or not pending:
        return
    del pending[:]

    def _rewrite_test(*given):
        made = original(*given)
        block.stack.remember(made[1].co_filename, made[1])
        return made

    rewrite._rewrite_test = _rewrite_test


if 'RULES' in globals():
    install(RULES)  # noqa: F821
