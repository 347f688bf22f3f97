"""Commands and tests, as the model asks for them."""

import os
import shutil
import tempfile
from pathlib import Path

from kit.processes import bounded, run, surroundings
from kit.record import shortened

OUTPUT = 12_000


def run_command(command, task, seconds):
    seconds = bounded(task, seconds)
    code, output = run(["/bin/sh", "-c", command], task.workspace, seconds, surroundings())
    end = f"[no end within {seconds:.0f} s: stopped]" if code is None else f"[exit code {code}]"
    return f"{shortened(output, OUTPUT).rstrip()}\n{end}".lstrip("\n")


def run_tests(task, which):
    """(whether all passed, what the model gets). Helper tests run in a copy of the workspace that they are laid into."""
    python = [task.environment["python"], "-m", "pytest", "-q"]
    if which == "all":
        command, folder = task.document["tests"]["command"], Path(task.document["tests"]["folder"])
        paths = os.pathsep.join([*task.environment["pythonpath"], os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        return outcome(task, command, folder, surroundings(PYTHONPATH=paths))
    helpers = task.document["helperTests"]
    if not helpers["ids"]:
        return True, "there are no helper tests; run all"
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        try:
            shutil.copytree(task.workspace, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            shutil.copytree(helpers["folder"], tree, symlinks=True, dirs_exist_ok=True)
        except OSError as error:
            return False, f"error: the helper tests could not be laid into a copy of the workspace: {error}"
        inside = [task.moved(one, tree) for one in task.environment["pythonpath"]]
        paths = os.pathsep.join([*inside, os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        passed, said = outcome(task, [*python, *helpers["ids"]], tree, surroundings(PYTHONPATH=paths))
        return passed, said.replace(str(tree), str(task.workspace))


def outcome(task, command, folder, environment):
    seconds = bounded(task, 600)
    code, output = run(command, folder, seconds, environment)
    end = f"[no end within {seconds:.0f} s: stopped]" if code is None else f"[exit code {code}]"
    return code == 0, f"{shortened(output, OUTPUT).rstrip()}\n{end}"
