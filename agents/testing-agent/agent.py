"""Writes tests with a model: asks, runs them through the gates, tells what they say, and lets it repair them.

Exit code 0 whatever came out; the last line of stdout says what.
"""

import json
import sys
from pathlib import Path

from answers import files_of
from gate import judge
from kit.conversation import Said
from kit.door import Final
from kit.model import Model
from kit.record import Record
from kit.task import SetupError, read_task
from prompt import complaint, prompt_of

DEFAULTS = {"rounds": 2, "contextTokens": 60_000, "maxOutputTokens": 16_000, "temperature": -1}


def main():
    try:
        task = read_task(DEFAULTS)
        model = Model(task)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    record = Record(task.output, model.name)
    best, reason, words = write_tests(task, model, record)
    kept = hand_over(task, best, reason)
    record.end(reason, words)
    print(f"{reason}: tests kept by the gates that can be tried here: {kept}; {' '.join(words.split())[:300]}")
    return 0


def write_tests(task, model, record):
    """(the best suite as (files, verdicts), reason of the end, words about it)"""
    best = ({}, [])
    if task.environment is None:
        return best, "no-environment", task.document.get("environmentWhy", "")
    system, words = prompt_of(task, Path(__file__).with_name("prompt.md"))
    record.prompt(system, words)
    talk, files = [Said(words)], {}
    for round_number in range(task.parameters["rounds"] + 1):
        try:
            answer = model.ask(system, talk)
            record.answer(answer)
            if answer.refused:
                return best, "refused", answer.text or "the model refuses"
            found = files_of(answer.text)
            files = {**files, **found}
            verdicts = judge(task, files) if files else []
        except Final as end:
            return best, end.reason, str(end)
        except OSError as error:
            return best, "no-room", f"the tests could not be laid out: {error}"
        kept = sum(verdict.kept for verdict in verdicts)
        shown = [vars(verdict) for verdict in verdicts if not verdict.kept]
        record.step("gates", round=round_number, tests=len(verdicts), kept=kept, rejected=shown)
        if kept > 0 and kept >= sum(verdict.kept for verdict in best[1]):
            best = (files, verdicts)
        if found and verdicts and kept == len(verdicts):
            return best, "done", f"rounds of repair: {round_number}"
        # only the newest suite is talked about: what came before would fill the window
        talk = [Said(words), answer, Said(complaint(found, verdicts, answer))]
    return best, "rounds", f"some were dropped in every one of {task.parameters['rounds'] + 1} rounds"


def hand_over(task, best, reason):
    """Write the suite, less the test files of which nothing was kept; return how many tests were."""
    files, verdicts = best
    kept = {verdict.id for verdict in verdicts if verdict.kept}
    needed = {one.split("::")[0] for one in kept}
    for name, text in files.items():
        is_test = name.rsplit("/", 1)[-1].startswith("test") or name.endswith("_test.py")
        if kept and (name in needed or not is_test):
            place = task.output / "tests" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    manifest = {
        "schema": 1,
        "mode": task.document["mode"],
        "reason": reason,
        "tests": [vars(verdict) for verdict in verdicts],
    }
    (task.output / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return len(kept)


if __name__ == "__main__":
    sys.exit(main())
