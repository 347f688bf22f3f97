"""What runs the tests, as it was before any code of the tree ran, and what has become of it since.

Looked at are the functions, classes and methods of pytest, pluggy, unittest, doctest and our own plug-in, the
built-ins, the hooks that are called and by whom they are answered, and the trace functions.
"""

import os
import sys
import types

if sys.version_info[0] > 2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))

PACKAGES = ('_pytest', 'pytest', 'pluggy', 'unittest', 'doctest')
_CODE = (types.FunctionType,)
_FOLDED = (staticmethod, classmethod)
_CALLED = _CODE + _FOLDED + (property, types.BuiltinFunctionType)
_ABSENT = object()


def watched_modules(own):
    """The modules that are loaded now and are looked at."""
    found = []
    for name in sorted(sys.modules):
        module = sys.modules[name]
        if isinstance(module, types.ModuleType) and name.partition('.')[0] in PACKAGES:
            found.append(module)
    return found + list(own)


def _function_of(value):
    """The function whose code answers for `value`; None where there is none."""
    if isinstance(value, _FOLDED):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    return value if isinstance(value, _CODE) else None


def _facts(function):
    return function.__code__, function.__defaults__, getattr(function, '__kwdefaults__', None)


def _entries(module):
    """(label, holder, name, value) for everything in a module that is called."""
    names = vars(module)
    for name, value in list(names.items()):
        if isinstance(value, _CALLED):
            yield module.__name__, names, name, value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield module.__name__, names, name, value
            members = vars(value)
            label = module.__name__ + '.' + value.__name__
            for member, inner in list(members.items()):
                if isinstance(inner, _CALLED):
                    yield label, members, member, inner


def _file_of(function):
    return getattr(getattr(function, '__code__', None), 'co_filename', os.sep)


def _bases(root):
    return [base + os.sep for base in sorted(set([root, os.path.realpath(root)]))]


def _relative(path, bases):
    """Path below the tree; None for one outside, also where it is relative: code of files has whole paths."""
    for base in bases:
        if path.startswith(base):
            return path[len(base) :].replace(os.sep, '/')
    return None


def _places_of_plugins(manager, bases):
    """Where the code of the environment's plug-ins stands: files, and folders of packages with a separator at the end."""
    found = [os.path.join(os.path.dirname(sys.modules['_pytest'].__file__), 'legacypath.py')]
    for plugin in manager.get_plugins():
        name = getattr(plugin, '__name__', None) if isinstance(plugin, types.ModuleType) else type(plugin).__module__
        top = str(name).partition('.')[0]
        file = getattr(sys.modules.get(top), '__file__', None)
        if file is None or top in PACKAGES or _relative(file, bases) is not None:
            continue
        is_package = os.path.basename(file).startswith('__init__.')
        found.append(os.path.dirname(file) + os.sep if is_package else os.path.splitext(file)[0] + '.py')
    return tuple(found)


def _stands_in(value, places):
    function = _function_of(value)
    return function is not None and _file_of(function).startswith(places)


class Known(object):
    """A name of a module or class, and what stood behind it."""

    __slots__ = ('label', 'holder', 'name', 'value', 'function', 'facts')

    def __init__(self, label, holder, name, value):
        self.label = label
        self.holder = holder
        self.name = name
        self.put(value)

    def put(self, value):
        self.value = value
        self.function = _function_of(value)
        self.facts = None if self.function is None else _facts(self.function)

    def is_changed(self):
        function = self.function
        if self.holder.get(self.name, _ABSENT) is not self.value:
            return True
        return function is not None and _facts(function) != self.facts


def take(own, manager, root):
    """
    `changes()`: sorted names of what is not as it is now. `changes(True)`: the same, and what plug-ins of the environment
    have put in place since then is taken as given from now on. `manager` is pytest's plug-in manager.
    """
    builtin = sys.modules['__builtin__' if sys.version_info[0] == 2 else 'builtins']
    bases = _bases(root)
    entries = []
    classes = []
    for module in watched_modules(own):
        entries.extend(Known(*entry) for entry in _entries(module))
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                classes.append((value, set(vars(value))))
    # `_` is what an interactive session answered last
    entries.extend(
        Known('builtins', vars(builtin), name, value) for name, value in list(vars(builtin).items()) if name != '_'
    )
    modules = [(name, sys.modules[name]) for name in PACKAGES if name in sys.modules]
    hooks = dict((name, hook) for name, hook in vars(manager.hook).items() if hasattr(hook, 'get_hookimpls'))
    answers = {}
    for name, hook in hooks.items():
        for answer in hook.get_hookimpls():
            answers[id(answer)] = (answer, answer.function, getattr(answer.function, '__code__', None))
    inner = getattr(manager, '_inner_hookexec', None)
    tracers = (sys.gettrace(), sys.getprofile())
    gettrace, getprofile, loaded = sys.gettrace, sys.getprofile, sys.modules
    block = getattr(sys, '_mig_block', None)
    facts_of = None if block is None else type(block).facts
    facts = None if block is None else facts_of(block)

    def changed_names(places):
        for known in entries:
            if known.is_changed():
                now = known.holder.get(known.name, _ABSENT)
                if places and now is not known.value and _stands_in(now, places):
                    known.put(now)
                else:
                    yield known.label + '.' + known.name
        for value, names in classes:
            members = vars(value)
            if len(members) != len(names):
                for name in list(members):
                    if name in names or not isinstance(members[name], _CALLED):
                        continue
                    label = value.__module__ + '.' + value.__name__
                    # some keep the original beside what they put in its place
                    is_kept = name.startswith('_') and not name.startswith('__')
                    if places and (_stands_in(members[name], places) or is_kept):
                        names.add(name)
                        entries.append(Known(label, members, name, members[name]))
                    else:
                        yield label + '.' + name
        for name, module in modules:
            if loaded.get(name) is not module:
                yield 'sys.modules[%s]' % name
        if getattr(sys, '_mig_block', None) is not block or (block is not None and facts_of(block) != facts):
            yield 'what keeps the old library away'
        for name, now, then in (('settrace', gettrace(), tracers[0]), ('setprofile', getprofile(), tracers[1])):
            if now is not then and _relative(_file_of(now), bases) is not None:
                yield 'sys.' + name

    def changed_hooks():
        relay = vars(manager.hook)
        if getattr(manager, '_inner_hookexec', None) is not inner:
            yield 'pluggy: hook execution'
        for name, hook in hooks.items():
            if relay.get(name) is not hook or 'get_hookimpls' in getattr(hook, '__dict__', ()):
                yield 'hook ' + name
                continue
            for answer in hook.get_hookimpls():
                known = answers.get(id(answer))
                if known is None:
                    file = _relative(_file_of(answer.function), bases)
                    if file is not None and file.rpartition('/')[2] != 'conftest.py':
                        yield 'hook %s by %s' % (name, file)
                elif answer.function is not known[1] or getattr(answer.function, '__code__', None) is not known[2]:
                    yield 'hook ' + name

    def changes(takes_plugins=False):
        places = _places_of_plugins(manager, bases) if takes_plugins else ()
        return sorted(set(changed_names(places)) | set(changed_hooks()))

    return changes
