"""The rewriting of a workspace by the rules of a pair."""

import ast
import os
import re
import tempfile
from pathlib import Path

from bindings import Bindings, bound_name, import_text, statement_text, uses
from structural import instantiate, matches, outermost

SKIPPED = {".git", ".tox", ".nox", ".venv", "__pycache__", "node_modules"}


class Stuck(Exception):
    """The rules do not carry the whole migration."""


class Workspace:
    """Python files of a folder, changed in memory until `write`."""

    Stuck = Stuck
    passes = 12

    def __init__(self, folder):
        self.folder = folder
        self.before = {}
        for top, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in SKIPPED)
            for name in sorted(files):
                path = Path(top, name)
                if name.endswith((".py", ".pyw")) and path.is_file() and not path.is_symlink():
                    self.before[path.relative_to(folder).as_posix()] = path.read_bytes()
        self.now = dict(self.before)

    def changed(self):
        return [path for path in self.now if self.now[path] != self.before[path]]

    def write(self):
        for path in self.changed():
            (self.folder / path).write_bytes(self.now[path])

    def apply(self, pair, record):
        chosen = self.importing(pair, tests=False) or self.importing(pair, tests=True)
        if not chosen and not pair.upgrade:
            raise Stuck(f"no file imports {pair.source}")
        chosen = sorted(chosen)
        original = {path: self.tree(path) for path in chosen}
        wanted = {path: [] for path in chosen}
        self.run_rules(pair, chosen, wanted, record)
        for path in chosen:
            self.rename_names(pair, path)
            said = self.rewrite_doctests(pair, path)
            self.rewrite_imports(pair, path, original[path], wanted[path], said)
            self.check(pair, path, original[path])

    def importing(self, pair, tests):
        found = []
        for path in self.now:
            if is_test(path) != tests:
                continue
            tree = self.tree(path, quiet=True)
            if tree is None:
                if re.search(rb"(?m)^\s*(import|from)\s+" + pair.source.encode() + rb"\b", self.now[path]):
                    raise Stuck(f"{path} imports {pair.source} and is not of a Python that can be parsed here")
            elif Bindings(tree, pair.source) or imports_by_name(tree, pair.source):
                found.append(path)
        return found

    def tree(self, path, quiet=False):
        try:
            return ast.parse(self.now[path])
        except (SyntaxError, ValueError) as problem:
            if quiet:
                return None
            raise Stuck(f"{path}: the rewritten code does not parse ({problem})") from None

    def run_rules(self, pair, chosen, wanted, record):
        for _ in range(self.passes):
            groups = {}
            for path in chosen:
                tree = self.tree(path)
                places = {
                    "SRC": Bindings(tree, pair.source),
                    "DATETIME": Bindings(tree, "datetime"),
                    "HTTPCLIENT": Bindings(tree, "http.client"),
                }
                key = tuple((name, place.signature()) for name, place in places.items())
                groups.setdefault(key, (places, []))[1].append(path)
            count = 0
            for places, paths in groups.values():
                rules = instantiate(pair.rules, places, target_name(pair, places["SRC"]))
                count += self.run_once(rules, paths, wanted, record)
            if not count:
                return
        raise Stuck("the rules do not come to an end")

    def run_once(self, rules, paths, wanted, record):
        with tempfile.TemporaryDirectory() as scratch:
            places = {}
            for number, path in enumerate(paths):
                copy = Path(scratch, f"{number}.py")
                copy.write_bytes(self.now[path])
                places[str(copy)] = path
            found = matches(rules, sorted(places))
        count = 0
        for place, path in places.items():
            content = self.now[path]
            imports = import_spans(self.tree(path), content)
            taken = outermost([m for m in found if m["file"] == place and not inside(m, imports)])
            for match in reversed(taken):
                content = splice(content, match)
                record(step="rule", rule=match["rule"], path=path, byte=match["start"])
                wanted[path] += match["imports"]
            count += len(taken)
            self.now[path] = content
        return count

    def rename_names(self, pair, path):
        """Names imported from the old library that are called otherwise in the new one."""
        tree = self.tree(path)
        lines = self.now[path].split(b"\n")
        renamed = {}
        for node, alias in Bindings(tree, pair.source).imports:
            full = pair.names.get(below(pair.source, node, alias))
            if full and not alias.asname and full.rpartition(".")[2] != alias.name:
                renamed[alias.name] = full.rpartition(".")[2]
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in renamed]
        for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True):
            line = lines[node.lineno - 1]
            end = node.col_offset + len(node.id.encode())
            lines[node.lineno - 1] = line[: node.col_offset] + renamed[node.id].encode() + line[end:]
        self.now[path] = b"\n".join(lines)

    def rewrite_imports(self, pair, path, original, wanted, said):
        tree = self.tree(path)
        bindings = Bindings(tree, pair.source)
        new = list(dict.fromkeys(wanted))
        text = self.now[path].decode("utf-8", "surrogateescape")
        target = target_name(pair, bindings)
        if (target_used(tree, target) or said) and not Bindings(tree, pair.target).paths.get(""):
            new.insert(0, module_import(pair, target, self.folder))
        removed = {}
        for node, alias in bindings.imports:
            local = bound_name(alias)
            full = pair.names.get(below(pair.source, node, alias))
            renamed = full.rpartition(".")[2] if full else None
            if isinstance(node, ast.ImportFrom) and full and (uses(tree, local) or uses(tree, renamed)):
                new.append(import_text(full, alias.asname or renamed))
            elif uses(tree, local):
                continue
            elif not uses(original, local):
                if not pair.reexport or pair.upgrade:
                    if pair.upgrade:
                        continue
                    raise Stuck(f"{path}:{node.lineno}: {local} is imported for other modules")
                new.append(f"import {pair.target} as {local}")
            removed.setdefault(node, []).append(alias)
        present = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))}
        new = [line for line in dict.fromkeys(new) if line not in present]
        self.now[path] = edit_imports(text, tree, bindings, removed, new).encode("utf-8", "surrogateescape")

    def rewrite_doctests(self, pair, path):
        """Rewrite the code of doctests; true when it names the new library now."""
        said = False
        lines = self.now[path].decode("utf-8", "surrogateescape").split("\n")
        for number, line in enumerate(lines):
            if line.lstrip().startswith((">>>", "...")):
                for pattern, replacement in pair.doctest:
                    lines[number] = pattern.sub(replacement, lines[number])
                said = said or (lines[number] != line and f"{pair.target}." in lines[number])
        self.now[path] = "\n".join(lines).encode("utf-8", "surrogateescape")
        return said

    def check(self, pair, path, original):
        tree = self.tree(path)
        bindings = Bindings(tree, pair.source)
        if not pair.upgrade:
            if imports_by_name(tree, pair.source):
                raise Stuck(f"{path}: no rule for an import of {pair.source} by its name as a text")
            for node, alias in bindings.imports:
                name = below(pair.source, node, alias)
                used = first_use(tree, bound_name(alias)) if not name else None
                name = used.attr if used else name
                first = first_use(original, bound_name(alias), name) or next(iter(Bindings(original, pair.source).imports))[0]
                raise Stuck(f"{path}:{first.lineno}: no rule for {pair.source}{'.' if name else ''}{name}")
            return
        for gone in pair.gone:
            for node, alias in bindings.imports:
                if below(pair.source, node, alias) == gone:
                    raise Stuck(f"{path}:{node.lineno}: no rule for {pair.source}.{gone}, which is gone")


def import_spans(tree, content):
    """Byte ranges of import statements, which rules leave alone."""
    starts = [0]
    for line in content.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return [
        (starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]


def inside(match, spans):
    return any(start <= match["start"] and match["end"] <= end for start, end in spans)


def splice(content, match):
    """Put in a match's text; a line that is left empty by it goes."""
    before, after = content[: match["start"]], content[match["end"] :]
    if not match["text"]:
        line = before.rpartition(b"\n")[2]
        if not line.strip() and after[:1] in (b"\n", b"\r"):
            return before[: len(before) - len(line)] + after.partition(b"\n")[2]
        after = after.lstrip(b" ")
    # a blank line inside a fix comes with the indentation of its place
    text = re.sub(r"\n[ \t]+(?=\n)", "\n", match["text"])
    return before + text.encode() + after


def imports_by_name(tree, source):
    """True when a module imports by a computed name, and has the library's name as a text."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return source in texts and bool(names & {"__import__", "import_module", "importlib"})


def first_use(tree, local, attribute=None):
    """The first `local.attribute` of a module (of any attribute), or None."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == local:
            if attribute in (None, node.attr):
                return node
    return None


def below(root, node, alias):
    """The name below the library that an alias of an import statement stands for."""
    full = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
    return full[len(root) + 1 :]


def target_name(pair, bindings):
    """What the new library is called in a module: as the import says, private where the old one was."""
    if pair.upgrade:
        return bindings.expression("") or pair.target
    local = bindings.paths.get("", "")
    return f"_{pair.target}" if local.startswith("_") and "." not in pair.target else pair.target


def target_used(tree, target):
    wanted = target.split(".")
    for node in ast.walk(tree):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name) and [node.id, *parts][: len(wanted)] == wanted:
            return True
    return False


def module_import(pair, target, folder):
    module = pair.target
    alias = "" if target == module else f" as {target}"
    plain = f"import {module}{alias}"
    if pair.fallback and supports_below(folder, tuple(pair.fallback["below"])):
        other = pair.fallback["module"]
        return f"try:\n    {plain}\nexcept ModuleNotFoundError:\n    import {other} as {target}"
    return plain


def supports_below(folder, version):
    """True when the package says that it runs on a Python older than `version`."""
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        path = folder / name
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"python[_-]requires\s*=\s*[\"']?\s*>=?\s*(\d+)\.(\d+)", text)
        found = found or re.search(r"(?m)^python\s*=\s*[\"'](?:\^|>=)\s*(\d+)\.(\d+)", text)
        if found:
            return (int(found[1]), int(found[2])) < version
    return False


def edit_imports(text, tree, bindings, removed, new):
    """Take aliases out of import statements, and put new statements where the first of them stood."""
    lines = text.split("\n")
    ending = "\r" if lines and lines[0].endswith("\r") else ""
    nodes = sorted({node for node, _ in bindings.imports}, key=lambda node: node.lineno, reverse=True)
    nodes = [node for node in nodes if node in removed] or nodes
    if not nodes and not new:
        return text
    for node in nodes:
        first, last = node.lineno - 1, node.end_lineno
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        kept = [alias for alias in node.names if alias not in removed.get(node, [])]
        if kept and node in removed and isinstance(node, ast.ImportFrom):
            for statement in [item for item in new if item.startswith(f"from {node.module} import ")]:
                new.remove(statement)
                kept.append(ast.parse(statement).body[0].names[0])
        kept.sort(key=lambda alias: alias.name)
        statements = [statement_text(node, kept)] if kept and node in removed else []
        if node is nodes[-1]:
            for statement in new:
                statements += statement.split("\n")
        if node in removed:
            tail = lines[last - 1][node.end_col_offset :].strip() if last == first + 1 else ""
            if not statements and not alone_in_block(tree, node):
                lines[first:last] = []
                while 0 < first < len(lines) and not lines[first].strip() and not lines[first - 1].strip():
                    del lines[first]
                if first < len(lines) and re.match(r"(def|class|@|async )", lines[first]):
                    lines[first:first] = [ending]
                continue
            statements = statements or ["pass"]
            if tail.startswith("#") and len(statements) == 1:
                statements[0] += f"  {tail}"
            lines[first:last] = [indent + statement + ending for statement in statements]
        else:
            lines[first:first] = [indent + statement + ending for statement in statements]
    return "\n".join(lines)


def alone_in_block(tree, node):
    for other in ast.walk(tree):
        for body in (getattr(other, "body", None), getattr(other, "orelse", None), getattr(other, "handlers", None)):
            if isinstance(body, list) and body == [node]:
                return not isinstance(other, ast.Module)
    return False


def is_test(path):
    *folders, name = path.lower().split("/")
    return bool(
        {"test", "tests", "testing"} & set(folders)
        or re.fullmatch(r"test_.*\.py|.*_tests?\.py|tests?\.py|conftest\.py", name)
    )
