"""Probes of functions and methods, from the values that their parameters may take."""

import dataclasses
import re

from arguments import Value, import_of, joined
from probes import Probe

CALL_WORDS = {'__str__': 'str(%s)', '__repr__': 'repr(%s)', '__len__': 'len(%s)', '__iter__': 'list(%s)'}
_PAIRS = [
    tuple(pair.split('/'))
    for pair in (
        'dumps/loads dump/load write/read encode/decode encrypt/decrypt pack/unpack serialize/deserialize '
        'serialise/deserialise save/load put/get to/from sign/verify format/parse compress/decompress marshal/unmarshal '
        'export/import quote/unquote set/get store/load build/parse pickle/unpickle escape/unescape freeze/thaw add/find'
    ).split()
]
_QUIET = re.compile(r'context_?manager|asyncio|coroutine|\bcommand$|\bgroup$|route$|cached_property$')


class Calls:
    """Makes the probes of targets."""

    def __init__(self, facts, values, documents):
        self.facts = facts
        self.values = values
        self.documents = documents

    def of(self, target, most):
        """At most so many probes of a target, likely ones first, no two alike."""
        function = target.function
        found = []
        if function.owner and '.' in function.owner:
            return []
        if any(_QUIET.search(name) for name in function.told['decorators']):
            return []
        if function.owner:
            found = self.of_method(function, most)
        else:
            rows = self.rows(function, most)
            found = [self.plain(function, row) for row in rows]
            around = self.documents.surroundings(function.file)
            beside = [
                dataclasses.replace(probe, files=files) for probe in found[:5] for files in around if not probe.files
            ]
            found[most // 3 : most // 3] = self.round_trips(function, rows) + beside[: most // 3]
        for probe in found:
            probe.score = target.score
        unique = {probe.identity: probe for probe in reversed(found)}
        return list(reversed(list(unique.values())))[:most]

    def rows(self, function, most):
        """Argument lists: as written in the tree, then one parameter at a time through its candidates."""
        parameters = [p for p in function.told['parameters'] if p['kind'] in ('plain', 'keyword')]
        if function.owner and 'staticmethod' not in function.told['decorators']:
            parameters = parameters[1:]
        found = self.documents.mining.argument_lists(function.last if function.last != '__init__' else function.owner)
        found = [row for row in found if fits(row, parameters, function)]
        required = [p for p in parameters if not p['optional']]
        columns = {p['name']: self.values.of(function, p)[:14] for p in parameters}
        first = [columns[p['name']][0] for p in required]
        found.append(joined(required, first))
        longest = max([len(columns[p['name']]) for p in required] or [0])
        for index in range(1, longest):
            for place, parameter in enumerate(required):
                column = columns[parameter['name']]
                if index < len(column):
                    found.append(joined(required, first[:place] + [column[index]] + first[place + 1 :]))
            if len(required) > 1:
                found.append(
                    joined(required, [columns[p['name']][min(index, len(columns[p['name']]) - 1)] for p in required])
                )
        named = []
        optional = [p for p in parameters if p['optional']]
        for index in range(8):
            for parameter in optional if index < 4 else [] if required else optional[:1]:
                column = columns[parameter['name']]
                if index < len(column) and column[index].text != parameter['default']:
                    word = dict(parameter, kind='keyword')
                    named.append(joined(required + [word], first + [column[index]]))
        named += self.free_words(function, required, first, columns, optional)
        # of a method from elsewhere it is the options that tell one version of it from another
        half = 1 if function.told.get('inherited') else max(4, most // 2)
        found = found[:half] + named + found[half:]
        if any(p['kind'] == 'many' for p in function.told['parameters']):
            found.append(joined(required, first))
            found.append(
                Value(', '.join(filter(None, [found[-1].text, "'alpha'"])), found[-1].imports, found[-1].files)
            )
        return list({(row.text, row.files): row for row in found}.values())[:most]

    @staticmethod
    def free_words(function, required, first, columns, optional):
        """Words that a function takes from `**kwargs` by name."""
        found = []
        for many in [p for p in function.told['parameters'] if p['kind'] == 'words']:
            for key in dict.fromkeys(function.told['keys'].get(many['name'], [])):
                name = key.strip('\'"')
                if not name.isidentifier():
                    continue
                for text in ('False', 'True', "'alpha'"):
                    word = {'name': name, 'kind': 'keyword'}
                    found.append(joined(required + [word], first + [Value(text)]))
                    if optional and columns[optional[0]['name']]:
                        main = dict(optional[0], kind='keyword')
                        found.append(joined(required + [main, word], first + [columns[main['name']][0], Value(text)]))
        return found[:12]

    def plain(self, function, row):
        text = f'{function.last}({row.text})'
        if function.told['yields']:
            text = f'list({text})'
        imports = (import_of(function.module, function.last),) + row.imports
        return self.probe(function, imports, [('result', text)], ['result'], row.files)

    def probe(self, function, imports, steps, observe, files, word=None):
        return Probe(function.key, function.module, word or function.last.strip('_'), tuple(dict.fromkeys(imports)),
                     tuple(steps), tuple(observe), tuple(sorted(dict(files).items())))  # fmt: skip

    def of_method(self, function, most):
        owner, last = function.owner, function.last
        imports = (import_of(function.module, owner),)
        name = variable(owner)
        word = f'{snake(owner)}_{last.strip("_")}' if last != '__init__' else snake(owner)
        decorators = function.told['decorators']
        if last == '__init__':
            rows = self.rows(function, most)
            return [
                self.probe(function, imports + row.imports, [(name, f'{owner}({row.text})')], [name], row.files, word)
                for row in rows
            ]
        if 'classmethod' in decorators or 'staticmethod' in decorators:
            rows = self.rows(function, most)
            return [
                self.probe(
                    function,
                    imports + row.imports,
                    [('result', f'{owner}.{last}({row.text})')],
                    ['result'],
                    row.files,
                    word,
                )
                for row in rows
            ]
        found = []
        instances = self.values.instances(owner)[:6]
        if all(instance.text in self.values.bad for instance in instances):
            instances, most = instances[:1], 6
        rows = (
            [Value('')] if 'property' in decorators or last in CALL_WORDS else self.rows(function, max(6, most // 3))
        )
        for place, row in enumerate(rows):
            for instance in instances[: 4 if place < 3 else 2]:
                found.append(self.method_call(function, name, instance, [], row, word))
        for other, before in self.others(function):
            for instance in instances[:2]:
                for row in rows[:3]:
                    found.append(self.method_call(function, name, instance, [before], row, word))
        return found

    def others(self, function):
        """Calls of the class's other methods that may change what the target then does."""
        found = []
        for other in self.facts.functions:
            same = other.file == function.file and other.owner == function.owner and other.last != function.last
            if (
                same
                and not other.last.startswith('_')
                and not {'property', 'classmethod', 'staticmethod'} & set(other.told['decorators'])
            ):
                for row in self.rows(other, 6)[:2]:
                    found.append((other, (other.last, row)))
        pairs = dict(_PAIRS) | {b: a for a, b in _PAIRS}
        found.sort(key=lambda pair: (pairs.get(function.last.split('_')[0]) != pair[0].last.split('_')[0]))
        return found[:10]

    def method_call(self, function, name, instance, before, row, word):
        files = dict(instance.files) | dict(row.files)
        imports = list(instance.imports + row.imports)
        steps = [(name, instance.text)]
        for index, (other, other_row) in enumerate(before):
            steps.append((f'first{index or ""}', f'{name}.{other}({other_row.text})'))
            imports += other_row.imports
            files |= dict(other_row.files)
        if 'property' in function.told['decorators']:
            text = f'{name}.{function.last}'
        elif function.last in CALL_WORDS:
            text = CALL_WORDS[function.last] % name
        elif function.last == '__call__':
            text = f'{name}({row.text})'
        else:
            text = f'{name}.{function.last}({row.text})'
        if function.told['yields'] and function.last not in CALL_WORDS:
            text = f'list({text})'
        steps.append(('result', text))
        return self.probe(function, imports, steps, ['result', name], files.items(), word)

    def round_trips(self, function, rows):
        """What one function writes, its counterpart reads back."""
        found = []
        for writer, reader in _PAIRS:
            other = counterpart(function.last, writer, reader)
            if other is None:
                continue
            partner = next(
                (f for f in self.facts.functions if f.last == other and not f.owner and not f.last.startswith('_')),
                None,
            )
            needed = (
                [p for p in partner.told['parameters'] if not p['optional'] and p['kind'] == 'plain']
                if partner
                else []
            )
            if partner is None or not needed:
                continue
            rest = [self.values.of(partner, p)[0] for p in needed[1:]]
            for row in rows[:8]:
                tail = joined(needed[1:], rest)
                text = f'{other}({", ".join(filter(None, ["written", tail.text]))})'
                imports = (
                    (import_of(function.module, function.last), import_of(partner.module, other))
                    + row.imports
                    + tail.imports
                )
                steps = [('written', f'{function.last}({row.text})'), ('result', text)]
                found.append(
                    self.probe(
                        function, imports, steps, ['result'], row.files + tail.files, f'{function.last}_and_{other}'
                    )
                )
        return found


def counterpart(name, writer, reader):
    parts = name.split('_')
    if writer in parts:
        return '_'.join(reader if part == writer else part for part in parts)
    return None


def fits(row, parameters, function):
    """Whether a mined argument list may be for this function: no more arguments than it has, no unknown words."""
    import ast

    try:
        call = ast.parse(f'f({row.text})', mode='eval').body
    except (SyntaxError, ValueError):
        return False
    kinds = {p['kind'] for p in function.told['parameters']}
    names = {p['name'] for p in parameters}
    plain = [p for p in parameters if p['kind'] == 'plain']
    needed = [p for p in parameters if not p['optional']]
    words = {word.arg for word in call.keywords}
    if 'many' not in kinds and len(call.args) > len(plain):
        return False
    if 'words' not in kinds and not words <= names:
        return False
    return len(call.args) + len(words & {p['name'] for p in needed}) >= len(needed)


def snake(name):
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name).lower().strip('_')


def variable(owner):
    name = snake(owner).split('_')[-1]
    return (
        name
        if name.isidentifier() and name not in ('result', 'type', 'list', 'set', 'str', 'int', 'class', 'import')
        else 'thing'
    )
