"""Runs written tests with the environment's own pytest, in several orders and processes."""

import os
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree


def failing(lab, folder, names, condition):
    """Names (file, function) that do not pass, all where the process does not come to its end; None without pytest."""
    from laboratory import CONDITIONS

    place = lab.copy()
    scratch = tempfile.mkdtemp(prefix='v', dir=lab.folder)
    report = os.path.join(scratch, 'junit.xml')
    environment = lab.environment(CONDITIONS[condition], scratch)
    environment['PYTHONPATH'] = os.pathsep.join(os.path.join(place, part) for part in lab.pythonpath)
    wanted = [f'{file}::{name}' for file, name in names]
    command = [lab.python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-o', 'addopts=', '-c', os.devnull,
               '--rootdir', folder, '--junitxml', report, *wanted]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors='replace', timeout=60 + 5 * len(names))  # fmt: skip
    except subprocess.TimeoutExpired:
        return set(names)
    if not os.path.isfile(report):
        said = (done.stderr or done.stdout).strip()
        if 'No module named' in said:
            return None
        print('pytest gave no report: ' + said[-500:], flush=True)
        return set(names)
    passed = set()
    for case in ElementTree.parse(report).iter('testcase'):
        file = case.get('classname', '').rpartition('.')[2] + '.py'
        if not any(part.tag in ('failure', 'error', 'skipped') for part in case):
            passed.add((file, case.get('name')))
    return {name for name in names if name not in passed}


def guilty(names, run):
    """Tests to leave out so that `run(names)`, which gives those that fail, gives none; None where it cannot tell.

    A test that fails beside others and passes alone is not at fault: one that runs before it spoils it for the rest.
    """
    bad = set()
    while True:
        left = [name for name in names if name not in bad]
        failed = run(left) if left else set()
        if not failed:
            return None if failed is None else bad
        alone = {name for name in left if name in failed and run([name])}
        bad |= alone or {spoiler(left, next(name for name in left if name in failed), run)}


def spoiler(names, victim, run):
    """The test whose company makes the victim fail: the last of the shortest beginning in which it does."""
    others = [name for name in names if name != victim]
    low, high = 1, len(others)
    while low < high:
        middle = (low + high) // 2
        company = set(others[:middle]) | {victim}
        if victim in run([name for name in names if name in company]):
            high = middle
        else:
            low = middle + 1
    return others[low - 1] if others else victim
