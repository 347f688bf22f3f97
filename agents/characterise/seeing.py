"""What is seen of values, objects and exceptions, as observations. Python 2.7 and 3.6+."""

import linecache
import sys
import traceback
import types

import plain as describing
from plain import OPAQUE, is_exact, plain

BUILTINS = ('builtins', 'exceptions', '__builtin__')


def seen_value(name, value, foreign=False):
    """Observations of one value: all of it where it is plain data, else attribute by attribute; of objects of other
    packages only where asked."""
    kind = type(value)
    own = kind.__module__.split('.')[0] in describing.OWN
    told = plain(value)
    if own and not isinstance(value, (type, str, type(u''), bytes, int, float, dict, list, tuple)):
        return seen_object(name, value, kind)
    if isinstance(value, (type, types.FunctionType, types.ModuleType)):
        return []
    if told == OPAQUE:
        return seen_attributes(name, value, kind, False)[:12] if foreign and kind.__module__ not in BUILTINS else []
    return seen_expression(name, value, told)


def seen_expression(text, value, told):
    if is_exact(value):
        return [observation(text, text, value)]
    return [observation(text, 'plain(%s)' % text, told)] if meaningful(told) else []


def meaningful(told):
    return told != OPAQUE and not (isinstance(told, (list, tuple)) and told and all(item == OPAQUE for item in told))


def seen_object(name, value, kind):
    found = [observation(name + ' type', 'type(%s).__name__' % name, kind.__name__)] + seen_attributes(name, value, kind)
    for method in ('__str__', '__len__'):
        owner = next((base for base in kind.__mro__ if method in vars(base)), object)
        if owner.__module__.split('.')[0] in describing.OWN:
            function = {'__str__': str, '__len__': len}[method]
            try:
                result = function(value)
            except Exception:
                continue
            found += seen_expression('%s(%s)' % (function.__name__, name), result, plain(result))
    return found


def seen_attributes(name, value, kind, constants=True):
    """`constants`: also what all objects of the class share."""
    found = []
    keys = [key for key in list(getattr(value, '__dict__', {})) + dir(kind) if not key.startswith('_')]
    for key in sorted(set(keys)):
        held = getattr(kind, key, None)
        if callable(held) or isinstance(held, (classmethod, staticmethod)):
            continue
        shared = hasattr(kind, key) and not hasattr(held, '__get__') and key not in getattr(value, '__dict__', {})
        if shared and not constants:
            continue
        try:
            item = getattr(value, key)
            told = plain(item)
        except Exception:
            continue
        if not callable(item) and meaningful(told):
            found += seen_expression('%s.%s' % (name, key), item, told)
    return found


def observation(key, expression, value):
    return {'kind': 'value', 'key': key, 'expression': expression, 'value': value}


def seen_exception(error, trace, roots):
    """Type by the classes that others share, message, and whether the package raised it in so many words."""
    kinds = []
    for kind in type(error).__mro__:
        module = kind.__module__
        if module in BUILTINS and kind is not object:
            kinds.append(['builtin', '', kind.__name__])
        elif module.split('.')[0] in describing.OWN and getattr(sys.modules.get(module), kind.__name__, None) is kind:
            kinds.append(['own', module, kind.__name__])
    frames = traceback.extract_tb(trace)
    name, line = frames[-1][0], frames[-1][1]
    stated = False
    if any(name.startswith(root) for root in roots):
        text = linecache.getline(name, line).strip()
        stated = any(
            linecache.getline(name, back).strip().startswith('raise') for back in range(line, max(0, line - 6), -1)
        )
        stated = stated or text.startswith('assert ')
    cause = getattr(error, '__cause__', None) or getattr(error, '__context__', None)
    foreign = cause is not None and type(cause).__module__.split('.')[0] not in describing.OWN + BUILTINS
    message = plain(str(error)) if stated else None
    return {'kind': 'raises', 'types': kinds, 'stated': stated, 'message': message, 'foreign': foreign,
            'name': type(error).__name__}  # fmt: skip
