"""Texts that a regular expression matches, made from its parse tree."""

import re

try:
    from re import _parser as parser
except ImportError:
    import sre_parse as parser

_IN = {'CATEGORY_DIGIT': '1', 'CATEGORY_WORD': 'w', 'CATEGORY_SPACE': ' ', 'CATEGORY_NOT_DIGIT': 'x',
       'CATEGORY_NOT_WORD': '-', 'CATEGORY_NOT_SPACE': 'x'}  # fmt: skip


class _Cannot(Exception):
    pass


def matching(pattern, most=3):
    """Up to so many different texts that the pattern matches as a whole; [] where none could be made."""
    found = []
    try:
        tree = parser.parse(pattern)
        for choice in range(most * 2):
            text = ''.join(_piece(op, value, choice, {}) for op, value in tree)
            if text and text not in found and len(text) < 400 and re.search(pattern, text):
                found.append(text)
    except (_Cannot, re.error, RecursionError, TypeError, ValueError, OverflowError):
        return found
    return found[:most]


def _piece(op, value, choice, groups):
    name = str(op)
    if name == 'LITERAL':
        return chr(value)
    if name == 'NOT_LITERAL':
        return 'x' if value != ord('x') else 'y'
    if name == 'ANY':
        return 'a'
    if name == 'IN':
        return _one_of(value, choice)
    if name in ('MAX_REPEAT', 'MIN_REPEAT', 'POSSESSIVE_REPEAT'):
        low, high, inner = value
        times = low if choice == 0 else min(int(high), max(low, 1) + choice - 1)
        return ''.join(_many(inner, choice, groups) for _ in range(times))
    if name == 'SUBPATTERN':
        text = _many(value[-1], choice, groups)
        groups[value[0]] = text
        return text
    if name == 'BRANCH':
        return _many(value[1][choice % len(value[1])], choice, groups)
    if name == 'GROUPREF':
        return groups.get(value, '')
    if name in ('AT', 'ASSERT_NOT'):
        return ''
    if name == 'ASSERT':
        return ''
    if name == 'ATOMIC_GROUP':
        return _many(value, choice, groups)
    raise _Cannot(name)


def _many(tree, choice, groups):
    return ''.join(_piece(op, value, choice, groups) for op, value in tree)


def _one_of(items, choice):
    kinds = [str(op) for op, _ in items]
    if kinds[0] == 'NEGATE':
        barred = {chr(value) for op, value in items[1:] if str(op) == 'LITERAL'}
        barred |= {' '} if any(str(value) == 'CATEGORY_SPACE' for _, value in items[1:]) else set()
        return next((char for char in 'ax1 -_:/' if char not in barred), 'z')
    op, value = items[choice % len(items)]
    name = str(op)
    if name == 'LITERAL':
        return chr(value)
    if name == 'RANGE':
        return chr(value[0] + min(choice, value[1] - value[0]))
    if name == 'CATEGORY':
        return _IN.get(str(value), 'x')
    raise _Cannot(name)
