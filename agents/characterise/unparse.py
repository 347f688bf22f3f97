"""Source text of simple expressions, for interpreters whose `ast` has no `unparse`. Runs on Python 2.7 and 3.6+."""

import ast
import sys

PYTHON_2 = sys.version_info[0] == 2
_BINARY = {
    'Add': '+', 'Sub': '-', 'Mult': '*', 'Div': '/', 'FloorDiv': '//', 'Mod': '%', 'Pow': '**',
    'BitOr': '|', 'BitAnd': '&', 'BitXor': '^', 'LShift': '<<', 'RShift': '>>',
}  # fmt: skip
_UNARY = {'USub': '-', 'UAdd': '+', 'Not': 'not ', 'Invert': '~'}
LONGEST = 6000


class Unsupported(Exception):
    """The expression holds something that is not written out."""


def literal(node):
    """Source text of a literal's value; None where the node is none."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RuntimeError):
        return None
    text = repr(value)
    return text if len(text) <= LONGEST else None


def constant(node):
    """(True, value) of a constant of any interpreter's `ast`; (False, None) for other nodes."""
    kind = type(node).__name__
    if kind == 'Constant':
        return (True, node.value) if node.value is not Ellipsis else (False, None)
    if kind in ('Str', 'Bytes'):
        return True, node.s
    if kind == 'Num':
        return True, node.n
    if kind == 'NameConstant':
        return True, node.value
    return False, None


def expression(node):
    """Source text of an expression, or None; what it names is told by `names`."""
    try:
        text = _text(node)
    except Unsupported:
        return None
    return text if len(text) <= LONGEST else None


def names(node):
    """Names that an expression reads, sorted."""
    return sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)})


def dotted(node):
    """`a.b.c` of a chain of attributes; the last part alone where it hangs on something else; '' for the rest."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return front + '.' + node.attr if front else '.' + node.attr
    return ''


def _text(node):
    found, value = constant(node)
    if found:
        return repr(value)
    maker = _MAKERS.get(type(node).__name__)
    if maker is None:
        raise Unsupported()
    return maker(node)


def _many(nodes):
    return ', '.join(_text(node) for node in nodes)


def _tuple(node):
    return '(%s,)' % _text(node.elts[0]) if len(node.elts) == 1 else '(%s)' % _many(node.elts)


def _dict(node):
    if any(key is None for key in node.keys):
        raise Unsupported()
    return '{%s}' % ', '.join('%s: %s' % (_text(key), _text(value)) for key, value in zip(node.keys, node.values))


def _set(node):
    return '{%s}' % _many(node.elts) if node.elts else 'set()'


def _call(node):
    if getattr(node, 'starargs', None) is not None or getattr(node, 'kwargs', None) is not None:
        raise Unsupported()
    if any(type(arg).__name__ == 'Starred' for arg in node.args) or any(word.arg is None for word in node.keywords):
        raise Unsupported()
    parts = [_text(arg) for arg in node.args]
    parts += ['%s=%s' % (word.arg, _text(word.value)) for word in node.keywords]
    return '%s(%s)' % (_text(node.func), ', '.join(parts))


def _binary(node):
    sign = _BINARY.get(type(node.op).__name__)
    if sign is None:
        raise Unsupported()
    return '(%s %s %s)' % (_text(node.left), sign, _text(node.right))


def _unary(node):
    return '(%s%s)' % (_UNARY[type(node.op).__name__], _text(node.operand))


def _attribute(node):
    front = _text(node.value)
    return '%s.%s' % ('(%s)' % front if front[:1].isdigit() else front, node.attr)


def _subscript(node):
    index = node.slice
    if type(index).__name__ == 'Index':
        index = index.value
    if type(index).__name__ in ('Slice', 'ExtSlice'):
        raise Unsupported()
    return '%s[%s]' % (_text(node.value), _text(index))


_MAKERS = {
    'Name': lambda node: node.id,
    'Attribute': _attribute,
    'Call': _call,
    'List': lambda node: '[%s]' % _many(node.elts),
    'Tuple': _tuple,
    'Dict': _dict,
    'Set': _set,
    'BinOp': _binary,
    'UnaryOp': _unary,
    'Subscript': _subscript,
}
