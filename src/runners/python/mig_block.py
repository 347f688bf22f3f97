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
_HERE = os.path.dirname(os.path.abspath(__file__))
_VENDORED = ('vendor', 'extern')
_FOLDERS = frozenset(['_vendor', 'vendor', '_vendored', 'vendored', 'extern', 'externals', 'third_party'])
_KINDS = {'root': None, 'name': 'names', 'own': 'own', 'target': 'target', 'place': 'places'}


def _stack_module():
    path = os.path.join(_HERE, 'mig_stack.py')
    with open(path) as source:
        code = compile(source.read(), path, 'exec')
    names = {'__name__': 'mig_stack', '__file__': path}
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
        stack = _stack_module()
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
        self.always = {}
        self.pairs = {}
        # more than 0 while this module itself asks for frames, which `mig_watch` does not tell of
        self.quiet = [0]
        self.finder = None
        self.placed = []

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
        if self._is_extension(namespace, frame):
            return None
        wanted = set([refused, name, refused.rpartition('.')[2]])
        mine = get_ident()
        if mine in self.judging:
            return None
        self.judging.add(mine)
        try:
            why = []
            if self.stack.verdict(frame, ('import', wanted), why) or self._is_local(refused):
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

    def may_use(self, caller, callee, wanted, self_given, is_entry, module=None):
        """Whether whoever calls a function of A, or reads from a module of it, may. Answers fast where it did before."""
        mine = get_ident()
        if mine in self.judging:
            return True
        self.judging.add(mine)
        try:
            kinds = self.kinds
            if caller is not None:
                kind, uses = self.stack.kind(caller)
                code = caller.f_code
                if kind in (kinds['TESTS'], kinds['OWN']):
                    self.always[id(code)] = code
                    return True
            why = []
            wanted = ('function' if self_given is None else 'object', wanted)
            if self.stack.verdict(caller, wanted, why):
                if kind == kinds['USER'] and self.stack.says(caller.f_code, uses, wanted):
                    self.pairs[(id(caller.f_code), id(callee))] = (caller.f_code, callee)
                return True
            if not why or not self.stack.is_product(why[0]):
                return False
            if not is_entry:
                return self.stack.tests_use_a() or self._target_uses_a()
            return self._is_given(callee, self_given if module is None else module)
        finally:
            self.judging.discard(mine)

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
            is_target = self.kinds['is_of'](name, self.rules.target) and self.stack.is_trusted(os.path.abspath(file))
            if not is_target and not self._is_kept(file):
                continue
            for key, value in list(vars(module).items()):
                if is_target and key.startswith('_'):
                    continue
                if (given is not None and any(value is one for one in lineage)) or (callee is not None and getattr(value, '__code__', None) is callee):
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

    def took_over(self, code, function):
        """Another wrapper of ours stands before the one that was placed."""
        for one in self.kinds['inner'](code):
            self.stack.made(one)
        self.placed[0] = (self.placed[0][0], '__import__', function)

    def cover(self):
        """Puts the second layer on the modules of A that are loaded."""
        for name in self.rules.names:
            for one, module in list(sys.modules.items()):
                if (one == name or one.startswith(name + '.')) and type(module) is type(sys):
                    module.__class__ = self.guarded_module


def error_of(name):
    if PYTHON_2:
        return ImportError('No module named ' + name)
    return ModuleNotFoundError('No module named %r' % name, name=name)


def get_ident():
    return _ident()


if PYTHON_2:
    from thread import get_ident as _ident
else:
    from _thread import get_ident as _ident


# Frames that are named as the import system's own: tracebacks leave them out and `stacklevel` of warnings
# passes over them, so that code under test sees no difference.
_WRAPPERS = """
def wrap_import(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, sys._getframe
    pending = after['pending']
    def __import__(name, globals=None, locals=None, fromlist=(), level=%d):
        if level <= 0 and type(name) is str and (
            name.partition('.')[0] in top_level or 'vendor' in name or 'extern' in name
        ):
            error = refusal(name, fromlist, globals, frame_of(1))
            if error is not None and not (level < 0 and is_sibling(name, globals)):
                raise error
            found = original(name, globals, locals, fromlist, level)
            after['cover']()
            return found
        if pending:
            after['pytest']()
        return original(name, globals, locals, fromlist, level)
    return __import__

def wrap_import_module(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, sys._getframe
    def import_module(name, package=None):
        whole = absolute(name, package)
        if whole.partition('.')[0] in top_level or 'vendor' in whole or 'extern' in whole:
            error = refusal(whole, (), None, frame_of(1))
            if error is not None:
                raise error
            found = original(name, package)
            after['cover']()
            return found
        return original(name, package)
    return import_module

def wrap_find_spec(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, sys._getframe
    def find_spec(name, package=None):
        whole = absolute(name, package)
        if whole.partition('.')[0] in top_level:
            error = refusal(whole, (), None, frame_of(1))
            if error is not None:
                if whole == error.name:
                    return None
                raise error
        return original(name, package)
    return find_spec

def make_finder(block, sys):
    top_level, refusal, frame_of = block.top_level, block.refusal, sys._getframe
    class Finder(object):
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition('.')[0] in top_level:
                error = refusal(name, (), None, frame_of(1))
                if error is not None:
                    raise error
            return None
    return Finder

def make_hook(block, sys):
    top_level, refusal, frame_of = block.top_level, block.refusal, sys._getframe
    def hook(event, given):
        # extension modules too, whatever loads them from wherever
        if event == 'import' and type(given[0]) is str:
            name = given[0]
            if type(given[1]) is str and name.partition('.')[0] not in top_level:
                name = given[1].rpartition('/')[2].partition('.')[0]
            if name.partition('.')[0] in top_level:
                error = refusal(name, (), None, frame_of(1))
                if error is not None:
                    raise error
    return hook

def make_guard(block, sys, error_of):
    always, pairs, may_use, frame_of = block.always, block.pairs, block.may_use, sys._getframe
    quiet = block.quiet
    def guard(given=None, entry=0):
        quiet[0] += 1
        here = frame_of(1)
        quiet[0] -= 1
        caller = here.f_back
        if caller is not None:
            code = caller.f_code
            if always.get(id(code)) is code:
                return
            known = pairs.get((id(code), id(here.f_code)))
            if known is not None and known[0] is code and known[1] is here.f_code:
                return
        whole = given if isinstance(given, type) or given is None else type(given)
        names = set([here.f_code.co_name])
        names.update(one.__name__ for one in getattr(whole, '__mro__', ()))
        if not may_use(caller, here.f_code, names, whole, given is None or entry):
            raise error_of(block.name_of(here.f_globals))
    return guard

def make_module(block, sys, error_of):
    always, may_use, frame_of, quiet = block.always, block.may_use, sys._getframe, block.quiet
    plain = type(sys).__getattribute__
    class module(type(sys)):
        def __getattribute__(self, name):
            if name[:2] == '__' and name != '__dict__':
                return plain(self, name)
            quiet[0] += 1
            caller = frame_of(1)
            quiet[0] -= 1
            if always.get(id(caller.f_code)) is not caller.f_code:
                if not may_use(caller, None, set([name]), None, True, self):
                    raise AttributeError('No module named %%r' %% plain(self, '__name__'))
            return plain(self, name)
    module.__module__ = 'builtins'
    return module
""" % (-1 if PYTHON_2 else 0)


def absolute(name, package):
    if not isinstance(name, str) or not name.startswith('.') or not package:
        return name if isinstance(name, str) else ''
    rest = name.lstrip('.')
    above = package.split('.')
    base = above[: len(above) - (len(name) - len(rest) - 1)]
    return '.'.join(base + [rest]) if rest else '.'.join(base)


def is_sibling(name, namespace):
    """Python 2: `import name` inside a package that has such a module itself."""
    if not namespace:
        return False
    file = namespace.get('__file__')
    package = namespace.get('__package__') or (namespace.get('__path__') and namespace.get('__name__'))
    if not package:
        package = namespace.get('__name__', '').rpartition('.')[0]
    if not file or not package:
        return False
    place = os.path.join(os.path.dirname(os.path.abspath(file)), name.partition('.')[0])
    return os.path.exists(place + '.py') or os.path.exists(os.path.join(place, '__init__.py'))


def install(path):
    """Puts the block into this process, once; answers it, or None where no module is refused."""
    present = getattr(sys, '_mig_block', None)
    if present is not None:
        present.adopt(sys._getframe(1))
        return present
    block = Block(path)
    if not block.rules.names:
        return None
    names = {}
    exec(compile(_WRAPPERS, '<frozen importlib._bootstrap>', 'exec'), names)
    for function in list(names.values()):
        if hasattr(function, '__code__'):
            block.stack.made(function.__code__)
    after = {'pending': [True], 'cover': block.cover}
    after['pytest'] = lambda: watch_pytest(block, after['pending'])
    wiring = (block, sys, absolute, is_sibling, after)
    guard = names['make_guard'](block, sys, error_of)
    block.entry = lambda name: enter(block, guard, sys._getframe(1))
    block.rest = lambda namespace: guard_the_rest(block, guard, namespace)
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
    block.placed = [(builtins, '__import__', builtins.__import__), (sys, '_mig_block', block)]
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
            if not is_own or not stack.verdict(frame.f_back, ('import', wanted)):
                raise error_of(block.name_of(frame.f_globals))
        finally:
            block.judging.discard(mine)
    return guard


_CALL = """
def %(name)s(*args, **given):
    __mig__()
    return __original__(*args, **given)
"""


def guard_the_rest(block, guard, namespace):
    """Guards what a module of A takes from its own extension module, or from an instance of a class of its own."""
    own = namespace.get('__name__', '')
    name = '_' + own.rpartition('.')[2].lower()
    for key, value in list(namespace.items()):
        if key.startswith('__'):
            continue
        holder = getattr(value, '__self__', None)
        is_own = type(holder).__module__ == own
        if getattr(value, '__module__', None) != name and not is_own:
            continue
        if type(value) is type(len):
            namespace[key] = _wrapped(block, guard, key, value)
        elif isinstance(value, type) and not issubclass(value, BaseException):
            try:
                namespace[key] = type(value)(key, (value,), {'__init__': _constructor(block, guard, value)})
                namespace[key].__module__ = name
            except TypeError:
                continue


def _wrapped(block, guard, name, original):
    names = {'__mig__': guard, '__original__': original}
    exec(compile(_CALL % {'name': name}, '<frozen importlib._bootstrap>', 'exec'), names)
    made = names[name]
    block.stack.made(made.__code__)
    made.__doc__ = original.__doc__
    made.__module__ = original.__module__
    return made


def _constructor(block, guard, original):
    def __init__(self, *args, **given):
        guard(self, 1)
        original.__init__(self, *args, **given)

    block.stack.made(__init__.__code__)
    return __init__


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


def disturbed():
    """What of the block was taken out or replaced, in words; empty where it stands as it was put."""
    block = getattr(sys, '_mig_block', None)
    found = []
    for holder, name, value in block.placed if block is not None else ():
        if getattr(holder, name, None) is not value:
            found.append('%s.%s was replaced' % (holder.__name__, name))
    return found


if 'RULES' in globals():
    install(RULES)  # noqa: F821
