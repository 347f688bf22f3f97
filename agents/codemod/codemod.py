"""Migrates a workspace by rules: one folder below rules/ for each pair of libraries.

Exit 0 whatever comes out; the last line on stdout says why where nothing was changed.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from manifests import edit_manifests
from pairs import find_pairs
from rewrite import Workspace

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description="Rule-based migration of a workspace.")
    parser.add_argument("--workspace", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    task = json.loads(Path(os.environ["TASK_PATH"]).read_text(encoding="utf-8"))
    with open(options.output / "trajectory.jsonl", "w", encoding="utf-8") as stream:

        def record(**step):
            stream.write(json.dumps(step, sort_keys=True) + "\n")

        why = migrate(task, options.workspace, record)
        record(step="end", why=why)
    usage = {"model_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost": 0}
    (options.output / "usage.json").write_text(json.dumps(usage) + "\n", encoding="utf-8")
    print(f"no patch: {why}" if why else "migrated")
    return 0


def migrate(task, folder, record):
    """Change the workspace whole or not at all; return why not, or an empty text."""
    pairs = find_pairs(HERE / "rules", task)
    if not pairs:
        names = [" and ".join(item["name"] for item in task[side]) for side in ("source", "target")]
        return f"there are no rules from {names[0]} to {names[1]}"
    workspace = Workspace(folder)
    for pair in pairs:
        record(step="pair", pair=pair.name)
        if pair.refused:
            return f"{pair.source} to {pair.target}: {pair.refused}"
        try:
            workspace.apply(pair, record)
        except workspace.Stuck as problem:
            return str(problem)
    if not workspace.changed():
        return "no rule matched"
    workspace.write()
    for pair in pairs:
        for path in edit_manifests(folder, pair, task):
            record(step="manifest", path=path)
    return ""


if __name__ == "__main__":
    sys.exit(main())
