"""Candidate values for a parameter: what the tree itself uses first, then what its name and type suggest."""

import re

import samples
from arguments import Fields, Value, import_of, joined, made
from names import by_annotation, by_name, documented_type
from regex_samples import matching
from stand_ins import StandIns

DEEPEST = 2
FIRST_VERB = ('value', "'GET'")


class Values:
    """Values for parameters, by everything that is known of a tree."""

    def __init__(self, facts, task, documents):
        self.facts = facts
        self.kinds = samples.kinds_of(task.source + task.target)
        self.documents = documents
        self.stand_ins = StandIns(facts, self.kinds)
        self.patterns = {}
        self.busy = []
        self.bad = set()

    def texts(self, file):
        """Texts that code of a file may want to read: by the library's kind, by the patterns and literals of the tree."""
        found = [samples.TEXTS[kind] for kind in self.kinds if kind in samples.TEXTS]
        found = list(self.documents.texts(file)) + found
        found += self.matching(file)[:8]
        return found + ['alpha beta', '', u'\xfcn\xefcode', 'one\ntwo\n\nthree']

    def matching(self, file):
        """Texts that regular expressions of the file, then of the tree, match."""
        if file not in self.patterns:
            patterns = list(self.facts.files[file]['regexes'])
            patterns += [
                text for name in self.facts.product if name != file for text in self.facts.files[name]['regexes']
            ][:20]
            found = []
            for pattern in dict.fromkeys(patterns):
                try:
                    value = eval(pattern, {'__builtins__': {}})
                except (SyntaxError, ValueError):
                    continue
                if isinstance(value, str):
                    found += matching(value)
            self.patterns[file] = list(dict.fromkeys(found))
        return self.patterns[file]

    def of(self, function, parameter, depth=0):
        """Values for one parameter, best first, no two of the same text."""
        told, name = function.told, parameter['name']
        found = []
        for module_name in (parameter['annotation'], documented_type(told['doc'], name)):
            found += self._annotated(module_name, function, depth)
        own = self._by_class_name(name, function, depth)
        stub = self.stand_ins.stubs(function, name)
        typed = by_annotation(parameter['annotation'] or documented_type(told['doc'], name))
        compared = [
            Value(text) for text in dict.fromkeys(told['compares'].get(name, [])) if text not in ('None', "''", '""')
        ]
        default = parameter['default']
        if default in ('True', 'False'):
            found += [Value('True'), Value('False')]
        found += own + compared
        if typed is not None:
            found += [made(text) for text in typed]
        found += stub
        found += self.stand_ins.mappings(function, name)
        if not (typed and typed[0] in ('True', '3')):
            found += self.named(function, name)
        if default is not None and default not in ('None', 'True', 'False') and re.match(r'[-\'"\[({0-9bu]', default):
            found.append(Value(default))
        names_file = re.search(r'path|file|conf|dir|root|folder|src', name)
        found += self.documents.files(function.file) if names_file else []
        plain = ("'alpha'", '1', "['alpha', 'beta']", "{'alpha': 1}", 'None', "b'alpha'")
        # a number where a file is wanted would be one that is open already
        found += [made(text) for text in plain if not (names_file and text == '1')]
        return list({value.text: value for value in found}.values())

    def named(self, function, name):
        """By the parameter's name."""
        found = []
        for kind, text in by_name(name, self.kinds):
            if kind == 'value':
                found.append(made(text))
            elif kind == 'text':
                found += [Value(repr(item)) for item in self.texts(function.file)]
            elif kind == 'stream':
                for item in self.texts(function.file)[:4]:
                    found.append(Value(f'io.StringIO(u{item!r})', ('import io',)))
                    found.append(Value(f'io.BytesIO({item.encode()!r})', ('import io',)))
            elif kind == 'bytes':
                found += [Value(f'{item!r}') for item in (text.encode() for text in self.texts(function.file)[:3])]
            elif kind == 'file':
                found += self.documents.files(function.file)
            elif kind in samples.BYTES:
                found += [Value(item) for item in samples.BYTES[kind]]
        told = [kind for kind, _ in by_name(name, self.kinds)]
        if any(by_name(p['name'], self.kinds)[0] == FIRST_VERB for p in function.told['parameters']):
            # what is asked of a connection is a path on its host
            found.sort(key=lambda value: not value.text.startswith("'/"))
        if any(kind in samples.BYTES for kind in self.kinds) and told[0] in ('text', 'bytes'):
            found = [Value(item) for kind in self.kinds for item in samples.BYTES.get(kind, [])] + found
        return found

    def _annotated(self, note, function, depth):
        found = []
        for word in re.findall(r'[A-Za-z_]\w*', note or ''):
            if self.facts.class_named(word):
                found += self.instances(word, depth + 1)
        return found

    def _by_class_name(self, name, function, depth):
        """`feed` may be a Feed; `jobs` some of them; `x` what a function that is named after it gives."""
        wanted = name.replace('_', '').lower()
        for file, told in self.facts.classes():
            plain = told['name'].replace('_', '').lower()
            if plain == wanted and len(wanted) > 2:
                return self.instances(told['name'], depth + 1)
            if plain + 's' == wanted:
                one = self.instances(told['name'], depth + 1)[:2]
                return [Value(f'[{value.text}]', value.imports, value.files) for value in one]
        return self._produced(wanted, function, depth)

    def _produced(self, wanted, function, depth):
        """What functions give that read, parse or make such a thing."""
        if depth >= DEEPEST or len(wanted) < 3:
            return []
        found = []
        for maker in self.facts.functions:
            last = maker.last.lower()
            if maker.owner or maker.key == function.key or last.startswith('_') or last in self.busy:
                continue
            if re.fullmatch(
                rf'(read|parse|load|make|build|create|get|new|open|from|generate)_?{re.escape(wanted)}s?', last
            ):
                self.busy.append(last)
                found += self.call(maker, depth + 1)[:2]
                self.busy.pop()
        return found

    def call(self, function, depth=0):
        """Calls of a function with its first few candidates."""
        imports = (import_of(function.module, function.last),)
        rows = self.arguments(function, depth)
        return [Value(f'{function.last}({row.text})', imports + row.imports, row.files) for row in rows]

    def arguments(self, function, depth, rows=3):
        """Argument lists: the first candidate of each required parameter, then the second..."""
        required = [p for p in function.told['parameters'] if not p['optional'] and p['kind'] in ('plain', 'keyword')]
        if function.owner and required and 'staticmethod' not in function.told['decorators']:
            required = required[1:]
        if not required:
            return [Value('')] + self._first_word(function, depth)
        columns = [self.of(function, parameter, depth)[:rows] for parameter in required]
        found = []
        for index in range(min(rows, max(map(len, columns)))):
            picked = [column[min(index, len(column) - 1)] for column in columns]
            found.append(joined(required, picked))
        return found

    def _first_word(self, function, depth):
        """Where nothing is required: the first parameter all the same, with what it is likely to be for."""
        plain = [p for p in function.told['parameters'] if p['kind'] == 'plain' and p['name'] not in ('self', 'cls')]
        if not plain or plain[0]['default'] != 'None':
            return []
        return [
            Value(f"{plain[0]['name']}={value.text}", value.imports, value.files)
            for value in self.of(function, plain[0], depth)[:4]
        ]

    def instances(self, name, depth=0):
        """Calls of a constructor of the tree, as used in the tree first."""
        place = self.facts.class_named(name)
        if place is None or depth > DEEPEST or name in self.busy:
            return []
        file, told = place
        self.busy.append(name)
        imports = (import_of(self.facts.modules[file], name),)
        found = []
        init = self.facts.method(file, name, '__init__')
        if init is not None:
            rows = self.arguments(init, depth)
            found = [Value(f'{name}({row.text})', imports + row.imports, row.files) for row in rows]
        elif told['fields']:
            rows = self._fields(told, file, depth)
            found = [Value(f'{name}({row.text})', imports + row.imports, row.files) for row in rows]
        elif any(base.endswith(('Enum', 'Flag')) for base in told['bases']):
            found = [Value(f'list({name})[0]', imports)]
        else:
            found = [Value(f'{name}()', imports)]
        self.busy.pop()
        found = self.documents.mined_instances(name) + found
        return [value for value in found if value.text not in self.bad] or found[:1]

    def _fields(self, told, file, depth):
        """Argument lists of a dataclass or model: required ones alone, then all."""
        columns, required = [], []
        for name, note, default, has in told['fields']:
            parameter = {'name': name, 'annotation': note, 'default': default, 'optional': has, 'kind': 'keyword'}
            options = self.of(Fields(file, self.facts.modules[file], told), parameter, depth)[:3]
            columns.append((parameter, options, has))
        for whole in (False, True):
            for index in range(2):
                chosen = [(p, o[min(index, len(o) - 1)]) for p, o, has in columns if whole or not has]
                required.append(joined([p for p, _ in chosen], [v for _, v in chosen]))
        return list({row.text: row for row in required}.values())
