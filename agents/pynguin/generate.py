"""Lets Pynguin write tests for the modules of a repository that import the source library.

Pynguin loads what it tests, so the packages of the migration's environment go on its own interpreter's path, after
its own ones. Where that interpreter is of another version than the environment's, nothing is generated.
"""

import argparse
import ast
import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = {'test', 'tests', 'testing'}
START = """
import runpy, sys
sys.path += {packages!r}
sys.argv[0] = 'pynguin'
runpy.run_module('pynguin', run_name='__main__', alter_sys=True)
"""


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--workspace', type=Path)
    arguments.add_argument('--output', type=Path)
    given = arguments.parse_args()
    task = json.loads(Path(os.environ['TASK_PATH']).read_text())
    environment, chosen = task['environment'], task['parameters']
    if environment is None:
        return say('there is no environment to run the code in: ' + task['environmentWhy'])
    # what the tree before runs on: of an upgrade, the old environment
    python = environment['oldPython'] or environment['python']
    facts = "import json, sys, sysconfig; print(json.dumps([sys.version_info[:2], sysconfig.get_path('purelib'), sysconfig.get_path('platlib')]))"
    version, *packages = json.loads(subprocess.check_output([python, '-c', facts], text=True))
    if tuple(version) != sys.version_info[:2]:
        return say('the code runs on Python %d.%d, and Pynguin here on %d.%d' % (*version, *sys.version_info[:2]))
    names = {name for library in task['source'] for name in library['importNames']}
    roots = [Path(folder) for folder in environment['pythonpath']]
    modules = sorted(find_modules(given.workspace, roots, names))[: chosen['modules']]
    if not modules:
        return say('no module imports ' + ', '.join(sorted(names)))
    tests, logs = given.output / 'tests', given.output / 'logs'
    logs.mkdir(parents=True)
    report = []
    for module, root in modules:
        made, why = generate(module, root, sorted(set(packages)), chosen, given.output / 'pynguin' / module, logs)
        for file in made:
            tests.mkdir(exist_ok=True)
            (tests / ('test_%s.py' % module.replace('.', '_'))).write_bytes(file.read_bytes())
        report.append({'module': module, 'tests': bool(made), 'why': why})
    (given.output / 'manifest.json').write_text(json.dumps({'schema': 1, 'agent': 'pynguin', 'modules': report}, indent=1))
    none = ', '.join('%s: %s' % (one['module'], one['why']) for one in report if one['why'])
    say('tests for %d of %d modules' % (sum(one['tests'] for one in report), len(report)) + (none and ' (' + none + ')'))


def say(words):
    print(words, flush=True)


def find_modules(workspace, roots, names):
    """(module, folder of the import path) of files outside of tests that import one of these names."""
    for file in sorted(workspace.rglob('*.py')):
        place = file.relative_to(workspace)
        if TESTS & set(place.parts[:-1]) or place.name.startswith(('test', 'conftest', 'setup', '__main__')):
            continue
        inside = [root for root in roots if root == file.parent or root in file.parents]
        if not inside or not imports_any(file, names):
            continue
        root = max(inside, key=lambda folder: len(folder.parts))
        parts = list(file.relative_to(root).with_suffix('').parts)
        if parts[-1] == '__init__':
            parts.pop()
        if parts and all(part.isidentifier() for part in parts):
            yield '.'.join(parts), root


def imports_any(file, names):
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [node.module] + ['%s.%s' % (node.module, alias.name) for alias in node.names]
        if any(one == name or one.startswith(name + '.') for one in found for name in names):
            return True
    return False


def generate(module, root, packages, chosen, into, logs):
    """The file that Pynguin wrote for a module, in a list, and why there is none."""
    into.mkdir(parents=True)
    options = {
        'project-path': root,
        'module-name': module,
        'output-path': into,
        'seed': chosen['seed'],
        'maximum-iterations': chosen['iterations'],
        'maximum-search-time': chosen['seconds'],
        'assertion-generation': 'SIMPLE',
    }
    arguments = [word for name, value in options.items() for word in ('--' + name, str(value))]
    command = [sys.executable, '-c', START.format(packages=packages), *arguments, '--no-rich', '--noformat_with_black']
    variables = dict(os.environ, PYNGUIN_DANGER_AWARE='1', PYTHONHASHSEED='0', PYTHONPATH='')
    with open(logs / (module + '.log'), 'wb') as log:
        try:
            done = subprocess.run(
                command, env=variables, cwd=root, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                timeout=chosen['seconds'] * 4 + 60,
            )
        except subprocess.TimeoutExpired:
            return [], 'it did not end in its time'
    found = sorted(into.rglob('test_*.py'))[:1]
    return found, '' if found else 'it wrote none (exit code %d)' % done.returncode


if __name__ == '__main__':
    main()
