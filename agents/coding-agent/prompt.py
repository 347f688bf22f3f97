"""The prompt: what is asked, and what is known of this migration."""

import os
import re
from pathlib import Path

from kit import docs
from kit.task import named
from kit.uses import find_mentions, find_uses, is_test, listed


def prompt_of(task, file):
    """(words of the system, the task) from `prompt.md`; its first line is its version."""
    system, _, words = file.read_text(encoding="utf-8").partition("\n---\n")
    uses = find_uses(task.workspace, task.source_names())
    facts = {
        "workspace": str(task.workspace),
        "source": named(task.source),
        "target": named(task.target),
        "instructions": instructions(task),
        "uses": listed([use for use in uses if not is_test(use.path)]) or "none was found: look for yourself",
        "test_uses": listed([use for use in uses if is_test(use.path)], 20) or "none",
        "mentions": listed(find_mentions(task.workspace, task.source), 20) or "none",
        "docs": documentation(task),
    }
    words = re.sub(r"\{(\w+)\}", lambda match: facts[match[1]], words)
    return system.partition("\n")[2].strip(), words.strip()


def instructions(task):
    """The pipeline's own words."""
    place = os.environ.get("PROMPT_PATH")
    return Path(place).read_text(encoding="utf-8").strip() if place else task.document["instructions"].strip()


def documentation(task):
    if task.environment is None:
        return f"There is no environment to look into ({task.document.get('environmentWhy', '')})."
    return docs.overview(task.environment["python"], task.target_names())
