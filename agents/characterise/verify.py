"""Runs written tests with the environment's own pytest, in several orders and processes."""

import os
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree


def failing(lab, folder, names, condition, reverse):
    """Names (file, function) that do not pass; None where there is no pytest to ask."""
    from laboratory import CONDITIONS

    place = lab.copy()
    scratch = tempfile.mkdtemp(prefix='v', dir=lab.folder)
    report = os.path.join(scratch, 'junit.xml')
    environment = lab.environment(CONDITIONS[condition], scratch)
    environment['PYTHONPATH'] = os.pathsep.join(os.path.join(place, part) for part in lab.pythonpath)
    wanted = [f'{file}::{name}' for file, name in (reversed(names) if reverse else names)]
    command = [lab.python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-o', 'addopts=', '-c', os.devnull,
               '--rootdir', folder, '--junitxml', report, *wanted]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors='replace', timeout=280)  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    if not os.path.isfile(report):
        if 'No module named' not in done.stderr + done.stdout:
            print('pytest gave no report: ' + (done.stderr or done.stdout).strip()[-500:], flush=True)
        return None
    passed = set()
    for case in ElementTree.parse(report).iter('testcase'):
        file = case.get('classname', '').rpartition('.')[2] + '.py'
        if not any(part.tag in ('failure', 'error', 'skipped') for part in case):
            passed.add((file, case.get('name')))
    return {name for name in names if name not in passed}
