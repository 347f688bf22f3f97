"""Reads Python sources without running them: JSON in, JSON out.

In:  {"setups": {path: text}, "sources": {path: text}}
Out: {"setups": {path: {keyword: value}}, "python2": [path], "imports": {path: [module]}}
A setup.py that does not parse has no entry; `python2` are files that only Python 2 reads.
"""
import ast
import json
import re
import sys

KEYWORDS = {
    "name", "version", "python_requires", "install_requires", "requires", "tests_require",
    "extras_require", "classifiers", "entry_points",
}
PYTHON2 = re.compile(
    r"^\s*print\s+[^=(\s]|^\s*print\s*$|^\s*except\s+[\w.,() ]+,\s*\w+\s*:|^\s*raise\s+[\w.]+\s*,"
    r"|^\s*exec\s+[^(=\s]|<>|\bur['\"]|`[^`]+`|\b0[0-7]+\b|\b\d+[lL]\b|^\s*print\s*\(.*\)\s*%|^\s*print\s*>>",
    re.M,
)


class Unknown(Exception):
    pass


class Values:
    """Constants that names of a module stand for, as far as they can be told without running it."""

    def __init__(self, tree):
        self.names = {}
        for node in ast.walk(tree):
            try:
                self.take(node)
            except (Unknown, TypeError):
                continue

    def take(self, node):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                value = self.value(node.value)
                self.names.setdefault(target.id, value)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                table = self.names.get(target.value.id)
                if isinstance(table, dict):
                    table[self.value(target.slice)] = self.value(node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.extend(node.target.id, self.value(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and len(node.args) == 1:
                if node.func.attr == "append":
                    self.extend(owner.id, [self.value(node.args[0])])
                elif node.func.attr == "extend":
                    self.extend(owner.id, self.value(node.args[0]))

    def extend(self, name, more):
        known = self.names.get(name)
        if isinstance(known, list) and isinstance(more, (list, tuple)):
            self.names[name] = known + list(more)

    def value(self, node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [item for part in node.elts for item in self.items(part)]
        if isinstance(node, ast.Dict):
            table = {}
            for key, value in zip(node.keys, node.values):
                try:
                    if key is None:
                        table.update(self.value(value))
                    else:
                        table[self.value(key)] = self.value(value)
                except (Unknown, TypeError, ValueError):
                    continue
            return table
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        if isinstance(node, ast.Subscript):
            table = self.value(node.value)
            try:
                return table[self.value(node.slice)]
            except (KeyError, IndexError, TypeError):
                raise Unknown
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(left, list) and isinstance(right, (list, tuple)):
                return left + list(right)
            if isinstance(left, str) and isinstance(right, str):
                return left + right
        if isinstance(node, ast.Call):
            return self.call(node)
        raise Unknown

    def items(self, node):
        try:
            return self.value(node.value) if isinstance(node, ast.Starred) else [self.value(node)]
        except (Unknown, TypeError):
            return []

    def call(self, node):
        name = getattr(node.func, "id", None)
        if name == "dict" and not node.args:
            return {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        if name in ("list", "sorted", "set", "tuple") and len(node.args) == 1:
            return list(self.value(node.args[0]))
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("split", "splitlines", "strip"):
            text = self.value(node.func.value)
            if isinstance(text, str):
                return getattr(text, node.func.attr)()
        raise Unknown


def setup_call(text):
    tree = ast.parse(text)
    values = Values(tree)
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", None))
        if name != "setup":
            continue
        for word in node.keywords:
            try:
                value = values.value(word.value)
            except (Unknown, TypeError, ValueError):
                continue
            if word.arg is None and isinstance(value, dict):
                found.update((key, item) for key, item in value.items() if key in KEYWORDS)
            elif word.arg in KEYWORDS:
                found[word.arg] = value
    return {key: value for key, value in ((k, cleaned(k, v)) for k, v in found.items()) if value is not None}


def cleaned(keyword, value):
    if keyword in ("name", "version", "python_requires"):
        return value if isinstance(value, str) else None
    if keyword == "extras_require":
        if not isinstance(value, dict):
            return None
        return {str(key): texts(items) for key, items in value.items()}
    if keyword == "entry_points":
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            return None
        return {str(key): texts(items) for key, items in value.items()}
    return texts(value)


def texts(value):
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    if isinstance(value, (list, tuple)):
        return [item for item in value if isinstance(item, str)]
    return []


def modules(tree):
    """Modules that import statements name anywhere in the file; relative ones are left out."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(node.module + "." + alias.name for alias in node.names if alias.name != "*")
    return sorted(found)


IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w., ]+))", re.M)


def modules_by_pattern(text):
    found = set()
    for first, many in IMPORT.findall(text):
        if first:
            found.add(first)
        for part in many.split(","):
            name = part.strip().split(" ")[0]
            if name:
                found.add(name)
    return sorted(found)


def main():
    sys.setrecursionlimit(5000)
    request = json.load(sys.stdin)
    answer = {"setups": {}, "python2": [], "imports": {}}
    for path, text in request["setups"].items():
        try:
            answer["setups"][path] = setup_call(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    for path, text in request["sources"].items():
        try:
            answer["imports"][path] = modules(ast.parse(text))
        except (SyntaxError, ValueError):
            answer["imports"][path] = modules_by_pattern(text)
            if PYTHON2.search(text):
                answer["python2"].append(path)
        except (RecursionError, MemoryError):
            answer["imports"][path] = modules_by_pattern(text)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
