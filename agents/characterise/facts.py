"""Facts of a tree: its files as modules, where the source library's names are used, who calls whom."""

import json
import os
import re
from dataclasses import dataclass, field

TEST = re.compile(r'(^|/)(tests?|testing|testsuite)(/|$)|(^|/)(test_[^/]*|[^/]*_tests?|conftest|tests?)\.py$')
ASIDE = re.compile(
    r'(^|/)(setup|conf|versioneer|noxfile|tasks|fabfile|ez_setup)\.py$|^(docs?|examples?|scripts?|tools|bench[^/]*)/'
)
_COMMON = frozenset(
    'get set run join format append add split strip read write close open items keys values update pop copy main '
    'encode decode replace search match sub start stop next load dump parse exists print str int len'.split()
)


@dataclass
class Function:
    """A function or method of the tree."""

    file: str
    module: str
    told: dict
    hits: set = field(default_factory=set)

    @property
    def name(self):
        return self.told['name']

    @property
    def last(self):
        return self.name.rpartition('.')[2]

    @property
    def owner(self):
        return self.told['class']

    @property
    def key(self):
        return f'{self.file}:{self.name}'

    def holds(self, line):
        return self.told['line'] <= line <= self.told['end']


def made_up(file, module, name, owner=None, parameters=(), **more):
    """A function that no line of the tree writes."""
    told = {'name': name, 'class': owner, 'line': 0, 'end': 0, 'nested': False, 'parameters': list(parameters),
            'decorators': [], 'doc': '', 'returns': '', 'calls': [], 'constants': [], 'compares': {}, 'attributes': {},
            'keys': {}, 'yields': False, 'asynchronous': False, **more}  # fmt: skip
    return Function(file, module, told)


class Facts:
    """What a survey found, with names and relations that need more than one file."""

    def __init__(self, survey, pythonpath, libraries):
        self.files = {name: told for name, told in survey['files'].items() if not told.get('error')}
        self.broken = sorted(name for name, told in survey['files'].items() if told.get('error'))
        self.python = tuple(survey['python'])
        self.libraries = libraries
        self.modules = {name: module_of(name, pythonpath) for name in self.files}
        self.product = sorted(
            name
            for name, module in self.modules.items()
            if module and not TEST.search(name) and not ASIDE.search(name)
        )
        self.own = sorted({self.modules[name].split('.')[0] for name in self.product})
        self.by_module = {self.modules[name]: name for name in self.product}
        self.hits = {name: self._hit_lines(name) for name in self.product}
        self.functions = []
        for name in self.product:
            for told in self.files[name]['functions']:
                if not told['nested'] and not told['asynchronous']:
                    function = Function(name, self.modules[name], told)
                    function.hits = {line for line in self.hits[name] if function.holds(line)}
                    self.functions.append(function)

    def resolve(self, name, entry):
        """The absolute module that an import entry of a file names."""
        if not entry['level']:
            return entry['module']
        parts = self.modules[name].split('.')
        if not name.endswith('__init__.py'):
            parts = parts[:-1]
        parts = parts[: len(parts) - entry['level'] + 1]
        return '.'.join(parts + ([entry['module']] if entry['module'] else []))

    def is_library(self, module, member=None):
        for library in self.libraries:
            for whole in (module, f'{module}.{member}' if member else module):
                if whole == library or whole.startswith(library + '.'):
                    return True
        return False

    def importers(self):
        """Product files that import the library themselves."""
        return [
            name
            for name in self.product
            if any(self.is_library(self.resolve(name, entry), entry['name']) for entry in self.files[name]['imports'])
        ]

    def bound(self, name, deep=True):
        """Names that a file binds at depth 0, with the lines that bind them."""
        found = {}
        for entry in self.files[name]['imports']:
            module = self.resolve(name, entry)
            taken = self.is_library(module, entry['name'])
            if not taken and deep and entry['name'] and module in self.by_module:
                taken = entry['name'] in self.bound(self.by_module[module], False)
            if taken:
                found.setdefault(entry['bind'], []).append(entry['line'])
        return found

    def _hit_lines(self, name):
        """Lines that use the library's names, or names bound from them (at most four rounds)."""
        told = self.files[name]
        top = self.bound(name)
        lines = {line for found in top.values() for line in found}
        known = dict.fromkeys(top, '')
        for _ in range(4):
            before = len(known)
            for bound, sources, _, scope in told['flows']:
                if any(source in known for source in sources) and bound not in known:
                    known[bound] = scope
            if len(known) == before:
                break
        for bound, scope in known.items():
            places = told['attributes'] if bound.startswith('self.') else told['names']
            span = None
            if scope and not bound.startswith('self.'):
                span = next(((f['line'], f['end']) for f in told['functions'] if f['name'] == scope), None)
            for line in places.get(bound.removeprefix('self.'), []):
                if span is None or span[0] <= line <= span[1]:
                    lines.add(line)
        return lines

    def callers(self, names):
        """Functions that call one of these simple names."""
        wanted = {name for name in names if name not in _COMMON}
        return [f for f in self.functions if any(call.rpartition('.')[2] in wanted for call in f.told['calls'])]

    def classes(self):
        """(file, class) of every product class at the top of its module."""
        for name in self.product:
            for told in self.files[name]['classes']:
                if not told['nested'] and '.' not in told['name']:
                    yield name, told

    def class_named(self, name):
        return next(((file, told) for file, told in self.classes() if told['name'] == name), None)

    def method(self, file, owner, name):
        """A method of a class, looked up in its own bases too."""
        for function in self.functions:
            if function.file == file and function.owner == owner and function.last == name:
                return function
        told = next((c for c in self.files[file]['classes'] if c['name'] == owner), None)
        for base in told['bases'] if told else []:
            found = self.class_named(base.rpartition('.')[2])
            if found and found[1]['name'] != owner:
                return self.method(found[0], found[1]['name'], name)
        return None


def module_of(name, pythonpath):
    """Dotted name of a file, by the deepest folder of the path that holds it; None where it has none."""
    for folder in sorted(pythonpath, key=len, reverse=True):
        inside = name.removeprefix(folder + '/') if folder else name
        if folder and inside == name:
            continue
        parts = inside.removesuffix('.py').split('/')
        if parts[-1] == '__init__':
            parts = parts[:-1]
        if parts and all(part.isidentifier() for part in parts):
            return '.'.join(parts)
    return None


def read_facts(path, pythonpath, libraries):
    with open(path, encoding='ascii') as stream:
        return Facts(json.load(stream), pythonpath, libraries)


def documents(top):
    """Texts of a tree that may show how it is used: README files and documentation."""
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith('.') and not name.endswith('.egg-info'))
        inside = os.path.relpath(folder, top)
        for name in sorted(files):
            wanted = name.lower().startswith('readme') or re.match(r'(docs?|examples?)(/|$)', inside)
            if wanted and name.lower().endswith(('.md', '.rst', '.txt', 'readme')):
                path = os.path.join(folder, name)
                if os.path.getsize(path) < 300000:
                    with open(path, encoding='utf-8', errors='replace') as stream:
                        yield os.path.relpath(path, top), stream.read()
