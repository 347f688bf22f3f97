"""Reads test files without running them, and says of each test what the static gates need to know.

Usage: inspect_tests.py REQUEST, a JSON file: {root, files, libraries, pythonpath, generated}; `files` are paths below
`root`, `generated` the folder of those that load one another. Writes JSON to standard output:
{path: {error, tests: {name: {imports, forbidden, asserts, text}}}}, `name` as in pytest's ids (`TestA::test_b`); tests
that do the same under other names have the same `text`, a digest.

Works on Python 2.7 and 3.6 and newer: sources are read by the grammar of the interpreter that will run them.
"""

import ast
import hashlib
import io
import json
import os
import sys

from inspect_words import Words

FUNCTIONS = (ast.FunctionDef,) + ((ast.AsyncFunctionDef,) if hasattr(ast, 'AsyncFunctionDef') else ())
ALWAYS = frozenset(
    'setup_module teardown_module setup_function teardown_function setUpModule tearDownModule'.split()
)
OF_CLASS = frozenset(
    'setUp tearDown setUpClass tearDownClass asyncSetUp asyncTearDown setup_method teardown_method setup_class '
    'teardown_class setup teardown'.split()
)


def last_name(node):
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ''


def is_autouse(node):
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and last_name(mark) in ('fixture', 'yield_fixture'):
            if any(word.arg == 'autouse' for word in mark.keywords):
                return True
    return False


def argument_names(node):
    found = []
    for argument in node.args.args + getattr(node.args, 'kwonlyargs', []):
        found.append(getattr(argument, 'arg', None) or getattr(argument, 'id', ''))
    return found


class Source(object):
    """One file: its functions and classes by name, and what runs whenever it is loaded."""

    def __init__(self, tree, words):
        self.words = words
        self.defined = {}
        self.loose = []
        for node in self._flat(tree.body):
            if isinstance(node, FUNCTIONS + (ast.ClassDef,)):
                self.defined[node.name] = node
            else:
                self.loose.append(node)
        self.always = [
            node
            for name, node in sorted(self.defined.items())
            if name in ALWAYS or (isinstance(node, FUNCTIONS) and is_autouse(node))
        ]

    def _flat(self, body):
        """Statements with those under `if` and `try`, which hold definitions as well."""
        for node in body:
            inner = [getattr(node, field, []) for field in ('body', 'orelse', 'finalbody', 'handlers')]
            if isinstance(node, (ast.If,) + tuple(kind for kind in (getattr(ast, 'Try', None), getattr(ast, 'TryExcept', None), getattr(ast, 'TryFinally', None)) if kind)):
                if isinstance(node, ast.If):
                    yield ast.copy_location(ast.Expr(value=node.test), node)
                for part in inner:
                    for one in self._flat(part):
                        yield one
            elif isinstance(node, ast.ExceptHandler):
                for one in self._flat(node.body):
                    yield one
            else:
                yield node

    def bases(self, node, seen=()):
        """A class and those of its bases that stand in this file."""
        found = [node]
        for base in node.bases:
            other = self.defined.get(last_name(base))
            if isinstance(other, ast.ClassDef) and other is not node and other.name not in seen:
                found += self.bases(other, tuple(seen) + (node.name,))
        return found

    def tests(self):
        """Name -> (function, its class or None)."""
        found = {}
        for name, node in self.defined.items():
            if isinstance(node, FUNCTIONS):
                found[name] = (node, None)
                continue
            for owner in reversed(self.bases(node)):
                for part in owner.body:
                    if isinstance(part, FUNCTIONS):
                        found[name + '::' + part.name] = (part, node)
        return found

    def reached(self, function, owner):
        """The function and whatever of this file runs with it, each once."""
        methods, around = {}, []
        if owner is not None:
            for one in reversed(self.bases(owner)):
                for part in one.body:
                    if not isinstance(part, FUNCTIONS):
                        around.append(part)
                        continue
                    methods[part.name] = part
                    if part.name in OF_CLASS or is_autouse(part):
                        around.append(part)
        found, waiting = [], [function] + around + self.always
        seen = set()
        while waiting:
            node = waiting.pop(0)
            if id(node) in seen:
                continue
            seen.add(id(node))
            found.append(node)
            for name in self._names(node):
                for other in (methods.get(name), self.defined.get(name)):
                    if other is not None and id(other) not in seen:
                        waiting.append(other)
        return found

    def _names(self, node):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                yield inner.id
            elif isinstance(inner, ast.Attribute):
                if isinstance(inner.value, ast.Name) and inner.value.id in ('self', 'cls'):
                    yield inner.attr
            elif isinstance(inner, FUNCTIONS):
                for name in argument_names(inner):
                    yield name
            elif isinstance(inner, ast.Call) and last_name(inner) in ('usefixtures', 'getfixturevalue'):
                for argument in inner.args:
                    text = self.words.text(argument)
                    if text is not None:
                        yield text

    def whole(self):
        return list(self.defined.values()) + self.loose


def main():
    with io.open(sys.argv[1], encoding='utf-8') as source:
        request = json.load(source)
    sources, answer = {}, {}
    for path in sorted(request['files']):
        with io.open(os.path.join(request['root'], path), 'rb') as source:
            raw = source.read()
        try:
            tree = ast.parse(raw, str(path))
        except (SyntaxError, ValueError, RuntimeError, MemoryError) as error:
            line = getattr(error, 'lineno', None)
            answer[path] = {'error': '%s%s' % (error.__class__.__name__, '' if line is None else ', line %d' % line), 'tests': {}}
            continue
        sources[path] = Source(tree, Words(tree, request['libraries'], request['root'], request['pythonpath']))
    for path, source in sources.items():
        others = companions(path, source, sources, request['generated'])
        tests = {}
        for name, (function, owner) in source.tests().items():
            tests[name] = verdict(source, function, owner, others)
        answer[path] = {'error': None, 'tests': tests}
    sys.stdout.write(json.dumps(answer, sort_keys=True))


def companions(path, source, sources, generated):
    """Files handed over with this one that run when it does: conftests above it, and what it imports by name."""
    if not generated or not path.startswith(generated):
        return []
    found, waiting = set(), [path]
    while waiting:
        place = waiting.pop()
        named = sources[place].words.modules() if place in sources else ()
        for other in sources:
            if other in found or other == path or not other.startswith(generated):
                continue
            stem = other[:-3].rsplit('/', 1)[-1]
            if stem == '__init__':
                stem = other.split('/')[-2]
            is_above = stem == 'conftest' and path.startswith(other[: -len('conftest.py')])
            if is_above or stem in named:
                found.add(other)
                waiting.append(other)
    return [sources[name] for name in sorted(found)]


def verdict(source, function, owner, others):
    reached = source.reached(function, owner)
    imports, forbidden = [], []
    asserts = any(source.words.asserts(node) for node in reached if isinstance(node, FUNCTIONS + (ast.ClassDef,)))
    for words, nodes in [(source.words, reached + source.loose)] + [(one.words, one.whole()) for one in others]:
        imports += words.imports(nodes)
        forbidden += words.forbidden(nodes)
    if not asserts:
        called = set(last_name(call) for node in reached for call in ast.walk(node) if isinstance(call, ast.Call))
        asserts = any(
            name in one.defined and one.words.asserts(one.defined[name]) for one in others for name in called
        )
    return {
        'imports': unique(imports),
        'forbidden': unique(forbidden),
        'asserts': bool(asserts),
        'text': digest_of(function),
    }


def digest_of(function):
    """Of what a test does: layout, comments, name and decorators aside."""
    parts = [ast.dump(node) for node in function.body] + argument_names(function)
    return hashlib.sha256('\n'.join(parts).encode('utf-8', 'backslashreplace')).hexdigest()


def unique(texts):
    return sorted(set(texts))[:10]


if __name__ == '__main__':
    main()
