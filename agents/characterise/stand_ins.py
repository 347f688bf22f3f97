"""Objects and mappings that have what a function asks of a parameter."""

from arguments import Value, made
from names import by_name

BUILTIN_METHODS = frozenset(
    name for kind in (str, bytes, list, dict, set, int, float, tuple) for name in dir(kind)
) | frozenset(
    ('read', 'write', 'readline', 'readlines', 'close', 'seek', 'tell', 'flush', 'iteritems', 'has_key', 'name')
)
# whatever is called on it gives itself; what is read from it is an answer
FAR_SIDE = (
    "type('Stub', (object,), {'__getattr__': lambda self, name: lambda *args, **words: self, "
    "'makefile': lambda self, *args, **words: io.BytesIO(b'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nalpha')})()"
)


class StandIns:
    """Makes them from what the code of a tree asks."""

    def __init__(self, facts, kinds):
        self.facts, self.kinds = facts, kinds

    def stubs(self, function, name):
        """An object with the attributes that the function asks a parameter for; the far side of a wire where methods are."""
        told = function.told
        far = [made(FAR_SIDE)] if self._is_called(function, name) else []
        asked = [attr for attr in told['attributes'].get(name, []) if attr not in BUILTIN_METHODS]
        if not asked or name in ('self', 'cls'):
            return far
        rows = list(far)
        for index in range(3 - len(far)):
            parts = []
            for attr in asked:
                options = [text for kind, text in by_name(attr, self.kinds) if kind == 'value'] or ["'alpha'"]
                parts.append(f"'{attr}': {options[min(index, len(options) - 1)]}")
            rows.append(made(f"type('Stub', (object,), {{{', '.join(parts)}}})()"))
        return rows

    def _is_called(self, function, name):
        """Whether methods of a parameter are called that only its own kind has, by whatever name it is held."""
        held = {name} - {'self', 'cls'}
        calls = set(function.told['calls'])
        if function.key.endswith('.__init__'):
            for bound, sources, _, scope in self.facts.files[function.file]['flows']:
                if bound.startswith('self.') and sources == [name] and scope == function.told['name']:
                    held.add(bound)
            for other in self.facts.files[function.file]['functions']:
                if other['class'] == function.told['class']:
                    calls |= set(other['calls'])
        owners = [call.rpartition('.') for call in calls]
        return any(owner in held and last not in BUILTIN_METHODS for owner, _, last in owners)

    def _keys(self, function, name):
        """Keys that the function asks a parameter for; a constructor's also through the attribute that holds it."""
        keys = list(function.told['keys'].get(name, []))
        if function.key.endswith('.__init__'):
            owner = function.told['class']
            for bound, sources, _, scope in self.facts.files[function.file]['flows']:
                if bound.startswith('self.') and name in sources and scope == function.told['name']:
                    for other in self.facts.files[function.file]['functions']:
                        if other['class'] == owner:
                            keys += other['keys'].get(bound, [])
        return [key for key in dict.fromkeys(keys) if key[-1:] in ('"', "'")]

    def mappings(self, function, name):
        """Mappings with the keys that the function asks for."""
        keys = self._keys(function, name)
        if not keys:
            return []
        named = []
        for index in range(2):
            parts = []
            for key in keys:
                options = [text for kind, text in by_name(key.strip('\'"'), self.kinds) if kind == 'value'] or [
                    "'alpha'"
                ]
                parts.append(f'{key}: {options[min(index, len(options) - 1)]}')
            named.append(made('{%s}' % ', '.join(parts)))
        same = [
            Value('{%s}' % ', '.join(f'{key}: {text}' for key in keys)) for text in ('None', "'alpha'", '[]', '1')
        ]
        return named[:1] + same[:2] + named[1:] + same[2:] + [Value("{%s: 'alpha'}" % keys[0]), Value('{}')]
