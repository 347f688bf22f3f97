"""Where code uses a library: read from the syntax tree, never run."""

import ast
import re
from dataclasses import dataclass

SKIPPED = {"__pycache__", "node_modules", "venv", "env", "build", "dist", "site-packages"}
MANIFESTS = re.compile(r"(requirements.*\.(txt|in)|setup\.(py|cfg)|pyproject\.toml|Pipfile|environment\.ya?ml|tox\.ini)$")


@dataclass(frozen=True)
class Use:
    path: str
    line: int
    text: str


def python_files(root):
    """Paths below a folder, in order; hidden folders and what tools make are left out."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(part in SKIPPED or part.startswith(".") for part in parts):
            yield path


def is_test(path):
    """Whether a path is one of tests; they are judged by other rules than code."""
    *folders, name = path.split("/")
    named = re.match(r"(test_.*|.*_tests?|conftest)\.py$", name)
    return bool(named) or any(part in ("test", "tests", "testing") for part in folders)


def find_uses(root, names):
    """Every line of Python code that uses one of the modules, by import or by a name that an import binds."""
    found = []
    for path in python_files(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        if not any(name.split(".")[-1] in text for name in names):
            continue
        lines = text.splitlines()
        for number in sorted(lines_using(text, names)):
            shown = lines[number - 1].strip() if number <= len(lines) else ""
            found.append(Use(path.relative_to(root).as_posix(), number, shown))
    return found


def lines_using(text, names):
    """Numbers of the lines of a source that use one of the modules."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        # written for another Python: by words
        words = re.compile(r"\b(?:%s)\b" % "|".join(re.escape(name) for name in names))
        return {number for number, line in enumerate(text.splitlines(), 1) if words.search(line.split("#")[0])}
    bound, found = {}, set()
    for node in ast.walk(tree):
        for name, module in bindings(node):
            if within(module, names):
                found.add(node.lineno)
                bound[name] = module
            elif name == module.split(".")[0]:
                bound.setdefault(name, module)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and within(dotted(node, bound), names):
            found.add(node.lineno)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and within(node.args[0].value, names):
                found.add(node.lineno)
    return found


def bindings(node):
    """(name, dotted module or member) of what an import binds."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0], alias.name
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            module = node.module if alias.name == "*" else f"{node.module}.{alias.name}"
            yield alias.asname or alias.name, module


def dotted(node, bound):
    """What a name or attribute stands for; an empty text where no import says."""
    after = []
    while isinstance(node, ast.Attribute):
        after.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in bound:
        return ""
    module = bound[node.id]
    # `import a.b` binds a
    start = node.id if module.split(".")[0] == node.id else module
    return ".".join([start, *after])


def within(module, names):
    return isinstance(module, str) and any(module == name or module.startswith(name + ".") for name in names)


def find_mentions(root, libraries):
    """Lines of requirements and settings that name a library."""
    words = re.compile(r"(?<![\w.-])(?:%s)(?![\w-])" % "|".join(re.escape(one["name"]) for one in libraries), re.I)
    found = []
    for path in sorted(root.iterdir()):
        if path.is_file() and MANIFESTS.match(path.name):
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                if words.search(line):
                    found.append(Use(path.name, number, line.strip()))
    return found


def listed(uses, limit=80):
    """Uses as lines of text."""
    lines = [f"{use.path}:{use.line}: {use.text}" for use in uses[:limit]]
    return "\n".join(lines + ([f"... and {len(uses) - limit} more"] if len(uses) > limit else []))
