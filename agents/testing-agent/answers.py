"""Files in what a model says."""

import re

BLOCK = re.compile(r"^```[\w+-]*[ \t]*\n(.*?)^```[ \t]*$", re.S | re.M)
NAME = re.compile(r"^#\s*file:\s*`?([\w./-]+)`?\s*$", re.M)


def files_of(text):
    """Path below the tests' folder -> content, of every fenced block that is or looks like a file."""
    found = {}
    for number, block in enumerate(BLOCK.findall(text), 1):
        named = NAME.search("\n".join(block.split("\n")[:2]))
        if named is None and "def test" not in block:
            continue
        name = place_of(named[1]) if named else f"test_generated_{number}.py"
        if name is not None:
            found[name] = block
    return found


def place_of(name):
    """A path of our own folder; None for one that leads out of it."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    while len(parts) > 1 and parts[0] in ("mig_generated", "tests"):
        parts.pop(0)
    return None if ".." in parts or not parts else "/".join(parts)
