"""What the agent is told: `task.json`, read leniently, since what is missing has a meaning here."""

import json
import os
from dataclasses import dataclass, field


@dataclass
class Task:
    """The task; folders are absolute, `after` is None but in eval mode."""

    mode: str
    source: tuple
    target: tuple
    python: str
    python_before: str
    pythonpath: tuple
    before: str
    after: str | None = None
    changed: dict = field(default_factory=dict)
    changed_after: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    labels_after: dict = field(default_factory=dict)
    tests: int = 40
    probes: int = 900
    why: str = ''

    @property
    def libraries(self):
        """Import names of both sides, which no test may name."""
        return tuple(sorted(set(self.source) | set(self.target)))


def read_task(path, workspace):
    """The task of a start; `why` says what keeps it from being worked on."""
    with open(path, encoding='utf-8') as stream:
        told = json.load(stream)
    environment = told.get('environment') or {}
    mode = told.get('mode') or 'helper'
    workspace = os.path.realpath(workspace)
    python = environment.get('python') or ''
    task = Task(
        mode=mode,
        source=_imports(told.get('source')),
        target=_imports(told.get('target')),
        python=python,
        python_before=environment.get('oldPython') or python,
        pythonpath=_folders(environment.get('pythonpath'), workspace),
        before=workspace,
    )
    parameters = _parameters(told)
    task.tests = int(parameters.get('tests', task.tests))
    task.probes = int(parameters.get('probes', task.probes))
    if not python:
        task.why = 'there is no environment: ' + str(told.get('environmentWhy') or 'none was told')
    elif not task.source:
        task.why = 'no import name of the source library is told'
    if mode == 'eval' and not task.why:
        _ground_truth(task, told, os.path.dirname(os.path.realpath(path)))
    return task


def _imports(libraries):
    names = []
    for library in libraries or []:
        names += library.get('importNames') or [library.get('name', '')]
    return tuple(name for name in dict.fromkeys(names) if name)


def _folders(folders, workspace):
    """`pythonpath`, relative to the tree ('' is its top)."""
    found = []
    for folder in folders if folders is not None else ['.', 'src']:
        whole = os.path.realpath(os.path.join(workspace, folder))
        inside = os.path.relpath(whole, workspace)
        found.append('' if inside == '.' or inside.startswith('..') else inside)
    return tuple(dict.fromkeys(found or ['']))


def _parameters(told):
    """Ours come by CONFIG_PATH as flat YAML; `task.json` may hold them as well."""
    found = dict(told.get('parameters') or {})
    path = os.environ.get('CONFIG_PATH', '')
    if os.path.isfile(path):
        with open(path, encoding='utf-8') as stream:
            for line in stream:
                key, _, value = line.partition(':')
                if value.strip().isdigit():
                    found[key.strip()] = int(value)
    return found


def _ground_truth(task, told, beside):
    folder = told.get('groundTruth')
    if isinstance(folder, dict):
        folder = folder.get('folder') or os.path.dirname(folder.get('after') or '')
    for place in (folder, os.path.join(beside, 'ground-truth')):
        if place and os.path.isdir(os.path.join(place, 'after')):
            task.after = os.path.realpath(os.path.join(place, 'after'))
            if os.path.isdir(os.path.join(place, 'before')):
                task.before = os.path.realpath(os.path.join(place, 'before'))
            _changes(task, os.path.join(place, 'patch.diff'))
            _labels(task, os.path.join(place, 'labels.json'))
            return
    task.why = 'the ground truth is not there'


def _changes(task, path):
    """Changed lines of both sides by file, from a unified diff."""
    if not os.path.isfile(path):
        return
    old = new = None
    at_old = at_new = 0
    with open(path, encoding='utf-8', errors='replace') as stream:
        for line in stream:
            if line.startswith('--- '):
                old = _name(line)
            elif line.startswith('+++ '):
                new = _name(line)
            elif line.startswith('@@'):
                parts = line.split()
                at_old = int(parts[1][1:].split(',')[0])
                at_new = int(parts[2][1:].split(',')[0])
            elif line.startswith('-'):
                if old:
                    task.changed.setdefault(old, set()).add(at_old)
                at_old += 1
            elif line.startswith('+'):
                if new:
                    task.changed_after.setdefault(new, set()).add(at_new)
                at_new += 1
            elif line.startswith(' '):
                at_old += 1
                at_new += 1


def _name(line):
    name = line[4:].rstrip('\n').split('\t')[0].strip('"')
    return None if name == '/dev/null' else name.partition('/')[2]


def _labels(task, path):
    """Labelled lines instead of all changed ones, where the labels can be read."""
    if not os.path.isfile(path):
        return
    with open(path, encoding='utf-8') as stream:
        told = json.load(stream)
    files = told if isinstance(told, list) else told.get('files') or told.get('labels') or []
    before, after = {}, {}
    for entry in files if isinstance(files, list) else []:
        for change in entry.get('changes') or entry.get('code_changes') or entry.get('hunks') or []:
            for side, key, found in (('before', 'old', before), ('after', 'new', after)):
                lines = change.get(side, change.get(key, change.get(key + 'Lines', change.get(side + 'Lines'))))
                name = entry.get(side + 'Path') or entry.get(key + 'Path') or entry.get('path')
                if name and isinstance(lines, list):
                    found.setdefault(name, set()).update(_numbers(lines))
    if any(before.values()) or any(after.values()):
        task.labels, task.labels_after = before, after


def _numbers(lines):
    for item in lines:
        if isinstance(item, int):
            yield item
        elif isinstance(item, list) and len(item) == 2:
            yield from range(item[0], item[1] + 1)
