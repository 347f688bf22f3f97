"""The gates as far as they can be tried here: the same readers of source, and runs on the trees that are there."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kit.door import Final
from kit.processes import bounded, run, surroundings
from tree import PLACE, Tree
from watched import migrated_lines, using_lines

INSPECT = Path(__file__).parent / "gates" / "inspect_tests.py"
ALONE = 40


@dataclass
class Verdict:
    """What became of one test; `rejected_by` is a gate, or empty."""

    id: str
    kept: bool
    rejected_by: str
    why: str


def judge(task, files):
    """A verdict a test, by its id below the tests' folder."""
    truth = task.document.get("groundTruth")
    environment = task.environment
    old = environment.get("oldPython") or environment["python"]
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch).resolve()
        if truth is None:
            main = Tree(task, task.workspace, top / "before", old, files)
            main.watch(using_lines(main.folder, task.source_names()))
            other = None
        else:
            main = Tree(task, Path(truth) / "after", top / "after", environment["python"], files)
            main.watch(migrated_lines(main.folder, Path(truth) / "patch.diff"))
            other = Tree(task, Path(truth) / "before", top / "before", old, files)
        return verdicts_of(inspected(task, main, files), main, other)


def verdicts_of(sources, main, other):
    sound = {}
    verdicts = []
    for path, source in sources.items():
        if source["error"] is not None:
            verdicts.append(Verdict(path, False, "parses", source["error"]))
            continue
        for name, said in source["tests"].items():
            if not name.split("::")[-1].startswith("test"):
                continue
            gate, why = static_gate(said)
            if gate:
                verdicts.append(Verdict(f"{path}::{name}", False, gate, why))
            else:
                sound[f"{path}::{name}"] = said
    plain = main.run()
    ids = [one for one in plain.outcomes if base(one) in sound]
    missing = [one for one in sound if one not in {base(found) for found in plain.outcomes}]
    for one in missing:
        why = plain.errors.get(one.split("::")[0], "it was not collected")
        verdicts.append(Verdict(one, False, "passes", why))
    steady = dynamic_runs(main, other, ids, plain)
    for one in ids:
        gate, why = first_failed(one, plain, steady)
        verdicts.append(Verdict(one, not gate, gate, why))
    return sorted(verdicts, key=lambda verdict: verdict.id)


def base(one):
    return one.split("[")[0]


def static_gate(said):
    if said["imports"]:
        return "imports", "; ".join(said["imports"])
    if said["forbidden"]:
        return "forbidden", "; ".join(said["forbidden"])
    return ("", "") if said["asserts"] else ("asserts", "nothing in it can fail by what the code gives")


def dynamic_runs(main, other, ids, plain):
    """(gate, what it is called when it fails, outcomes) of the further runs, in the gates' order."""
    good = [one for one in ids if plain.outcomes[one] == "passed"]
    if not good:
        return []
    runs = [("isolated", "in another order", main.run(list(reversed(good))))]
    for one in good[:ALONE]:
        runs.append(("isolated", "alone", main.run([one])))
    runs.append(("hash-seed", "with another seed of hashes", main.run(good, seed="77")))
    if other is not None:
        runs.append(("preserved", "on the code before", other.run(good)))
    return runs


def first_failed(one, plain, steady):
    """(gate, why) of the first gate that a test does not pass; empty texts: none."""
    if plain.outcomes[one] != "passed":
        return "passes", f"{plain.outcomes[one]}: {plain.messages.get(one, '')}"
    for gate, condition, done in steady:
        if done.asked is not None and one not in done.asked:
            continue
        found = done.outcomes.get(one, "not run")
        if found != "passed":
            return gate, f"{condition}: {found}: {done.messages.get(one, '')}"
    if one not in plain.touched:
        return "relevant", "it runs no line of the migration"
    return "", ""


def inspected(task, tree, files):
    """What the pipeline's own reader says of every test."""
    python = [name for name in files if name.endswith(".py")]
    request = {
        "root": str(tree.folder),
        "files": [f"{PLACE}/{name}" for name in python],
        "libraries": task.source_names() + task.target_names(),
        "pythonpath": tree.paths,
        "generated": f"{PLACE}/",
    }
    place = tree.folder.parent / "request.json"
    place.write_text(json.dumps(request), encoding="utf-8")
    code, said = run([tree.python, str(INSPECT), str(place)], tree.folder, bounded(task, 60), surroundings())
    if code is None:
        raise Final("time", "the time was over before the tests were read")
    if code != 0:
        raise RuntimeError(f"the reader of tests ended with {code}: {said[-500:]}")
    return {path[len(PLACE) + 1 :]: source for path, source in json.loads(said).items()}
