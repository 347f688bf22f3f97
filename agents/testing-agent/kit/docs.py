"""Documentation of the new library, read from what is installed: never from memory."""

import subprocess
from pathlib import Path

CHILD = Path(__file__).with_name("docs_child.py")


def overview(python, names, limit=6000):
    """Version, purpose and public names with their signatures of the modules, as the environment's interpreter sees them."""
    share = limit // max(1, len(names))
    return "\n\n".join(clipped(ask(python, name), share) for name in names)


def entry(python, name, limit=8000):
    """`help` of a dotted name."""
    return clipped(ask(python, name, "help"), limit)


def ask(python, *words):
    try:
        # from a folder that holds no module of the repository
        done = subprocess.run(
            [python, str(CHILD), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            cwd=CHILD.parent,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{words[0]}: its documentation cannot be read: {error}"
    return done.stdout.decode("utf-8", "replace").strip()


def clipped(text, limit):
    return text if len(text) <= limit else f"{text[:limit]}\n[... {len(text) - limit} more characters]"
