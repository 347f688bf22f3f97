"""The task, the parameters and the time, as the pipeline hands them over."""

import argparse
import json
import os
import time
from pathlib import Path


class SetupError(Exception):
    """The agent was not started as it must be: no fault of a model, and no result."""


class Task:
    """`task.json` with the folders of this start; `parameters` by name."""

    def __init__(self, document, workspace, output, parameters):
        self.document = document
        self.workspace = workspace
        self.output = output
        self.parameters = parameters
        self.source = document["source"]
        self.target = document["target"]
        self.environment = document.get("environment")
        wall = document.get("budget", {}).get("wallSeconds")
        # what is left over is for writing down how it ended
        self.deadline = None if wall is None else time.monotonic() + wall - min(20, wall * 0.1)

    def source_names(self):
        return [name for library in self.source for name in library["importNames"]]

    def target_names(self):
        return [name for library in self.target for name in library["importNames"]]

    def moved(self, path, folder):
        """What a path of the workspace is in a copy of it; other paths stay."""
        relative = os.path.relpath(os.path.realpath(path), self.workspace)
        return str(path) if relative.startswith("..") else os.path.normpath(os.path.join(folder, relative))

    def seconds_left(self):
        """None: there is no end."""
        return None if self.deadline is None else self.deadline - time.monotonic()


def read_task(defaults):
    """Read arguments, `TASK_PATH` and `CONFIG_PATH`; `defaults` are the parameters of the manifest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    try:
        document = json.loads(Path(os.environ["TASK_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError) as error:
        raise SetupError(f"TASK_PATH cannot be read: {error!r}") from None
    given = flat_yaml(Path(os.environ["CONFIG_PATH"]).read_text(encoding="utf-8")) if "CONFIG_PATH" in os.environ else {}
    given.update(document.get("parameters") or {})
    parameters = {name: given.get(name, default) for name, default in defaults.items()}
    return Task(document, options.workspace.resolve(), options.output, parameters)


def flat_yaml(text):
    """Name -> value of lines `name: value`; parameters are scalars, and the pipeline writes nothing else."""
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon or line.startswith(("#", " ", "{")):
            continue
        value = value.strip()
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value.strip("'")
    return found


def named(libraries):
    """Libraries in words, with versions and the names they are imported by."""
    words = []
    for library in libraries:
        version = f" {library['version']}" if library.get("version") not in (None, "stdlib") else ""
        names = ", ".join(library["importNames"])
        words.append(f"{library['name']}{version}" + ("" if names == library["name"] else f" (imported as {names})"))
    return " and ".join(words)
