"""What the model is asked, and what it is told of the gates' verdicts."""

import ast
import re
from pathlib import Path

from kit.record import shortened
from kit.task import named
from kit.uses import find_uses, is_test, listed, python_files

HELPER = "Only the code before the migration is known. The tests help whoever migrates it."
EVAL = "The developers' own migration is known (below). The tests must pass before and after it, and notice a migration that is missing or wrong. Nobody who migrates sees them."
SHOWN = 60


def prompt_of(task, file):
    """(words of the system, the task) from `prompt.md`; its first line is its version."""
    system, _, words = file.read_text(encoding="utf-8").partition("\n---\n")
    room = task.parameters["contextTokens"] * 3
    uses = [use for use in find_uses(task.workspace, task.source_names()) if not is_test(use.path)]
    truth = task.document.get("groundTruth")
    facts = {
        "source": named(task.source),
        "target": named(task.target),
        "version": task.environment["version"],
        "mode": HELPER if truth is None else EVAL,
        "uses": listed(uses) or "none was found",
        "code": code_around(task, uses, room // 2),
        "tests": shortened(own_tests(task, uses), room // 8) or "there are none",
        "patch": "" if truth is None else patch_words(truth, room // 4),
    }
    words = re.sub(r"\{(\w+)\}", lambda match: facts[match[1]], words)
    return system.partition("\n")[2].strip(), words.strip()


def code_around(task, uses, room):
    """Files with uses: whole while there is room, else the functions and classes around the uses."""
    parts = []
    for path in dict.fromkeys(use.path for use in uses):
        text = (task.workspace / path).read_text(encoding="utf-8", errors="replace")
        lines = [use.line for use in uses if use.path == path]
        shown = text if len(text) <= room // 2 else surroundings_of(text, lines)
        part = f"{path}, imported as {module_name(task, path)}:\n```python\n{shown.rstrip()}\n```"
        parts.append(part[: max(0, room)])
        room -= len(part)
    return "\n\n".join(part for part in parts if part)


def surroundings_of(text, lines):
    """The statements of a module's top level that hold one of the lines."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return text[:4000]
    chosen = [node for node in body if any(node.lineno <= line <= node.end_lineno for line in lines)]
    return "\n\n".join(ast.get_source_segment(text, node) or "" for node in chosen)


def module_name(task, path):
    """The dotted name under which code imports a file."""
    full = task.workspace / path
    roots = [Path(root).resolve() for root in task.environment["pythonpath"]] + [task.workspace]
    root = max((one for one in roots if one in full.parents), key=lambda one: len(one.parts))
    parts = list(full.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def own_tests(task, uses):
    """The beginning of tests of the repository that name a module with uses."""
    modules = {Path(use.path).stem for use in uses}
    for path in python_files(task.workspace):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(task.workspace).as_posix()
        if is_test(name) and "def test" in text and any(module in text for module in modules):
            return f"{name}:\n```python\n" + "\n".join(text.splitlines()[:SHOWN]) + "\n```"
    return ""


def patch_words(truth, room):
    patch = (Path(truth) / "patch.diff").read_text(encoding="utf-8", errors="replace")
    return f"\n## The developers' migration\n```diff\n{shortened(patch, room)}\n```"


def complaint(found, verdicts, answer):
    """What to say when not all is well."""
    if not found:
        cut = " It was cut off: it was too long." if answer.cut_off else ""
        return f"Your answer holds no file.{cut} Send whole files, each in a fenced block that begins with `# file: test_name.py`."
    bad = [verdict for verdict in verdicts if not verdict.kept]
    lines = [f"{verdict.id}: {verdict.rejected_by}: {verdict.why}" for verdict in bad]
    kept = len(verdicts) - len(bad)
    if not verdicts:
        lines = ["the files hold no tests"]
    return (
        f"{kept} tests pass every gate. These were dropped:\n" + "\n".join(lines[:SHOWN]) + "\n\n"
        "Repair them, or leave them out where they cannot be. Send every file that changes as a whole, with the tests in "
        "it that are good already."
    )
