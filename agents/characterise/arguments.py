"""Argument lists as source text, and what stands in for a constructor that a class does not write."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Value:
    """Source text of a value, the imports that it needs, and the files that must be there."""

    text: str
    imports: tuple = ()
    files: tuple = field(default=())


def import_of(module, name):
    return f'from {module} import {name}'


def made(text):
    """A value with the imports of the standard library that its text wants."""
    names = ('datetime', 'io', 'decimal', 'pathlib', 're', 'os')
    return Value(text, tuple(f'import {name}' for name in names if re.search(rf'(?<![\w.\'"]){name}\.', text)))


class Fields:
    """A class's fields in the place of a constructor's parameters."""

    def __init__(self, file, module, told):
        self.file, self.module = file, module
        self.key = f"{file}:{told['name']}"
        self.told = {'doc': told['doc'], 'compares': {}, 'attributes': {}, 'keys': {}, 'calls': [],
                     'parameters': []}  # fmt: skip


def joined(parameters, values):
    """An argument list; parameters that have to be named are."""
    parts = [f"{p['name']}={v.text}" if p['kind'] == 'keyword' else v.text for p, v in zip(parameters, values)]
    imports = tuple(dict.fromkeys(line for value in values for line in value.imports))
    files = {name: content for value in values for name, content in value.files}
    return Value(', '.join(parts), imports, tuple(sorted(files.items())))
