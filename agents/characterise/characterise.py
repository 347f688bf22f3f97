"""A testing agent without a model: runs code around migration points, and writes tests of what it saw.

`characterise.py --workspace W --output O`, with TASK_PATH naming `task.json`. Writes O/tests/test_*.py and O/manifest.json.
"""

import argparse
import contextlib
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True

from calls import Calls  # noqa: E402
from cli import Commands  # noqa: E402
from documents import Documents  # noqa: E402
from facts import read_facts  # noqa: E402
from inherited import inherited  # noqa: E402
from laboratory import Laboratory, say  # noqa: E402
from mutants import hunk_mutants  # noqa: E402
from naming import file_name, test_name  # noqa: E402
from probes import Probe  # noqa: E402
from snippets import probes_of  # noqa: E402
from study import Study  # noqa: E402
from targets import choose_targets  # noqa: E402
from task import read_task  # noqa: E402
from values import Values  # noqa: E402
from verify import failing, guilty  # noqa: E402
from write_tests import Writer  # noqa: E402

VERSION = '4'
PER_TARGET = (48, 36, 24, 12)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--workspace', required=True)
    parser.add_argument('--output', required=True)
    given = parser.parse_args()
    task = read_task(os.environ['TASK_PATH'], given.workspace)
    tests, why, told = [], task.why, {}
    if not why:
        tests, why, told = characterise(task, os.path.join(given.output, 'tests'))
    manifest = {
        'schema': 1,
        'agent': 'characterise',
        'version': VERSION,
        'mode': task.mode,
        'tests': tests,
        'why': why,
        **told,
    }
    with open(os.path.join(given.output, 'manifest.json'), 'w', encoding='utf-8') as stream:
        stream.write(json.dumps(manifest, indent=2, sort_keys=True) + '\n')
    count = sum(len(entry['functions']) for entry in tests)
    say(f'{count} tests written' if count else f'no tests: {why}')


def characterise(task, folder):
    """(manifest's tests, why there are none, facts for the manifest)."""
    with contextlib.ExitStack() as stack:
        before = stack.enter_context(Laboratory(task.before, task.python_before, task.pythonpath, 'before'))
        # a helper must not tell what objects of either library look like
        before.foreign = task.after is not None
        facts = read_facts(before.survey(), task.pythonpath, task.source)
        if not facts.product:
            return [], 'no Python module of the tree can be read', {}
        goals = {(name, line) for name, lines in facts.hits.items() for line in lines}
        goals |= {(name, line) for name, lines in task.labels.items() if name in facts.hits for line in lines}
        targets = choose_targets(facts, task.labels)
        if not targets:
            return [], f'no code of the tree uses {", ".join(task.source)}', {}
        after, goals_after, mutants = None, set(), []
        if task.after is not None:
            targets = sorted(targets + inherited(facts, before, task.labels), key=lambda target: -target.score)
            after = stack.enter_context(Laboratory(task.after, task.python, task.pythonpath, 'after'))
            after.foreign = True
            surveyed = after.survey()
            goals_after = changed_uses(task, read_facts(surveyed, task.pythonpath, task.target))
            mutants = hunk_mutants(task.before, task.after, goals, goals_after, facts.python)
            if task.python_before == task.python:
                after.blocked = list(task.source)
                after.exempt = before.exempt = read_facts(surveyed, task.pythonpath, task.source).importers()
        noop = (before, task.source)
        if task.python_before != task.python:
            noop = (stack.enter_context(Laboratory(task.before, task.python, task.pythonpath, 'unchanged')), ())
            noop[0].foreign = True
        study = Study(facts, before, after, noop, goals, task, mutants)
        settled = study.settle(study.explore(all_probes(task, facts, targets, before)))
        return concluded(task, folder, facts, study, settled, goals_after)


def changed_uses(task, facts):
    """Lines of the tree after that the migration wrote: labelled ones, else changed ones that use the new library."""
    if task.labels_after:
        return {(name, line) for name, lines in task.labels_after.items() for line in lines}
    return {
        (name, line)
        for name, lines in facts.hits.items()
        for line in lines
        if line in task.changed_after.get(name, ())
    }


def concluded(task, folder, facts, study, settled, goals_after):
    told = {'probes': study.tried, 'settled': len(settled)}
    broken = sorted(f'{name}: {held["why"]}' for name, held in study.imported.items() if held.get('why'))
    if broken:
        told['notImportable'] = broken
    chosen = study.chosen(settled, goals_after)
    if not chosen:
        why = (
            f'modules cannot be imported: {broken[0]}' if broken else 'nothing that could be run gave the same twice'
        )
        return [], why, told
    tests = written(task, folder, facts, chosen, study.before, study.after)
    covered = {line for candidate in chosen for line in candidate.lines}
    told['lines'] = {'uses': len(study.goals), 'executed': len(study.goals & covered)}
    if study.mutants:
        caught = {name for candidate in chosen for name in candidate.kills}
        told['takenBack'] = {'changes': len(study.mutants), 'noticed': len(caught)}
    return tests, '' if tests else 'no test held when it was run', told


def all_probes(task, facts, targets, before):
    """Probes of command lines, documents and functions, no two alike."""
    documents = Documents(facts, task.before, task.libraries)
    values = Values(facts, task, documents)
    tried_instances(facts, values, before)
    calls = Calls(facts, values, documents)
    commands = Commands(facts, documents, values.texts, task.before)
    scores = {target.function.key: target.score for target in targets}
    piles = [probes_of(documents, facts)]
    entries = commands.entries(scores) + commands.scripts(scores)
    for place, (function, score) in enumerate(entries):
        piles.append(commands.of(function, score, 160 if place == 0 else 60))
    skipped = {function.key for function, _ in entries}
    for place, target in enumerate(targets):
        if target.function.key not in skipped:
            piles.append(calls.of(target, PER_TARGET[min(place // 8, 3)]))
    found = dealt(piles)
    if task.after is None:
        # stand-ins for objects that may be the library's own would bind whoever migrates
        found = [p for p in found if not any("type('Stub'" in text for _, text in p.steps)]
    unique = {probe.identity: probe for probe in reversed(found)}
    say(f'{len(targets)} targets, {len(entries)} command lines, {len(unique)} probes')
    return list(reversed(list(unique.values())))


def dealt(piles, hand=8):
    """A few of each in turn, so that a limit cuts what is deep and not what is last."""
    longest = max(map(len, piles), default=0)
    return [probe for start in range(0, longest, hand) for pile in piles for probe in pile[start : start + hand]]


def tried_instances(facts, values, before):
    """Constructor calls that fail are not built upon."""
    rows = []
    for file, told in facts.classes():
        for value in values.instances(told['name']):
            rows.append(
                Probe(
                    file, facts.modules[file], told['name'], value.imports, (('thing', value.text),), (), value.files
                )
            )
    rows = rows[:500]
    results, _ = before.run(rows, sorted({row.module for row in rows}), facts.own, 0, False)
    values.bad |= {row.steps[0][1] for row, result in zip(rows, results) if result['outcome'] != 'returns'}


def written(task, folder, facts, chosen, before, after):
    """Writes files, runs them, and writes them again without what does not pass everywhere."""
    writer = Writer(facts.python, facts.own, task.libraries)
    used, named = {}, []
    order = {facts.modules[name]: place for place, name in enumerate(facts.product)}
    for candidate in sorted(chosen, key=lambda c: (order.get(c.probe.module, 0), c.probe.target)):
        file = file_name(candidate.probe.module)
        name = test_name(candidate, used.setdefault(file, set()))
        lines = writer.test(candidate, name)
        if not writer.forbidden(lines):
            named.append((file, name, candidate, lines))
    for _ in range(3):
        save(folder, named, writer)
        bad = check(folder, [(file, name) for file, name, _, _ in named], before, after)
        if not bad:
            break
        say(f'{len(bad)} tests do not hold under pytest: ' + ', '.join(name for _, name in sorted(bad)[:12]))
        named = [entry for entry in named if entry[:2] not in bad]
    return save(folder, named, writer)


def save(folder, named, writer):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tests = []
    for file in dict.fromkeys(entry[0] for entry in named):
        mine = [entry for entry in named if entry[0] == file]
        module = mine[0][2].probe.module
        with open(os.path.join(folder, file), 'w', encoding='utf-8') as stream:
            stream.write(
                writer.module(
                    [lines for _, _, _, lines in mine], f'What {module} does, as it was seen when it was run.'
                )
            )
        functions = [{'name': name, 'target': candidate.probe.target} for _, name, candidate, _ in mine]
        tests.append({'file': file, 'about': module, 'functions': functions})
    return tests


def check(folder, names, before, after):
    """Tests that fail in any order, process or tree, or make others fail."""
    bad = set()
    runs = [(before, 0, 1), (before, 1, -1)] + ([(after, 0, 1), (after, 2, -1)] if after else [])
    for lab, condition, step in runs:
        left = [name for name in names if name not in bad][::step]
        say(f'{lab.name}: {len(left)} tests are run')
        found = guilty(left, lambda part, lab=lab, condition=condition: failing(lab, folder, part, condition))
        if found is None:
            say('the tests could not be run with pytest here')
            return bad
        bad |= found
    return bad


if __name__ == '__main__':
    main()
