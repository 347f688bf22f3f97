"""Argument lists and constructor calls as the tree itself writes them: code, tests, documentation, doctests."""

import ast
import builtins
import re
import sys

from survey_code import Code
from arguments import Value, import_of

BUILTINS = frozenset(dir(builtins)) - {
    'open',
    'input',
    'exit',
    'quit',
    'eval',
    'exec',
    '__import__',
    'print',
    'super',
}
STANDARD = frozenset(
    ('datetime', 'io', 'decimal', 'pathlib', 're', 'os', 'collections', 'fractions', 'uuid', 'textwrap', 'types')
)
_FORBIDDEN = re.compile(r'\.(now|today|utcnow|system|remove|rmtree|environ|urandom|uuid[14]|getcwd)\b')
MOST = 14


def snippet_facts(text):
    """Facts of a piece of code in a document; None where it cannot be parsed by this interpreter."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    code = Code()
    code.visit(tree)
    return dict(code.facts, doc='', error='')


class Mining:
    """Calls that are written somewhere, with everything they name made importable."""

    def __init__(self, facts, snippets):
        self.facts = facts
        self.places = [(name, told, False) for name, told in sorted(facts.files.items())]
        self.places += [(name, told, True) for name, told in snippets]
        self.calls = {}
        # tests and documents first: they show whole, working calls
        order = sorted(self.places, key=lambda place: (place[0] in facts.by_module.values(), place[0]))
        for name, told, loose in order:
            for call in told['calls']:
                last = call['function'].rpartition('.')[2]
                self.calls.setdefault(last, []).append((name, told, loose, call))

    def argument_lists(self, name, functional=True):
        """Values whose text is an argument list, for calls of this simple name."""
        found = {}
        for file, told, loose, call in self.calls.get(name, []):
            if len(found) >= MOST:
                break
            row = self._row(file, told, loose, call)
            if row is not None:
                found.setdefault(row.text, row)
        return list(found.values())

    def instances(self, name):
        """Constructor calls of a class of the tree."""
        place = self.facts.class_named(name)
        if place is None:
            return []
        line = import_of(self.facts.modules[place[0]], name)
        rows = self.argument_lists(name)[:6]
        return [Value(f'{name}({row.text})', tuple(dict.fromkeys((line,) + row.imports))) for row in rows]

    def literals(self, names):
        """Texts that are handed to functions of these names, in order."""
        found = []
        for name in names:
            for file, told, loose, call in self.calls.get(name, []):
                for text, used in call['arguments'] + [word[1:] for word in call['keywords']]:
                    value = self.resolved(text, file, told, loose, call['scope'])
                    if value is not None and value.text[-1:] in '\'"' and not value.imports:
                        found.append(value.text)
        return list(dict.fromkeys(found))

    def _row(self, file, told, loose, call):
        parts, imports = [], []
        for word, text in [('', a[0]) for a in call['arguments']] + [(k[0], k[1]) for k in call['keywords']]:
            value = self.resolved(text, file, told, loose, call['scope'])
            if value is None:
                return None
            parts.append(f'{word}={value.text}' if word else value.text)
            imports += value.imports
        return Value(', '.join(parts), tuple(dict.fromkeys(imports)))

    def resolved(self, text, file, told, loose, scope, depth=0):
        """A value for an expression of a file; None where it names what cannot be had."""
        if text is None or depth > 4 or _FORBIDDEN.search(text):
            return None
        try:
            tree = ast.parse(text.strip(), mode='eval')
        except (SyntaxError, ValueError):
            return Value(text) if re.fullmatch(r"[ub]?'[^'\\]*'", text) else None
        imports = []
        replaced = {}
        for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}):
            if name in BUILTINS and name not in told['assigns']:
                continue
            part = self._name(name, file, told, loose, scope, depth)
            if part is None:
                return None
            imports += part.imports
            if part.text != name:
                replaced[name] = part.text
        if replaced:
            tree = _Replace(replaced).visit(tree)
            text = ast.unparse(tree)
        return Value(text, tuple(dict.fromkeys(imports))) if len(text) < 6000 else None

    def _name(self, name, file, told, loose, scope, depth):
        inner = told['locals'].get(scope, {}).get(name)
        for text in (inner, told['assigns'].get(name)):
            if text is not None and not re.search(rf'\b{re.escape(name)}\b', text):
                return self.resolved(text, file, told, loose, scope, depth + 1)
        for entry in told['imports']:
            if entry['bind'] == name:
                return self._imported(entry, file, loose)
        if not loose and file in self.facts.by_module.values():
            kinds = [c['name'] for c in told['classes']] + [f['name'] for f in told['functions'] if not f['class']]
            if name in kinds:
                return Value(name, (import_of(self.facts.modules[file], name),))
        return None

    def _imported(self, entry, file, loose):
        if entry['name'] == '*':
            return None
        module = (
            entry['module']
            if loose
            else (self.facts.resolve(file, entry) if self.facts.modules[file] else entry['module'])
        )
        top = module.split('.')[0]
        if self.facts.is_library(module, entry['name']):
            return None
        if top not in self.facts.own and not (top in STANDARD and top in sys.stdlib_module_names):
            return None
        if entry['name'] is None:
            line = f'import {module} as {entry["as"]}' if entry['as'] else f'import {module}'
        else:
            line = import_of(module, entry['name']) + (f' as {entry["as"]}' if entry['as'] else '')
        return Value(entry['bind'], (line,))


class _Replace(ast.NodeTransformer):
    def __init__(self, texts):
        self.texts = texts

    def visit_Name(self, node):
        if node.id in self.texts:
            return ast.parse(self.texts[node.id].strip(), mode='eval').body
        return node
