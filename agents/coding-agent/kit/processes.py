"""Running programs: bounded in time, without the model's token, with all that they started."""

import os
import signal
import subprocess
import tempfile

from .patience import Patience

SECRET = ("GATEWAY_TOKEN", "GATEWAY_URL")


def surroundings(**more):
    kept = {name: value for name, value in os.environ.items() if name not in SECRET}
    # pytest's cache would lie in the workspace
    return {**kept, "PYTEST_ADDOPTS": "-p no:cacheprovider", **more}


def run(command, folder, seconds, environment):
    """(exit code, output); the code is None where the time was over."""
    with Patience("a command"), tempfile.TemporaryFile() as stream:
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
