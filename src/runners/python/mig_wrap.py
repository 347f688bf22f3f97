"""What stands before the functions of the import system, and what guarded copies of A call: see `mig_block`.

Frames of these are named as the import system's own: tracebacks leave them out and `stacklevel` of warnings passes
over them, so that code under test sees no difference.
"""

import os
import sys

PYTHON_2 = sys.version_info[0] == 2
if not PYTHON_2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))

_WRAPPERS = """
def quietly(block, sys):
    quiet, frame_of = block.quiet, sys._getframe
    def caller():
        quiet[0] += 1
        try:
            return frame_of(2)
        finally:
            quiet[0] -= 1
    return caller

def wrap_import(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, quietly(block, sys)
    pending, watched = after['pending'], block.watched
    def __import__(name, globals=None, locals=None, fromlist=(), level=%d):
        top = name.partition('.')[0] if type(name) is str else ''
        if level <= 0 and (top in top_level or 'vendor' in name or 'extern' in name):
            error = refusal(name, fromlist, globals, frame_of())
            if error is not None and not (level < 0 and is_sibling(name, globals)):
                raise error
            found = original(name, globals, locals, fromlist, level)
            after['cover']()
            return found
        if top in watched and level <= 0:
            block.report(name, frame_of())
        if pending:
            after['pytest']()
        return original(name, globals, locals, fromlist, level)
    return __import__

def wrap_import_module(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, quietly(block, sys)
    def import_module(name, package=None):
        whole = absolute(name, package)
        if whole.partition('.')[0] in top_level or 'vendor' in whole or 'extern' in whole:
            error = refusal(whole, (), None, frame_of())
            if error is not None:
                raise error
            found = original(name, package)
            after['cover']()
            return found
        return original(name, package)
    return import_module

def wrap_find_spec(original, block, sys, absolute, is_sibling, after):
    top_level, refusal, frame_of = block.top_level, block.refusal, quietly(block, sys)
    def find_spec(name, package=None):
        whole = absolute(name, package)
        if whole.partition('.')[0] in top_level:
            error = refusal(whole, (), None, frame_of())
            if error is not None:
                if whole == error.name:
                    return None
                raise error
        return original(name, package)
    return find_spec

def make_finder(block, sys):
    top_level, refusal, frame_of = block.top_level, block.refusal, quietly(block, sys)
    class Finder(object):
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition('.')[0] in top_level:
                error = refusal(name, (), None, frame_of())
                if error is not None:
                    raise error
            return None
    return Finder

def make_hook(block, sys):
    top_level, refusal, frame_of = block.top_level, block.refusal, quietly(block, sys)
    def hook(event, given):
        # extension modules too, whatever loads them from wherever
        if event == 'import' and type(given[0]) is str:
            name = given[0]
            if type(given[1]) is str and name.partition('.')[0] not in top_level:
                name = given[1].rpartition('/')[2].partition('.')[0]
            if name.partition('.')[0] in top_level:
                error = refusal(name, (), None, frame_of())
                if error is not None:
                    raise error
    return hook

def make_guard(block, sys, error_of):
    always, pairs, may_use, frame_of = block.always, block.pairs, block.may_use, sys._getframe
    quiet = block.quiet
    def guard(given=None, entry=0):
        quiet[0] += 1
        try:
            here = frame_of(1)
        finally:
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
    readers, may_read, frame_of, quiet = block.readers, block.may_read, sys._getframe, block.quiet
    plain = type(sys).__getattribute__
    class module(type(sys)):
        def __getattribute__(self, name):
            if name[:2] == '__' and name != '__dict__':
                return plain(self, name)
            quiet[0] += 1
            try:
                caller = frame_of(1)
            finally:
                quiet[0] -= 1
            code = caller.f_code
            if readers.get(id(code)) is not code and not may_read(caller, self):
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


def wrappers(block):
    """The functions of the text above, known as ours."""
    names = {} if PYTHON_2 else {'__builtins__': __builtins__}
    exec(compile(_WRAPPERS, '<frozen importlib._bootstrap>', 'exec'), names)
    for function in list(names.values()):
        if hasattr(function, '__code__'):
            block.stack.made(function.__code__)
    return names


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
