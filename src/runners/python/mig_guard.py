"""Makes guarded copies of A: every function of them asks the block who calls it, and every file who loads it.

Usage: mig_guard.py OUT PLUGIN NAME...; run by the environment's interpreter, nothing of A is imported. OUT gets
the copies and `guards.json`: {"mounts": [{"at", "file"}], "own": [path], "unguarded": [name]}. Compiled files are
copied too, since they could be loaded by themselves. Other interpreters of the sandbox and its shared packages
get a file in A's place that refuses.

Text is inserted and nothing else of a file changed, so it works on whatever the interpreter can read. Not
guarded: functions within functions, properties, exceptions, special methods but construction and calls, and
extension modules, but for those that a module of A takes its own functions from (pickle from _pickle).
"""

import ast
import glob
import json
import os
import py_compile
import shutil
import sys

PYTHON_2 = sys.version_info[0] == 2
GUARDED_SPECIAL = ('__init__', '__new__', '__call__')
UNGUARDED_DECORATORS = ('property', 'cached_property', 'setter', 'getter', 'deleter', 'overload', 'abstractproperty')
LARGEST_FOLDER = 200 * 1024 * 1024
# where programs bring interpreters of their own along, and what holds none
OTHERS = ('/usr', '/opt')
WITHOUT = frozenset('doc man locale zoneinfo icons fonts include src node_modules __pycache__'.split())
HEADER = """import sys as __mig__
if not hasattr(__mig__, '_mig_block'):
    with open(%(plugin)r + '/mig_block.py') as __mig__: exec(compile(__mig__.read(), %(plugin)r + '/mig_block.py', 'exec'), {'__name__': 'mig_block', '__file__': %(plugin)r + '/mig_block.py', 'RULES': %(plugin)r + '/import-rules'})
    import sys as __mig__
__mig__ = __mig__._mig_block.entry(__name__)
"""
FOOTER = "\n__import__('sys')._mig_block.rest(globals())\n"
STUB = 'raise ImportError("No module named " + __name__)\n'
_FUNCTIONS = tuple(getattr(ast, name) for name in ('FunctionDef', 'AsyncFunctionDef') if hasattr(ast, name))


def last_name(node):
    node = getattr(node, 'func', node)
    return getattr(node, 'attr', None) or getattr(node, 'id', None) or ''


def blocks_of(node):
    """Statements within a statement that is no function and no class."""
    for field in ('body', 'orelse', 'finalbody', 'handlers'):
        for one in getattr(node, field, None) or []:
            if isinstance(one, ast.ExceptHandler):
                for each in one.body:
                    yield each
            elif isinstance(one, ast.stmt):
                yield one


class Places(object):
    """Where text is to be inserted."""

    def __init__(self, tree):
        self.found = []
        self._errors = set()
        self._visit(tree.body, False)

    def _visit(self, body, is_class):
        for node in body:
            if isinstance(node, _FUNCTIONS):
                self._function(node, is_class)
            elif isinstance(node, ast.ClassDef):
                if any(self._is_error(base) for base in node.bases):
                    self._errors.add(node.name)
                else:
                    self._visit(node.body, True)
            else:
                self._visit(list(blocks_of(node)), is_class)

    def _is_error(self, base):
        name = last_name(base)
        return name in self._errors or name.endswith(('Error', 'Exception', 'Warning'))

    def _function(self, node, is_class):
        name = node.name
        decorators = [last_name(one) for one in node.decorator_list]
        if any(one in UNGUARDED_DECORATORS for one in decorators):
            return
        if name.startswith('__') and name.endswith('__') and not (is_class and name in GUARDED_SPECIAL):
            return
        first = node.body[0]
        if is_docstring(first):
            if len(node.body) == 1:
                return
            first = node.body[1]
        self.found.append((position(first), '__mig__(%s)' % given(node, is_class, decorators)))


def is_docstring(node):
    return isinstance(node, ast.Expr) and (
        isinstance(node.value, getattr(ast, 'Constant', ())) or type(node.value).__name__ == 'Str'
    )


def position(node):
    lines = [node.lineno] + [one.lineno for one in getattr(node, 'decorator_list', [])]
    return min(lines), node.col_offset


def given(node, is_class, decorators):
    arguments = getattr(node.args, 'posonlyargs', []) + node.args.args
    if not is_class or 'staticmethod' in decorators or not arguments:
        return ''
    first = getattr(arguments[0], 'arg', None) or getattr(arguments[0], 'id', None)
    if first is None:
        return ''
    is_entry = 'classmethod' in decorators or node.name in ('__init__', '__new__')
    return first + (', 1' if is_entry else '')


def guarded(text, plugin):
    """The text of a module with its guards; raises where it cannot be read or written."""
    tree = ast.parse(text)
    lines = text.splitlines(True)
    for (line, column), call in sorted(Places(tree).found, reverse=True):
        if column < 0:
            continue
        call = call.encode('ascii')
        old = lines[line - 1]
        before = old[:column]
        if before.strip() in (b'', b'\xef\xbb\xbf'):
            lines[line - 1] = before + call + b'\n' + old
        else:
            lines[line - 1] = before + call + b'; ' + old[column:]
    at = header_line(tree, len(lines))
    if lines and not lines[-1].endswith((b'\n', b'\r')):
        lines[-1] += b'\n'
    header = (HEADER % {'plugin': plugin}).encode('utf-8')
    bom = b''
    if at == 0 and lines and lines[0].startswith(b'\xef\xbb\xbf'):
        bom, lines[0] = lines[0][:3], lines[0][3:]
    made = bom + b''.join(lines[:at]) + header + b''.join(lines[at:]) + FOOTER.encode('ascii')
    compile(made, '<guarded>', 'exec', 0, True)
    return made


def header_line(tree, end):
    """How many lines come before the first statement that is neither docstring nor of the future."""
    for index, node in enumerate(tree.body):
        if index == 0 and is_docstring(node):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == '__future__':
            continue
        return position(node)[0] - 1
    return end


# ---- where A is


def find(name):
    """(file or None, folder or None) of a module; nothing is imported."""
    path = None
    file = folder = None
    parts = name.split('.')
    for at in range(len(parts)):
        if PYTHON_2:
            import imp

            try:
                found = imp.find_module(parts[at], path)
            except ImportError:
                return None, None
            file, folder = (None, found[1]) if found[2][2] == imp.PKG_DIRECTORY else (found[1], None)
            path = [folder] if folder else []
            continue
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec('.'.join(parts[: at + 1]), path)
        if spec is None:
            return None, None
        path = list(spec.submodule_search_locations or [])
        file, folder = (None, path[0]) if path else (spec.origin, None)
    return file, folder


class Maker(object):
    def __init__(self, out, plugin):
        self.out = out
        self.plugin = plugin
        self.mounts = []
        self.own = []
        self.unguarded = []
        self.covered = set()
        self.libraries = None

    def place(self, at):
        """A new file of ours for a place of the sandbox."""
        name = '%d-%s' % (len(self.mounts), os.path.basename(at))
        self.mounts.append({'at': at, 'file': name})
        self.covered.add(at)
        return os.path.join(self.out, name)

    def module(self, name):
        file, folder = find(name)
        if file is not None and file.endswith('.pyc'):
            file = file[:-1]
        if folder is not None and size_of(folder) < LARGEST_FOLDER:
            self.folder(os.path.abspath(folder))
        elif file is not None and file.endswith('.py'):
            self.file(os.path.abspath(file))
        else:
            self.unguarded.append(name)
            return
        self.others(name)

    def file(self, path):
        real = os.path.realpath(path)
        self.own.extend(sorted(set([path, real])))
        copy = self.place(real)
        self.write(real, copy)
        compiled = compiled_of(real)
        if compiled:
            made = copy + 'c'
            py_compile.compile(copy, made, real, True)
            for one in compiled:
                shutil.copy(made, self.place(one))
            os.remove(made)

    def folder(self, path):
        real = os.path.realpath(path)
        self.own.extend(sorted(set([path, real])))
        copy = self.place(real)
        shutil.copytree(real, copy, symlinks=True, ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))
        for base, _, files in os.walk(copy):
            for name in files:
                at = os.path.join(base, name)
                if name.endswith('.py') and not os.path.islink(at):
                    origin = os.path.join(real, os.path.relpath(at, copy))
                    self.write(origin, at)
                    try:
                        if PYTHON_2:
                            py_compile.compile(at, at + 'c', origin, True)
                        else:
                            py_compile.compile(at, None, origin, True)
                    except Exception:
                        continue

    def write(self, origin, copy):
        with open(origin, 'rb') as source:
            text = source.read()
        try:
            text = guarded(text, self.plugin)
        except Exception:
            self.unguarded.append(os.path.basename(origin))
        with open(copy, 'wb') as target:
            target.write(text)
        os.chmod(copy, 0o644)

    def others(self, name):
        relative = os.path.join(*name.split('.'))
        if self.libraries is None:
            self.libraries = sorted(one for top in OTHERS for one in libraries_below(top))
        for root in self.libraries:
            for at in (relative + '.py', os.path.join(relative, '__init__.py')):
                real = os.path.realpath(os.path.join(root, at))
                inside = any(real == own or real.startswith(own + os.sep) for own in self.covered)
                if inside or not os.path.isfile(real):
                    continue
                for one in [real] + compiled_of(real):
                    with open(self.place(one), 'w') as target:
                        target.write(STUB)


def libraries_below(top):
    """Folders of standard libraries and of installed packages."""
    for base, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in WITHOUT]
        if base.endswith('-packages') or ('os.py' in files and 'abc.py' in files):
            yield base


def compiled_of(path):
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    found = glob.glob(os.path.join(folder, '__pycache__', stem + '.*.pyc'))
    return sorted(found) + [one for one in (path + 'c', path + 'o') if os.path.isfile(one)]


def size_of(folder):
    total = 0
    for base, _, files in os.walk(folder):
        total += sum(os.lstat(os.path.join(base, name)).st_size for name in files)
    return total


def main():
    out, plugin = sys.argv[1:3]
    maker = Maker(out, plugin)
    for name in sys.argv[3:]:
        maker.module(name)
    result = {'mounts': maker.mounts, 'own': maker.own, 'unguarded': maker.unguarded}
    with open(os.path.join(out, 'guards.json'), 'w') as target:
        json.dump(result, target, indent=1, sort_keys=True)


if __name__ == '__main__':
    main()
