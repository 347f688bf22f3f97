"""Refuses the import of chosen modules to the code of one folder, its exempt files aside.

The import statement does not ask any finder for a module that is loaded already, so the functions behind the
statement are replaced; a finder stands behind them for everything that gets round these. Runs on Python 2.7
and 3.6 and newer, in every process, so it imports next to nothing.
"""

import os
import sys

PYTHON_2 = sys.version_info[0] == 2
_ROOTS = []
_NAMES = []
_EXEMPT = set()
_TOP_LEVEL = set()
_VERDICTS = {}
_STANDARD = os.path.dirname(os.__file__)
# functions that import on behalf of whoever calls them
_TRANSPARENT = set(
    os.path.join(_STANDARD, *parts.split('/'))
    for parts in (
        'importlib/__init__.py',
        'importlib/util.py',
        'importlib/_bootstrap.py',
        'importlib/_bootstrap_external.py',
        'pkgutil.py',
        'runpy.py',
        'imp.py',
    )
)


def read_rules(path):
    """Lines `kind<TAB>value`; values are percent-encoded where they hold a blank other than a space."""
    with open(path, 'rb') as source:
        text = source.read().decode('utf-8')
    for line in text.split(u'\n'):
        kind, _, value = line.partition(u'\t')
        value = value.replace(u'%09', u'\t').replace(u'%0A', u'\n').replace(u'%0D', u'\r').replace(u'%25', u'%')
        yield kind, value.encode('utf-8') if PYTHON_2 else value


def matched(name, members):
    """The refused module that `import name` or `from name import members` would bind."""
    for refused in _NAMES:
        if name == refused or name.startswith(refused + '.'):
            return refused
        if members and refused.startswith(name + '.') and refused[len(name) + 1 :] in members:
            return refused
    return None


def importing_file(frame):
    """The file whose code imports; None where that is a doctest or nobody's."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith('<doctest '):
            return None
        if name.startswith('<frozen ') and not name.startswith(('<frozen importlib', '<frozen runpy')):
            return None
        if not name.startswith('<') and name not in _TRANSPARENT and name != __file__:
            return name
        frame = frame.f_back
    return None


def is_refused_to(path):
    """Whether `path` is code of the repository that must do without the module."""
    verdict = _VERDICTS.get(path)
    if verdict is None:
        whole = os.path.abspath(path)
        verdict = False
        for root in _ROOTS:
            if whole.startswith(root + os.sep):
                verdict = whole[len(root) + 1 :].replace(os.sep, '/') not in _EXEMPT
        if os.path.isabs(path):
            _VERDICTS[path] = verdict
    return verdict


def is_local(name):
    """Whether the repository has a module of that name itself, which is not the library."""
    top = name.partition('.')[0]
    module = sys.modules.get(top)
    places = []
    if module is not None:
        places = [getattr(module, '__file__', None)]
    elif PYTHON_2:
        import imp

        try:
            places = [imp.find_module(top)[1]]
        except ImportError:
            places = []
    else:
        spec = PathFinder.find_spec(top)
        places = [spec.origin] if spec is not None else []
    return any(place and inside(os.path.abspath(place)) for place in places)


def inside(path):
    return any(path.startswith(root + os.sep) for root in _ROOTS)


def refusal(name, members, namespace, frame):
    """The error for this import, or None where it may go on."""
    refused = matched(name, members)
    if refused is None:
        return None
    path = importing_file(frame)
    is_product = path is not None and is_refused_to(path)
    # extension modules have no frame: what they hand over is their own namespace, not the frame's
    if not is_product and namespace and frame is not None and namespace is not frame.f_globals:
        own = namespace.get('__file__')
        is_product = isinstance(own, str) and is_refused_to(own)
    if not is_product or is_local(refused):
        return None
    if PYTHON_2:
        return ImportError('No module named ' + refused)
    return ModuleNotFoundError('No module named %r' % refused, name=refused)


class Finder(object):
    """Refuses where an import reaches the finders without the replaced functions."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition('.')[0] in _TOP_LEVEL:
            error = refusal(name, (), None, sys._getframe(1))
            if error is not None:
                raise error
        return None


# Two frames that are named as the import system's own: tracebacks leave them out and `stacklevel` of warnings
# passes over them, so that code under test sees no difference.
_WRAPPERS = """
def wrap_import(original, top_level, refusal, frame_of):
    def __import__(name, globals=None, locals=None, fromlist=(), level=%d):
        if level <= 0 and type(name) is str and name.partition('.')[0] in top_level:
            error = refusal(name, fromlist, globals, frame_of(1))
            if error is not None and not (level < 0 and is_sibling(name, globals)):
                raise error
        return original(name, globals, locals, fromlist, level)
    return __import__

def wrap_import_module(original, top_level, refusal, frame_of):
    def import_module(name, package=None):
        whole = absolute(name, package)
        if whole.partition('.')[0] in top_level:
            error = refusal(whole, (), None, frame_of(1))
            if error is not None:
                raise error
        return original(name, package)
    return import_module

def wrap_find_spec(original, top_level, refusal, frame_of):
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
    for kind, value in read_rules(path):
        if kind == 'root':
            _ROOTS.extend(sorted(set([os.path.abspath(value), os.path.realpath(value)])))
        elif kind == 'name':
            _NAMES.append(value)
            _TOP_LEVEL.add(value.partition('.')[0])
        elif kind == 'exempt':
            _EXEMPT.add(value)
    if not _NAMES:
        return
    names = {'absolute': absolute, 'is_sibling': is_sibling}
    exec(compile(_WRAPPERS, '<frozen importlib._bootstrap>', 'exec'), names)
    wiring = (_TOP_LEVEL, refusal, sys._getframe)
    import importlib

    if PYTHON_2:
        import __builtin__

        __builtin__.__import__ = names['wrap_import'](__builtin__.__import__, *wiring)
        importlib.import_module = names['wrap_import_module'](importlib.import_module, *wiring)
        return
    import builtins
    import importlib.util
    from importlib.machinery import PathFinder

    globals()['PathFinder'] = PathFinder
    builtins.__import__ = names['wrap_import'](builtins.__import__, *wiring)
    importlib.__import__ = names['wrap_import'](importlib.__import__, *wiring)
    importlib.import_module = names['wrap_import_module'](importlib.import_module, *wiring)
    importlib.util.find_spec = names['wrap_find_spec'](importlib.util.find_spec, *wiring)
    sys.meta_path.insert(0, Finder)
