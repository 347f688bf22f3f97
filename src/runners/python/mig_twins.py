"""Falsifies chosen tests in their files: each must fail then, whatever the code under test is like.

A test stays what and where it is, with its id and its line; nothing else of the file moves. How one is falsified
follows from a seed and its id alone, so that every run with that seed falsifies it alike. What is changed runs
unconditionally: a test that passes without reaching its assertions is falsified by an exception. Runs on Python
2.7 and 3.6 and newer; before 3.8, where syntax trees have no ends, text is put before what is expected, or is
exchanged where a single literal stands.
"""

import ast
import hashlib
import io
import os
import re
import sys
import tokenize

PYTHON_2 = sys.version_info[0] == 2
HAS_ENDS = sys.version_info >= (3, 8)
_FUNCTIONS = (ast.FunctionDef,) if PYTHON_2 else (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = _FUNCTIONS + (ast.ClassDef, ast.Lambda)
_COMPOUND = tuple(
    getattr(ast, name)
    for name in ('If', 'For', 'AsyncFor', 'While', 'Try', 'TryStar', 'TryExcept', 'TryFinally', 'With', 'AsyncWith', 'Match')
    + ('FunctionDef', 'AsyncFunctionDef', 'ClassDef')
    if hasattr(ast, name)
)
_STARRED = getattr(ast, 'Starred', ())
_WITHS = tuple(getattr(ast, name) for name in ('With', 'AsyncWith') if hasattr(ast, name))
_CATCHES = re.compile('raises|Raises|suppress|subTest|fails|catch|expect|ignore')
# a text or a number, with no second text after it that it would be joined with
_LITERAL = re.compile(
    br'''(?:[uUbBrR]{0,2}(?:'(?:[^'\\\r\n]|\\.)+'|"(?:[^"\\\r\n]|\\.)+")|\d[\w.]*)(?![ \t]*[uUbBrR]{0,2}['"])(?![\w.])'''
)
# a variable that holds another value of its kind, which is not known before
_OTHERWISE = (
    '%s = {int: lambda x: x + 1, float: lambda x: x + 1 if x + 1 != x else [x], str: lambda x: x + "x", list: lambda x: [x],'
    ' dict: lambda x: {0: x}}.get(type(%s), lambda x: (x, x))(%s); '
)
_PLAIN = (int, float, str, bytes, type(u''))
_SWAPPED = {}
for _one, _other in (
    ('assertTrue', 'assertFalse'),
    ('assertIs', 'assertIsNot'),
    ('assertIsNone', 'assertIsNotNone'),
    ('assertIn', 'assertNotIn'),
    ('assertIsInstance', 'assertNotIsInstance'),
    ('assertGreater', 'assertLessEqual'),
    ('assertLess', 'assertGreaterEqual'),
    ('assertRegex', 'assertNotRegex'),
    ('assertAlmostEqual', 'assertNotAlmostEqual'),
):
    _SWAPPED[_one], _SWAPPED[_other] = _other, _one
_SWAPPED['assertNotEqual'] = 'assertEqual'
_SWAPPED['assert_'] = 'assertFalse'
_EQUALS = set(
    'assertEqual assertEquals assertListEqual assertTupleEqual assertDictEqual assertSetEqual assertSequenceEqual'
    ' assertMultiLineEqual assertCountEqual'.split()
)
_RAISERS = set('raises assertRaises assertRaisesRegex'.split())
_EXCEPTIONS = ('AssertionError("not so")', 'ImportError("No module named \'absent\'")', 'ValueError("not so")')
# Appended to a file; a path of names leads from the module to the test. Nothing above it moves. Tests that classes
# below the test's own have inherited from it are not falsified with it.
_WRAPPER = '''
def _replaced(holder, path, error):
    for name in path[:-1]:
        holder = getattr(holder, name, None)
    inner = getattr(holder, path[-1], None)
    inner = getattr(inner, "__func__", inner)
    if inner is None:
        return
    def test(*args, **kwargs):
        if isinstance(holder, type) and args and type(args[0]) is not holder:
            return inner(*args, **kwargs)
        raise error
    for name, value in list(getattr(inner, "__dict__", {}).items()):
        setattr(test, name, value)
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        if hasattr(inner, name):
            setattr(test, name, getattr(inner, name))
    test.__wrapped__ = inner
    setattr(holder, path[-1], test)
'''
_CALL = '_replaced(__import__("sys").modules[__name__], %r, %s)\n'


class Source(object):
    """The text of a file as lines of UTF-8, by which syntax trees count columns."""

    def __init__(self, path):
        with open(path, 'rb') as source:
            data = source.read()
        self.tree = ast.parse(data, path)
        self._mark = b'\xef\xbb\xbf' if data.startswith(b'\xef\xbb\xbf') else b''
        data = data[len(self._mark) :]
        self._encoding = 'utf-8' if self._mark else _encoding_of(data)
        self.lines = re.findall(b'[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+', data.decode(self._encoding).encode('utf-8'))
        self._edits = []

    def text(self, start, end):
        lines = self.lines[start[0] - 1 : end[0]]
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        return b''.join(lines)

    def replace(self, start, end, text):
        """Text between two places (line from 1, column in bytes) gives way; its line breaks must be in `text`."""
        self._edits.append((start, end, text))

    def append(self, text):
        self._edits.append(((len(self.lines) + 1, 0), (len(self.lines) + 1, 0), text))

    def changed(self):
        """The whole file with its edits, in its own encoding."""
        lines = list(self.lines)
        for start, end, text in sorted(self._edits, reverse=True):
            if start[0] > len(lines):
                if lines and not lines[-1].endswith((b'\n', b'\r')):
                    lines[-1] += b'\n'
                lines.append(text)
                continue
            first, last = lines[start[0] - 1], lines[end[0] - 1]
            lines[start[0] - 1 : end[0]] = [first[: start[1]] + text + last[end[1] :]]
        return self._mark + b''.join(lines).decode('utf-8').encode(self._encoding)

    def forget(self):
        self._edits = []


def _encoding_of(data):
    if not PYTHON_2:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    for line in data.split(b'\n')[:2]:
        found = re.match(r'^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)', line)
        if found:
            return found.group(1)
    return 'ascii'


def _start(node):
    return node.lineno, node.col_offset


def _end(node):
    return node.end_lineno, node.end_col_offset


def _own(function, kinds):
    """Whether a node of these kinds stands in the function itself, not in one inside it."""
    pending = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, kinds):
            return True
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))
    return False


def ways(source, function):
    """Edits that each falsify the function: name -> (start, end, text) by the order of names.

    `other`: what is expected is another value, also where the test is given it or has it in a variable, which only
    code that looks for what is expected gives.
    `inner`: something fails within a `with`, which only code that swallows failures lets pass.
    """
    body = function.body
    found = {}
    first, last = body[0], body[-1]
    starts_plainly = not isinstance(first, _COMPOUND) and first.col_offset >= 0
    if starts_plainly and not getattr(first, 'decorator_list', None):
        for number, error in enumerate(_EXCEPTIONS):
            raised = ('raise %s; ' % error).encode('ascii')
            found['start-%d' % number] = (_start(first), _start(first), raised)
    for number, node in enumerate(body):
        inner = node.body[0] if isinstance(node, _WITHS) and not _expects_failure(node) else None
        if inner is not None and not isinstance(inner, _COMPOUND) and inner.col_offset >= 0:
            found['inner-%d' % number] = (_start(inner), _start(inner), b'raise AssertionError("not so"); ')
    if _own(function, (ast.Return,)):
        return found
    for number, node in enumerate(body):
        for edit in _others(source, function, node, starts_plainly):
            found['other-%d' % number] = edit
        start = _start(_expected(node)[0]) if not HAS_ENDS and _expected(node) else (0, -1)
        if start[1] >= 0:
            found['equal-%d' % number] = (start, start, b'object() if object() else ')
    if not HAS_ENDS:
        return found
    if not isinstance(last, _COMPOUND) and not isinstance(last, (ast.Raise,)):
        for number, error in enumerate(_EXCEPTIONS):
            found['end-%d' % number] = (_end(last), _end(last), ('; raise %s' % error).encode('ascii'))
    for number, node in enumerate(body):
        edit = _falsified(source, node)
        if edit is not None:
            found['%s-%d' % (edit[0], number)] = edit[1:]
    return found


def _others(source, function, node, starts_plainly):
    """The first edit by which a statement expects another value, if there is one."""
    for expected in _expected(node):
        edit = _other_value(source, expected)
        if edit is None and isinstance(expected, ast.Name):
            edit = _other_variable(source, function, expected.id, starts_plainly)
        if edit is not None:
            return [edit]
    return []


def _other_variable(source, function, name, starts_plainly):
    """An edit of what a variable holds that serves to be expected, once, and nothing else."""
    uses = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == name]
    loads = [each for each in uses if isinstance(each.ctx, ast.Load)]
    arguments = function.args.args + getattr(function.args, 'kwonlyargs', [])
    if len(loads) != 1:
        return None
    if len(uses) - PYTHON_2 == 1 and any(getattr(each, 'arg', getattr(each, 'id', None)) == name for each in arguments):
        start = _start(function.body[0])
        return (start, start, (_OTHERWISE % (name, name, name)).encode('utf-8')) if starts_plainly else None
    for node in function.body if len(uses) == 2 else []:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and node.targets[0] in uses:
            return _other_value(source, node.value)
    return None


def _expects_failure(node):
    """Whether a `with` is there to catch: `raises`, `warns`, `suppress` and the like."""
    items = getattr(node, 'items', None) or [node]
    return any(_CATCHES.search(ast.dump(each.context_expr)) for each in items)


def _expected(node):
    """Both sides of what a statement expects to be equal, the likelier one first; empty where it expects no such thing."""
    if isinstance(node, ast.Assert):
        test = node.test
        is_equal = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
        return [test.comparators[0], test.left] if is_equal else []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        if name in _EQUALS and len(call.args) >= 2 and not any(isinstance(each, _STARRED) for each in call.args):
            return [call.args[1], call.args[0]]
    return []


def _other_value(source, node):
    """An edit of the first number or text in a literal, on one line; None where there is none."""
    pending = [node]
    while pending:
        node = pending.pop(0)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            pending[:0] = node.elts
        elif isinstance(node, ast.Dict):
            pending[:0] = node.values
            continue
        value = _plain_value(node)
        end = None if value is None else _literal_end(source, node, value)
        if end is None:
            continue
        other = value + 1 if isinstance(value, (int, float)) else value + type(value)(b'x' if isinstance(value, bytes) else u'x')
        if other != value:
            return _start(node), end, (repr(other) if PYTHON_2 else ascii(other)).encode('ascii')
    return None


def _plain_value(node):
    """The number or text that a node stands for; None for any other."""
    value = None
    for kind, field in (('Constant', 'value'), ('Num', 'n'), ('Str', 's'), ('Bytes', 's')):
        if type(node).__name__ == kind:
            value = getattr(node, field)
    return value if type(value) in _PLAIN else None


def _literal_end(source, node, value):
    """Where a literal ends that stands on one line; None where that cannot be told."""
    if HAS_ENDS:
        return _end(node) if node.lineno == node.end_lineno else None
    if node.col_offset < 0:
        return None
    line = source.lines[node.lineno - 1]
    found = _LITERAL.match(line, node.col_offset)
    if found is None:
        return None
    try:
        is_it = ast.literal_eval(found.group().decode('utf-8')) == value
    except (SyntaxError, ValueError):
        return None
    return (node.lineno, found.end()) if is_it else None


def _falsified(source, node):
    """One way to make a statement fail that held: its kind and the edit; None where there is none."""
    if isinstance(node, ast.Assert):
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            return ('equal',) + _no_such_object(source, test.comparators[0])
        held = source.text(_start(test), _end(test))
        return 'not', _start(test), _end(test), b'not (' + held + b')'
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _falsified_call(source, node.value)
    if isinstance(node, ast.With) and len(node.items) == 1 and isinstance(node.items[0].context_expr, ast.Call):
        call = node.items[0].context_expr
        if isinstance(call.func, ast.Attribute) and call.func.attr in _RAISERS:
            start, end = _start(node.body[0]), _end(node.body[-1])
            return 'raises', start, end, b'pass' + _breaks(source.text(start, end), b'\n')
    return None


def _falsified_call(source, call):
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return None
    if call.func.value.id != 'self' or any(isinstance(each, _STARRED) for each in call.args):
        return None
    name = call.func.attr
    if name in _EQUALS and len(call.args) >= 2:
        return ('equal',) + _no_such_object(source, call.args[1])
    if name in _SWAPPED:
        end = _end(call.func)
        start = end[0], end[1] - len(name)
        if source.text(start, end) == name.encode('ascii'):
            return 'not', start, end, _SWAPPED[name].encode('ascii')
    return None


def _no_such_object(source, node):
    """Something that equals nothing in the place of an expression, over as many lines."""
    start, end = _start(node), _end(node)
    return start, end, b'object(' + _breaks(source.text(start, end), b'\n') + b')'


def _breaks(text, line_break):
    return line_break * len(re.findall(b'\r\n|\r|\n', text))


def _definitions(body, name):
    """Statements of a module or class that bind `name`, those below conditions too."""
    found = []
    for node in body:
        if isinstance(node, _FUNCTIONS + (ast.ClassDef,)):
            if node.name == name:
                found.append(node)
        elif isinstance(node, ast.Assign):
            if any(isinstance(each, ast.Name) and each.id == name for each in node.targets):
                found.append(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if any((each.asname or each.name) == name for each in node.names):
                found.append(node)
        elif isinstance(node, _COMPOUND):
            for field in ('body', 'orelse', 'finalbody'):
                found.extend(_definitions(getattr(node, field, []), name))
            for handler in getattr(node, 'handlers', []):
                found.extend(_definitions(handler.body, name))
    return found


def _find(tree, path):
    """(whether the test can be reached by name, the one function that is it or None)."""
    body = tree.body
    for depth, name in enumerate(path):
        found = _definitions(body, name)
        if not found:
            # inherited or made: only the class is there
            return depth > 0, None
        if depth == len(path) - 1:
            alone = len(found) == 1 and isinstance(found[0], _FUNCTIONS)
            return True, found[0] if alone else None
        if len(found) != 1 or not isinstance(found[0], ast.ClassDef):
            return True, None
        body = found[0].body
    return False, None


def _is_base(tree, name):
    """Whether a class of the file is made from the one of this name."""
    bases = [base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(getattr(base, 'id', getattr(base, 'attr', None)) == name for base in bases)


def _chance(seed, name, count):
    digest = hashlib.sha256((seed + '\0' + name).encode('utf-8', 'replace')).hexdigest()
    return int(digest[:12], 16) % count


def _without_parameters(node_id):
    head, bracket, _ = node_id.partition('[')
    return head if bracket else node_id


def falsify_file(path, names, seed):
    """Falsifies tests (`Class::test`) of one file; answers those that were."""
    try:
        source = Source(path)
    except (SyntaxError, ValueError, UnicodeError, LookupError, MemoryError, RuntimeError):
        return []
    done = []
    edits = {}
    wrapped = []
    for name in sorted(set(names)):
        path_of = name.split('::')
        reached, function = _find(source.tree, path_of)
        if not reached or (function is not None and _own(function, (ast.Yield, getattr(ast, 'YieldFrom', ast.Yield)))):
            continue
        is_inherited = len(path_of) > 1 and _is_base(source.tree, path_of[-2])
        edit = None if is_inherited else _chosen(source, function, name, seed)
        if edit is None:
            wrapped.append((path_of, _EXCEPTIONS[_chance(seed, name, len(_EXCEPTIONS))]))
        else:
            edits[name] = edit
        done.append(name)
    for edit in edits.values():
        source.replace(*edit)
    if wrapped:
        lines = ''.join(_CALL % ([str(part) for part in path_of], error) for path_of, error in wrapped)
        source.append((_WRAPPER + lines).encode('ascii', 'replace'))
    data = source.changed()
    try:
        compile(data, path, 'exec')
    except (SyntaxError, ValueError):
        return []
    mode = os.stat(path).st_mode
    os.chmod(path, mode | 0o600)
    with open(path, 'wb') as target:
        target.write(data)
    os.chmod(path, mode)
    return done


def _chosen(source, function, name, seed):
    """One of the edits that falsify the function; None where only a wrapper does."""
    if function is None:
        return None
    kinds = {}
    for key, edit in ways(source, function).items():
        kinds.setdefault(key.rpartition('-')[0], []).append((key, edit))
    # who reads what is expected is found by `other` alone, who has answers that equal anything by what is asserted; an
    # exception before or after that finds neither
    left = sorted(kinds)
    if _chance(seed + '?', name, 8) != 0:
        keen = [kind for kind in left if kind not in ('start', 'end', 'inner')]
        left = ['other'] if 'other' in kinds else keen or left
    while left or kinds:
        left = left or sorted(kinds)
        kind = left.pop(_chance(seed, name, len(left)))
        choices = sorted(kinds.pop(kind))
        edit = choices[_chance(seed + '.', name, len(choices))][1]
        if _compiles(source, edit):
            return edit
    return None


def _compiles(source, edit):
    source.forget()
    source.replace(*edit)
    data = source.changed()
    source.forget()
    try:
        compile(data, 'twin.py', 'exec')
    except (SyntaxError, ValueError):
        return False
    return data.count(b'\n') == b''.join(source.lines).count(b'\n')


def falsify(root, ids, seed):
    """Falsifies the tests of a tree; answers the ids of those that were, in order."""
    files = {}
    for node_id in ids:
        file, _, rest = _without_parameters(node_id).partition('::')
        if file.endswith('.py') and rest:
            files.setdefault(file, {}).setdefault(rest, []).append(node_id)
    done = []
    for file in sorted(files):
        path = os.path.join(root, *file.split('/'))
        whole = os.path.realpath(root)
        if not os.path.isfile(path) or os.path.realpath(path) != os.path.join(whole, *file.split('/')):
            continue
        for name in falsify_file(path, files[file], seed):
            done.extend(files[file][name])
    return sorted(done)
