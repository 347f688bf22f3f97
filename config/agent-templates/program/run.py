"""A coding agent without a model: renames imports. Change `migrate` into what yours does.

Started as `run.py --workspace DIR --output DIR`, with TASK_PATH and CONFIG_PATH in its environment and no network.
What the files in the workspace hold when it exits is its work; the last line that it prints says why where nothing changed.
"""
import argparse
import json
import os
import pathlib
import re


def migrate(workspace, task, log):
    """Answers how many files were changed."""
    old = [name for library in task["source"] for name in library["importNames"]]
    new = [name for library in task["target"] for name in library["importNames"]]
    if not old or not new:
        return 0
    pattern = re.compile(rf"^(\s*import\s+){re.escape(old[0])}(\s*)$", re.MULTILINE)
    changed = 0
    for file in sorted(workspace.rglob("*.py")):
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        migrated = pattern.sub(rf"\g<1>{new[0]} as {old[0]}\g<2>", text)
        if migrated == text:
            continue
        file.write_bytes(migrated.encode("utf-8", "surrogateescape"))
        log.write(json.dumps({"edited": str(file.relative_to(workspace))}) + "\n")
        changed += 1
    return changed


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--workspace", type=pathlib.Path, required=True)
    arguments.add_argument("--output", type=pathlib.Path, required=True)
    places = arguments.parse_args()
    task = json.loads(pathlib.Path(os.environ["TASK_PATH"]).read_text())
    with open(places.output / "trajectory.jsonl", "w") as log:
        changed = migrate(places.workspace, task, log)
    print(f"changed {changed} files")


main()
