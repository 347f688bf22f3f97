"""Lines that a test must run to say anything about the migration."""

import re

from kit.uses import is_test, lines_using, python_files


def using_lines(root, names):
    """Path -> lines of code that use one of the modules."""
    found = {}
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        if is_test(name):
            continue
        lines = lines_using(path.read_text(encoding="utf-8", errors="replace"), names)
        if lines:
            found[name] = lines
    return found


def migrated_lines(root, patch):
    """Path -> lines of the tree after that the developers' patch wrote, and the line after one that it only removed."""
    found, path, number = {}, None, 0
    for line in patch.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("+++ "):
            name = re.sub(r"^b/", "", line[4:].split("\t")[0].strip('"'))
            path = name if name.endswith(".py") and not is_test(name) and (root / name).exists() else None
        elif line.startswith("@@ "):
            number = int(re.match(r"@@ -\S+ \+(\d+)", line)[1])
        elif line.startswith("-"):
            if path is not None and not line.startswith("---"):
                found.setdefault(path, set()).add(number)
        elif line.startswith(("+", " ")):
            if path is not None and line[0] == "+":
                found.setdefault(path, set()).add(number)
            number += 1
    return found
