"""What several runs of one probe agree on, and how much that is worth."""

import re

ACCIDENTS = frozenset(
    'TypeError AttributeError NameError UnboundLocalError ImportError ModuleNotFoundError RecursionError AssertionError '
    'SyntaxError MemoryError RuntimeError IndexError ZeroDivisionError StopIteration NotImplementedError'.split()
)
VAGUE = frozenset(('Exception', 'BaseException', 'StandardError', 'Warning', 'EnvironmentError'))
_WORKED = ('returns', 'raises', 'exits', 'ends')


def agreed(results, helper):
    """Observations that all runs share; None where the runs end differently, or nothing that counts is left."""
    results = levelled(results)
    first = results[0]
    if first['outcome'] not in _WORKED or any(result['flags'] for result in results):
        return None
    if any((result['outcome'], result['at']) != (first['outcome'], first['at']) for result in results):
        return None
    kept = []
    for item in first['observations']:
        shared = item
        for other in results[1:]:
            shared = shared and in_common(shared, other['observations'])
        if shared and counts(shared, helper):
            kept.append(shared)
    ending = {'raises': 'raises', 'exits': 'exit'}.get(first['outcome'])
    if ending and not any(item['kind'] == ending for item in kept):
        return None
    return kept if any(item['kind'] != 'ends' for item in kept) else None


def levelled(results):
    """A command line that returns and one that exits with 0 have both done their work: the same where runs differ."""
    if len({result['outcome'] for result in results}) == 1 or not all(map(well_ended, results)):
        return results
    kept = [[item for item in result['observations'] if item['kind'] not in ('value', 'exit')] for result in results]
    return [dict(result, outcome='ends', at=0, observations=items + [{'kind': 'ends'}]) for result, items in zip(results, kept)]


def well_ended(result):
    """Whether a command line came to a good end."""
    codes = [item['code'] for item in result['observations'] if item['kind'] == 'exit']
    return bool(result.get('line')) and (result['outcome'] == 'returns' or (result['outcome'] == 'exits' and codes == [0]))


def in_common(item, others):
    """The observation as others saw it too; None where they did not."""
    for other in others:
        if (
            other['kind'] != item['kind']
            or other.get('key') != item.get('key')
            or other.get('name') != item.get('name')
            and item['kind'] != 'raises'
        ):
            continue
        if item['kind'] == 'raises':
            types = [kind for kind in item['types'] if kind in other['types']]
            message = item['message'] if item['message'] == other['message'] else None
            return dict(item, types=types, message=message, stated=item['stated'] and other['stated'],
                        foreign=item['foreign'] or other['foreign'])  # fmt: skip
        if item['kind'] == 'file':
            return item if item.get('text') == other.get('text') else dict(item, text=None)
        if item['kind'] == 'exit' and item['code'] != other['code'] and {item['code'], other['code']} & {0}:
            return None
        same = all(item.get(key) == other.get(key) for key in ('text', 'type', 'expression', 'code'))
        return item if same else None
    return None


def counts(item, helper):
    """Whether an observation may be asserted: no addresses, no accidents of an implementation."""
    if re.search(r' at 0x[0-9a-f]{4,}', str(item.get('text', ''))):
        return False
    if item['kind'] == 'raises':
        best = best_type(item)
        if best is None:
            return False
        if best[0] == 'builtin' and not item['stated'] and best[2] in ACCIDENTS:
            return False
        # made by the library itself, as far as can be told: another library need not do the same
        return not (helper and best[0] == 'builtin' and not item['stated'])
    return True


def best_type(item):
    """The most telling class that may be named: one of the package, else a builtin one that says something."""
    for kind in item['types']:
        if kind[0] == 'own' and not kind[2].startswith('_'):
            return kind
    return next((kind for kind in item['types'] if kind[0] == 'builtin' and kind[2] not in VAGUE), None)


def worth(observations):
    """How much a set of observations says, 0.3 to 4."""
    total = 0.0
    for item in observations:
        text = item.get('text') or ''
        if item['kind'] == 'raises':
            total += 2.0 if best_type(item)[0] == 'own' else 1.2 if item['stated'] else 0.8
            total += 0.4 if item['message'] else 0
        elif item['kind'] == 'exit':
            total += 0.8
        elif item['kind'] == 'value' and item['expression'].startswith('type('):
            total += 0.4
        elif item['kind'] == 'value':
            total += (
                0.3
                if text in ('None', 'True', 'False', '0', '[]', '{}', "''", "b''")
                else 1.5 + min(len(text), 200) / 200
            )
        elif item['kind'] == 'file':
            total += 1.5 if item.get('text') else 0.5
        elif item['kind'] == 'ends':
            continue
        else:
            total += 1.5
    return max(0.3, min(total, 4.0))


def signature(observations):
    """What makes two outcomes the same one."""
    return repr(
        sorted(repr(sorted((k, str(v)) for k, v in item.items() if k not in ('foreign',))) for item in observations)
    )
