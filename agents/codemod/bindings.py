"""What a module calls a library that it imports, and the editing of those imports."""

import ast


class Bindings:
    """Local names of a library in one module."""

    def __init__(self, tree, root):
        self.root = root
        # dotted name below the library ('' is the library itself) -> local expression
        self.paths = {}
        # import statements that name the library, as (node, alias) pairs
        self.imports = []
        package = root.split(".")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    parts = alias.name.split(".")
                    if parts[: len(package)] != package:
                        continue
                    self.imports.append((node, alias))
                    rest = ".".join(parts[len(package) :])
                    if alias.asname:
                        self.paths[rest] = alias.asname
                    else:
                        self.paths[""] = root
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                for alias in node.names:
                    parts = [*node.module.split("."), alias.name]
                    if parts[: len(package)] != package:
                        continue
                    self.imports.append((node, alias))
                    self.paths[".".join(parts[len(package) :])] = alias.asname or alias.name

    def __bool__(self):
        return bool(self.imports)

    def expression(self, dotted, module_only=False):
        """The local expression for a name below the library, or None where the module has none."""
        parts = dotted.split(".") if dotted else []
        if module_only:
            return ".".join([self.paths[""], *parts]) if "" in self.paths else None
        for cut in range(len(parts), -1, -1):
            local = self.paths.get(".".join(parts[:cut]))
            if local is not None:
                return ".".join([local, *parts[cut:]])
        return None

    def signature(self):
        return tuple(sorted(self.paths.items()))


def bound_name(alias):
    return alias.asname or alias.name.split(".")[0]


def uses(tree, name):
    """How often a name is read or written outside of import statements, `__all__` included."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            count += 1
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            count += sum(isinstance(item, ast.Constant) and item.value == name for item in ast.walk(node.value))
    return count


def statement_text(node, aliases):
    """An import statement of the given aliases."""
    names = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in aliases)
    if isinstance(node, ast.Import):
        return f"import {names}"
    return f"from {node.module} import {names}"


def import_text(dotted, local):
    """The statement that binds `local` to a full name such as `packaging.requirements.Requirement`."""
    module, _, name = dotted.rpartition(".")
    return f"from {module} import {name}" + (f" as {local}" if local != name else "")
