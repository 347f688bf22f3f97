"""Reading, editing and searching files of the workspace."""

from kit.uses import SKIPPED

LINES = 400
LONG = 300


def place(workspace, path):
    """A path of the workspace; None where it leads out of it."""
    found = (workspace / path).resolve()
    return found if found == workspace or workspace in found.parents else None


def read_file(workspace, path, first=1, last=None):
    # helper tests and installed packages may be read as well
    try:
        text = (workspace / path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"error: {path}: {error.strerror}"
    lines = text.splitlines()
    first = max(1, first)
    last = min(last or len(lines), first + LINES - 1, len(lines))
    shown = [f"{number:5} {lines[number - 1][:2000]}" for number in range(first, last + 1)]
    if last < len(lines) or first > 1:
        shown.append(f"[lines {first} to {last} of {len(lines)}]")
    return "\n".join(shown) or "[empty]"


def edit_file(workspace, path, old, new):
    """(what the model gets, whether the file was changed)"""
    file = place(workspace, path)
    if file is None:
        return f"error: {path} is not in the workspace", False
    if old == "":
        if file.exists():
            return f"error: {path} is there already: say what is to be replaced", False
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(new, encoding="utf-8", newline="")
        return f"made {path}", True
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"error: {path}: {error}", False
    if old not in text and "\r\n" in text:
        old, new = (piece.replace("\r\n", "\n").replace("\n", "\r\n") for piece in (old, new))
    count = text.count(old)
    if count != 1:
        return f"error: the piece stands in {path} {count} times, not once: {hint(text, old, count)}", False
    file.write_bytes(text.replace(old, new).encode("utf-8"))
    return f"edited {path}, line {text[: text.index(old)].count(chr(10)) + 1}", True


def hint(text, old, count):
    if count > 1:
        return "take more of the lines around it"
    first = next((line.strip() for line in old.splitlines() if line.strip()), "")
    near = [str(number) for number, line in enumerate(text.splitlines(), 1) if first and first in line]
    return f"its first line is like line {', '.join(near[:5])}; blanks count" if near else "read the file again"


def search_files(workspace, pattern, path="."):
    start = place(workspace, path)
    if start is None or not start.exists():
        return f"error: there is no {path} in the workspace"
    found = []
    for file in [start] if start.is_file() else sorted(start.rglob("*")):
        parts = file.relative_to(workspace).parts
        if not file.is_file() or any(part in SKIPPED or part.startswith(".") for part in parts[:-1]):
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{'/'.join(parts)}:{number}: {line.strip()[:LONG]}")
        if len(found) > LINES // 2:
            return "\n".join(found[: LINES // 2] + ["[more: make the pattern narrower]"])
    return "\n".join(found) or "nothing matches"
