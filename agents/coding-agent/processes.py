"""Running commands and tests: bounded in time, without the model's token, with what they started."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from kit.record import shortened

SECRET = ("GATEWAY_TOKEN", "GATEWAY_URL")
OUTPUT = 12_000


def surroundings(**more):
    kept = {name: value for name, value in os.environ.items() if name not in SECRET}
    # pytest's cache would lie in the workspace
    return {**kept, "PYTEST_ADDOPTS": "-p no:cacheprovider", **more}


def run(command, folder, seconds, environment):
    """(exit code, output); the code is None where the time was over."""
    with tempfile.TemporaryFile() as stream:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        # whatever it left behind goes too
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            pass
        child.wait()
        stream.seek(0)
        return code, stream.read(2**24).decode("utf-8", "replace")


def bounded(task, seconds):
    left = task.seconds_left()
    return seconds if left is None else max(1, min(seconds, left))


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
        shutil.copytree(task.workspace, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        shutil.copytree(helpers["folder"], tree, symlinks=True, dirs_exist_ok=True)
        inside = [str(tree / Path(one).relative_to(task.workspace)) for one in task.environment["pythonpath"]]
        paths = os.pathsep.join([*inside, os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        passed, said = outcome(task, [*python, *helpers["ids"]], tree, surroundings(PYTHONPATH=paths))
        return passed, said.replace(str(tree), str(task.workspace))


def outcome(task, command, folder, environment):
    seconds = bounded(task, 600)
    code, output = run(command, folder, seconds, environment)
    end = f"[no end within {seconds:.0f} s: stopped]" if code is None else f"[exit code {code}]"
    return code == 0, f"{shortened(output, OUTPUT).rstrip()}\n{end}"
