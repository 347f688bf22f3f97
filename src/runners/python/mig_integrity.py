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


def _is_from_outside(value, bases):
    function = _function_of(value)
    return function is not None and _relative(_file_of(function), bases) is None


def take(own, manager, root):
    """`changes()`: sorted names of what is not as it is now. `manager` is pytest's plug-in manager."""
    builtin = sys.modules['__builtin__' if sys.version_info[0] == 2 else 'builtins']
    bases = _bases(root)
    entries = []
    classes = []
    for module in watched_modules(own):
        for label, holder, name, value in _entries(module):
            function = _function_of(value)
            facts = None if function is None else _facts(function)
            entries.append((label, holder, name, value, function, facts))
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                classes.append((value, frozenset(vars(value))))
    for name, value in list(vars(builtin).items()):
        # `_` is what an interactive session answered last
        if name != '_':
            entries.append(('builtins', vars(builtin), name, value, None, None))
    modules = [(name, sys.modules[name]) for name in PACKAGES if name in sys.modules]
    hooks = dict((name, hook) for name, hook in vars(manager.hook).items() if hasattr(hook, 'get_hookimpls'))
    answers = {}
    for name, hook in hooks.items():
        for answer in hook.get_hookimpls():
            answers[id(answer)] = (answer, answer.function, getattr(answer.function, '__code__', None))
    inner = getattr(manager, '_inner_hookexec', None)
    tracers = (sys.gettrace(), sys.getprofile())
    gettrace, getprofile, loaded = sys.gettrace, sys.getprofile, sys.modules

    def changed_names():
        for label, holder, name, value, function, facts in entries:
            now = holder.get(name, _ABSENT)
            if now is not value or (function is not None and _facts(function) != facts):
                yield label + '.' + name, now
        for value, names in classes:
            members = vars(value)
            if len(members) != len(names):
                for name in list(members):
                    if name not in names and isinstance(members[name], _CALLED):
                        yield '%s.%s.%s' % (value.__module__, value.__name__, name), members[name]
        for name, module in modules:
            if loaded.get(name) is not module:
                yield 'sys.modules[%s]' % name, loaded.get(name)
        for name, now, then in (('settrace', gettrace(), tracers[0]), ('setprofile', getprofile(), tracers[1])):
            if now is not then and _relative(_file_of(now), bases) is not None:
                yield 'sys.' + name, now

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

    def changes(by_anybody=True):
        """Sorted names; not `by_anybody`: without what now is a function that stands outside the tree."""
        names = set(name for name, now in changed_names() if by_anybody or not _is_from_outside(now, bases))
        return sorted(names | set(changed_hooks()))

    return changes
