"""A copy of a tree with the tests laid in, as the pipeline lays them, and runs there."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from kit.processes import bounded, run, surroundings

PLACE = "mig_generated/tests"
HERE = Path(__file__).parent
SECONDS = 300


@dataclass
class Run:
    """Outcomes by id below the tests' folder; `touched`: ids that ran a watched line; `asked`: None for all."""

    asked: list | None
    outcomes: dict = field(default_factory=dict)
    messages: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    touched: set = field(default_factory=set)


class Tree:
    def __init__(self, task, source, folder, python, files):
        self.task, self.folder, self.python = task, folder, python
        shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        for name, text in files.items():
            place = folder / PLACE / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self.paths = [task.moved(one, folder) for one in task.environment["pythonpath"]]
        self.lines = {}
        # settings of the repository do not hold for these tests
        self.settings = folder.parent / "pytest.ini"
        self.settings.write_text("[pytest]\n", encoding="utf-8")

    def watch(self, lines):
        """Lines by file whose running is noted."""
        self.lines = {str(self.folder / name): sorted(numbers) for name, numbers in lines.items()}

    def run(self, ids=None, seed="0"):
        """Run all tests, or those in their order."""
        out = self.folder.parent / "outcomes.json"
        out.unlink(missing_ok=True)
        paths = [*self.paths, os.environ.get("PYTHONPATH", ""), str(HERE / "plugin")]
        environment = surroundings(
            PYTHONPATH=os.pathsep.join(one for one in paths if one),
            PYTHONHASHSEED=seed,
            MIG_OUTCOMES=str(out),
            MIG_WATCHED=json.dumps(self.lines),
        )
        wanted = [PLACE] if ids is None else [f"{PLACE}/{one}" for one in ids]
        settings = ["-c", str(self.settings), "--rootdir", str(self.folder), f"--confcutdir={self.folder / PLACE}"]
        command = [self.python, "-m", "pytest", "-q", "-p", "note_outcomes", *settings, *wanted]
        code, said = run(command, self.folder, bounded(self.task, SECONDS), environment)
        found = Run(ids)
        if not out.exists():
            # without a note nothing passed
            why = "no end in time" if code is None else f"pytest ended with {code}: {said.strip()[-300:]}"
            found.outcomes = dict.fromkeys(ids or [], "lost")
            found.messages = dict.fromkeys(ids or [], why)
            return found
        noted = json.loads(out.read_text(encoding="utf-8"))
        found.outcomes = {short(one): outcome for one, outcome in noted["outcomes"].items()}
        found.messages = {short(one): message for one, message in noted["messages"].items()}
        found.errors = {short(one): message for one, message in noted["errors"].items()}
        found.touched = {short(one) for one in noted["touched"]}
        return found


def short(one):
    return one[len(PLACE) + 1 :] if one.startswith(PLACE) else one
