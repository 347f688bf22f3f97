"""Configuration files grown from the keys that code asks for and the options that it has."""

import json
import re

_WORD = re.compile(r'^[A-Za-z_][\w.-]*$')


def grown(facts, file, kind):
    """Contents of a file of a kind, richest first; [] where the code asks for no keys."""
    chains = sections(facts, file)
    leaves = leaf_names(facts, file)
    makers = {'toml': as_toml, 'ini': as_ini, 'json': as_json, 'yaml': as_yaml}
    if kind not in makers or not (chains or leaves):
        return []
    found = []
    for chain in chains[:4] or [[]]:
        for flavour in ('typed', 'texts', 'lists', 'truths'):
            pairs = [(name, value_for(name, hint, flavour)) for name, hint in leaves[:14]]
            found.append(makers[kind](chain, pairs))
        for name, hint in leaves[:10]:
            found.append(makers[kind](chain, [(name, value_for(name, hint, 'typed'))]))
        found.append(makers[kind](chain, []))
    return list(dict.fromkeys(found))


def sections(facts, file):
    """Chains of keys, longest first: those of the file, then those of the files that it deals with."""
    found = []
    for name in [file] + [other for other in facts.product if other != file and facts.hits.get(other)]:
        for chain in facts.files[name]['chains']:
            keys = [value_of(key) for key in chain]
            if all(isinstance(key, str) and key for key in keys) and keys not in found:
                found.append(keys)
    longest = [keys for keys in found if not any(other != keys and other[: len(keys)] == keys for other in found)]
    whole = [keys for keys in longest if len(keys) > 1] + [keys for keys in longest if len(keys) == 1]
    tools = [keys for keys in whole if keys[0] == 'tool' or len(keys) > 1]
    return tools or whole


def leaf_names(facts, file):
    """Names that may stand in a section: options of command lines, keys, fields of configuration classes."""
    found = {}
    for name in [file] + [other for other in facts.product if other != file]:
        told = facts.files[name]
        for option in told['options']:
            flags = [value_of(flag) for flag in option['flags']]
            long = [flag for flag in flags if isinstance(flag, str) and flag.startswith('--')]
            hint = (
                option['words'].get('action') or option['words'].get('type') or option['words'].get('default') or ''
            )
            if 'is_flag' in option['words']:
                hint = "'store_true'"
            if option['words'].get('multiple') or option['words'].get('nargs'):
                hint = "'append'"
            for flag in long:
                key = flag.split('/')[0].lstrip('-')
                found.setdefault(key.replace('-', '_'), hint)
                found.setdefault(key, hint)
        if name == file:
            for chain in told['chains']:
                key = value_of(chain[-1])
                if isinstance(key, str) and _WORD.match(key):
                    found.setdefault(key, '')
            for function in told['functions']:
                for keys in function['keys'].values():
                    for key in keys:
                        if isinstance(value_of(key), str) and _WORD.match(value_of(key)):
                            found.setdefault(value_of(key), '')
            for kind in told['classes']:
                for field, note, default, _ in kind['fields']:
                    found.setdefault(field, default or note)
            for text in told['assigns'].values():
                keys = value_of(text)
                if isinstance(keys, dict):
                    for key, item in keys.items():
                        if isinstance(key, str) and _WORD.match(key):
                            found.setdefault(key, repr(item))
    return list(found.items())


def value_for(name, hint, flavour):
    """A value for a name, by the flavour of the file and by what the code says of it."""
    hint = str(hint)
    if flavour == 'texts':
        return 'alpha'
    if flavour == 'lists':
        return ['alpha', 'beta']
    if flavour == 'truths':
        return True
    if 'store_true' in hint or 'store_false' in hint or hint in ('True', 'False', 'bool'):
        return True
    if 'append' in hint or hint.startswith(('[', '(', 'set')) or 'list' in hint.lower():
        return ['alpha', 'beta']
    if hint == 'int' or re.fullmatch(r"-?\d+|'int'", hint):
        return 7
    if hint == 'float' or re.fullmatch(r'-?\d+\.\d*', hint):
        return 1.5
    if name.endswith('s') and not name.endswith('ss'):
        return ['alpha', 'beta']
    return 'alpha'


def as_toml(chain, pairs):
    head = (
        f"[{'.'.join(key if re.fullmatch('[A-Za-z0-9_-]+', key) else json.dumps(key) for key in chain)}]\n"
        if chain
        else ''
    )
    return head + ''.join(f'{key if "." not in key else json.dumps(key)} = {_toml(value)}\n' for key, value in pairs)


def _toml(value):
    return json.dumps(value)


def as_ini(chain, pairs):
    words = [(key, '\n    '.join([''] + value) if isinstance(value, list) else str(value)) for key, value in pairs]
    return f"[{(chain or ['main'])[0]}]\n" + ''.join(f'{key} = {value}\n' for key, value in words)


def as_json(chain, pairs):
    whole = dict(pairs)
    for key in reversed(chain):
        whole = {key: whole}
    return json.dumps(whole, indent=1) + '\n'


def as_yaml(chain, pairs):
    return as_json(chain, pairs)


def value_of(text):
    try:
        return eval(text, {'__builtins__': {}})
    except Exception:
        return None
