"""Values as plain data. Runs on Python 2.7 and 3.6+; the part between the two marks is also written into tests."""

import sys

PYTHON_2 = sys.version_info[0] == 2

# written into tests: from here
import os  # noqa: E402

OWN = ()


def plain(value, depth=6):
    """What a value holds, as plain data: objects of the package by their public attributes, the folder as <here>."""
    if value is None or type(value) in (bool, int, float, complex):
        return value
    if isinstance(value, bytes):
        return bytes(value).replace(os.getcwd().encode("utf-8"), b"<here>")
    if isinstance(value, type(u"")):
        return type(u"")(value).replace(os.getcwd(), u"<here>")
    kind = type(value)
    own = kind.__module__.split(".")[0] in OWN
    if depth == 0 or isinstance(value, type):
        return kind.__name__ if own else "<...>"
    if hasattr(kind, "__members__"):
        return "%s.%s" % (kind.__name__, value.name)
    if hasattr(kind, "_fields") and isinstance(value, tuple) and own:
        return dict(
            [("type", kind.__name__)] + [(key, plain(getattr(value, key), depth - 1)) for key in value._fields]
        )
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        return dict((plain(key, depth - 1), plain(value[key], depth - 1)) for key in list(value.keys()))
    if isinstance(value, (list, tuple)):
        items = [plain(item, depth - 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth - 1) for item in value), key=repr)
    if hasattr(kind, "isoformat"):
        return value.isoformat()
    if kind.__module__ in ("decimal", "fractions", "pathlib", "uuid", "datetime") or kind.__name__ == "long":
        return str(value).replace(os.getcwd(), "<here>")
    if hasattr(kind, "getvalue") and not own:
        return plain(value.getvalue(), depth - 1)
    if isinstance(value, BaseException) and (own or kind.__module__ in ("builtins", "exceptions")):
        return {"type": kind.__name__, "text": plain(str(value), depth - 1)}
    if own and hasattr(value, "__dict__"):
        held = sorted((key, plain(item, depth - 1)) for key, item in vars(value).items() if not key.startswith("_"))
        return dict([("type", kind.__name__)] + [pair for pair in held if pair[1] != "<...>"])
    return "<...>"


# written into tests: up to here
OPAQUE = '<...>'


def is_exact(value, depth=8):
    """Whether a value is plain data of builtin types all through, so that `==` with a literal says everything."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex):
        return True
    if kind in (bytes, type(u'')):
        here = os.getcwd()
        return (here.encode('utf-8') if kind is bytes and not PYTHON_2 else here) not in value
    if depth == 0:
        return False
    if kind in (list, tuple, set, frozenset):
        return all(is_exact(item, depth - 1) for item in value)
    if kind is dict:
        return all(is_exact(key, depth - 1) and is_exact(item, depth - 1) for key, item in value.items())
    return False


def source(value, width=96, indent=4):
    """Canonical source text of plain data: sorted where order means nothing, wrapped where it is long."""
    text = _flat(value)
    if len(text) <= width:
        return text
    pad, inner = ' ' * indent, ' ' * (indent + 4)
    kind = type(value)
    if kind in (bytes, type(u'')):
        return _pieces(value, pad, inner, width)
    if kind is dict and value:
        pairs = ['%s%s: %s,\n' % (inner, _flat(key), source(item, width, indent + 4)) for key, item in _sorted(value)]
        return '{\n%s%s}' % (''.join(pairs), pad)
    if kind in (list, tuple) and value:
        items = ['%s%s,\n' % (inner, source(item, width, indent + 4)) for item in value]
        return '%s\n%s%s%s' % ('[('[kind is tuple], ''.join(items), pad, '])'[kind is tuple])
    return text


def _sorted(value):
    return sorted(value.items(), key=lambda pair: (type(pair[0]).__name__, _flat(pair[0])))


def _flat(value):
    kind = type(value)
    if kind is dict:
        return '{%s}' % ', '.join('%s: %s' % (_flat(key), _flat(item)) for key, item in _sorted(value))
    if kind is list:
        return '[%s]' % ', '.join(_flat(item) for item in value)
    if kind is tuple:
        return '(%s%s)' % (', '.join(_flat(item) for item in value), ',' if len(value) == 1 else '')
    if kind in (set, frozenset):
        inner = '[%s]' % ', '.join(sorted(_flat(item) for item in value)) if value else ''
        return '%s(%s)' % (kind.__name__, inner)
    return repr(value)


def _pieces(value, pad, inner, width):
    """A long text line by line, in brackets."""
    lines = value.splitlines(True) if len(value.splitlines()) > 1 else [value]
    pieces = []
    for line in lines:
        while len(line) > width:
            pieces.append(line[:width])
            line = line[width:]
        pieces.append(line)
    if len(pieces) == 1:
        return repr(value)
    return '(\n%s%s)' % (''.join('%s%s\n' % (inner, repr(piece)) for piece in pieces), pad)


def can_be_written(value):
    """Whether the canonical text gives the value back (no nan, no address of an object)."""
    text = _flat(value)
    try:
        return eval(text, {'__builtins__': {}, 'set': set, 'frozenset': frozenset}) == value and ' at 0x' not in text
    except Exception:
        return False
