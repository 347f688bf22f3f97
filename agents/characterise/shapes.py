"""What holds for every value that something random gives. Runs on Python 2.7 and 3.6+."""

import re

TIMES = 120
_CLASSES = (
    '0-9', 'a-f0-9', 'A-F0-9', 'a-z', 'A-Z', 'a-zA-Z', 'a-z0-9', 'A-Z0-9', 'a-zA-Z0-9',
    'a-zA-Z0-9_-', '!-~', ' -~',
)  # fmt: skip


def shape(values):
    """[(expression of `values`, expected)], true of every run; [] where nothing can be said."""
    if not values or len(set(type(value) for value in values)) != 1:
        return []
    if len(set(map(repr, values))) < 2:
        # nothing random: another day or another seed of hashes gave the other value
        return []
    kind = type(values[0])
    found = []
    if kind in (type(u''), str):
        found = _texts(values)
    elif kind is bytes:
        found = [('set(len(value) for value in values)', set(len(value) for value in values))]
        found = found if len(found[0][1]) == 1 else []
    elif kind in (list, tuple):
        found = _lists(values, kind)
    elif kind in (int, float):
        if all(value >= 0 for value in values):
            found = [('all(type(value) is %s and value >= 0 for value in values)' % kind.__name__, True)]
    elif kind is bool or values[0] is None:
        return []
    if found and len(set(map(repr, values))) > 3:
        found.append(('len(set(map(repr, values))) > 1', True))
    return found


def _class_of(chars):
    for name in _CLASSES:
        if all(re.match('[%s]$' % name, char) for char in chars):
            return '[%s]' % name
    return None


def _texts(values):
    lengths = sorted(set(len(value) for value in values))
    if len(lengths) == 1:
        return _masked(values, lengths[0])
    whole = _class_of(sorted(set(''.join(values))))
    if whole is None:
        return []
    fixed = [
        char for char in sorted(set(values[0])) if not char.isalnum() and len(set(v.count(char) for v in values)) == 1
    ]
    found = [('all(re.match(%r, value) for value in values)' % ('^%s*$' % whole), True)]
    for char in fixed:
        found.append(('set(value.count(%r) for value in values)' % str(char), set([values[0].count(char)])))
    return found


def _masked(values, length):
    """Texts of one length: a pattern, position by position."""
    parts = []
    for place in range(length):
        chars = sorted(set(value[place] for value in values))
        if len(chars) == 1 and not chars[0].isalnum():
            parts.append(re.escape(chars[0]))
            continue
        name = _class_of(chars)
        if name is None:
            return [('set(len(value) for value in values)', set([length]))]
        parts.append(name)
    folded = []
    for part in parts:
        if folded and folded[-1][0] == part:
            folded[-1][1] += 1
        else:
            folded.append([part, 1])
    pattern = ''.join(part if count == 1 else '%s{%d}' % (part, count) for part, count in folded)
    return [('all(re.match(%r, value) for value in values)' % str('^%s$' % pattern), True)]


def _lists(values, kind):
    lengths = set(len(value) for value in values)
    found = [('set(type(value).__name__ for value in values)', set([kind.__name__]))]
    if len(lengths) == 1:
        found.append(('set(len(value) for value in values)', lengths))
    if all(len(set(map(repr, value))) == len(value) for value in values) and max(lengths) > 1:
        found.append(('all(len(set(map(repr, value))) == len(value) for value in values)', True))
    items = [item for value in values for item in value]
    if items and all(isinstance(item, (str, type(u''))) for item in items):
        for text, expected in _texts(items):
            text = text.replace('for value in values', 'for row in values for value in row')
            found.append((text, expected))
    return found
