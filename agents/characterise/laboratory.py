"""Runs surveys and probes on a copy of a tree, in child processes of the migration's interpreter."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CONDITIONS = (
    {'PYTHONHASHSEED': '0', 'TZ': 'UTC', 'LC_ALL': 'C.UTF-8', 'COLUMNS': '80', 'shift': 0},
    {'PYTHONHASHSEED': '1', 'TZ': 'Asia/Tokyo', 'LC_ALL': 'C.UTF-8', 'COLUMNS': '80', 'shift': 40 * 86400 + 20000},
    {'PYTHONHASHSEED': '4242', 'TZ': 'America/New_York', 'LC_ALL': 'C.UTF-8', 'COLUMNS': '110', 'shift': 0},
)
PIECE = 250


def say(text):
    print(text, flush=True)


class Laboratory:
    """One tree under one interpreter. A context: its folders go when it is left."""

    def __init__(self, tree, python, pythonpath, name, blocked=(), exempt=()):
        self.tree, self.python, self.pythonpath, self.name = tree, python, pythonpath, name
        # modules that are always refused to the tree's code, files that may have them all the same
        self.blocked, self.exempt = list(blocked), list(exempt)
        # whether objects of other packages are described as well
        self.foreign = False
        self.folder = tempfile.mkdtemp(prefix=f'characterise-{name}-')
        self.copies = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.folder, ignore_errors=True)

    def copy(self):
        """A fresh copy of the tree at a place of its own, so that its path shows where code lets it out."""
        self.copies += 1
        place = os.path.join(self.folder, f'copy{self.copies}' + 'x' * self.copies, 'tree')
        shutil.copytree(self.tree, place, symlinks=True, ignore=shutil.ignore_patterns('.git', '__pycache__'))
        return os.path.realpath(place)

    def environment(self, condition, scratch):
        kept = {name: os.environ[name] for name in ('PATH', 'LD_LIBRARY_PATH') if name in os.environ}
        folder = os.path.dirname(self.python)
        kept['PATH'] = folder + os.pathsep + kept.get('PATH', '/usr/bin:/bin')
        words = {key: value for key, value in condition.items() if key != 'shift'}
        return dict(kept, HOME=scratch, TMPDIR=scratch, PYTHONDONTWRITEBYTECODE='1', PYTHONWARNINGS='ignore',
                    PYTHONIOENCODING='utf-8', **words)  # fmt: skip

    def survey(self):
        """Facts of the tree as the interpreter's own parser sees it, written to a file."""
        target = os.path.join(self.folder, 'survey.json')
        command = [self.python, os.path.join(HERE, 'survey.py'), self.tree, target]
        done = subprocess.run(command, env=self.environment(CONDITIONS[0], self.folder), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors='replace', timeout=300)  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f'{self.python} cannot read the tree: {done.stderr.strip()[-400:]}')
        return target

    def run(self, probes, modules, own, condition=0, trace=True, blocked=(), changed=None, classes=False):
        """(results of probes, results of module imports); a piece that dies gives crashes. `changed`: (file, text) or None;
        `classes`: those of datetime tell the shifted time too."""
        words = CONDITIONS[condition]
        place = self.copy()
        if changed is not None:
            with open(
                os.path.join(place, changed[0]), 'w', encoding='utf-8', errors='surrogateescape', newline=''
            ) as stream:
                stream.write(changed[1])
        job = {
            'path': [os.path.join(place, folder) for folder in self.pythonpath], 'roots': [place + os.sep],
            'own': list(own), 'modules': list(modules), 'shift': words['shift'], 'trace': trace,
            'blocked': list(blocked) or self.blocked, 'exempt': self.exempt, 'classes': classes,
            'foreign': self.foreign,
        }  # fmt: skip
        results, imported = [], {}
        for start in range(0, len(probes), PIECE) if probes else [0]:
            found, imported = self._piece(job, probes[start : start + PIECE], words)
            results += found
            if len(probes) > PIECE:
                say(f'{self.name}: {len(results)} of {len(probes)} probes run')
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)
        return results, imported

    def _piece(self, job, probes, words):
        """Runs some probes; where one takes the process along that runs them all, the halves are run apart."""
        scratch = tempfile.mkdtemp(prefix='s', dir=self.folder)
        told = self._child(dict(job, probes=[probe.told() for probe in probes]), scratch, words)
        shutil.rmtree(scratch, ignore_errors=True)
        if told is not None:
            return told['probes'], told['modules']
        if len(probes) < 2:
            return [crashed() for _ in probes], {}
        half = len(probes) // 2
        first, _ = self._piece(job, probes[:half], words)
        second, imported = self._piece(job, probes[half:], words)
        return first + second, imported

    def _await(self, child, seconds, count):
        """Ends it when its time is up; says now and then that something is going on."""
        until = time.monotonic() + seconds
        while True:
            try:
                child.wait(timeout=min(60, max(0.1, until - time.monotonic())))
                return
            except subprocess.TimeoutExpired:
                if time.monotonic() >= until:
                    os.killpg(child.pid, 9)
                    child.wait()
                    return
                say(f'{self.name}: {count} probes are running')

    def _child(self, job, scratch, words):
        source, target = os.path.join(scratch, 'job.json'), os.path.join(scratch, 'results.json')
        with open(source, 'w', encoding='ascii') as stream:
            json.dump(job, stream)
        command = [self.python, os.path.join(HERE, 'probe_child.py'), source, target]
        with tempfile.TemporaryFile() as noise:
            child = subprocess.Popen(command, env=self.environment(words, scratch), stdin=subprocess.DEVNULL,
                                     stdout=noise, stderr=noise, cwd=scratch, start_new_session=True)  # fmt: skip
            self._await(child, 120 + 7 * len(job['probes']), len(job['probes']))
            noise.seek(0)
            said = noise.read()[-600:].decode('utf-8', 'replace')
        if not os.path.isfile(target):
            print(f'{self.name}: a piece of probes was lost: {said.strip()}', file=sys.stderr, flush=True)
            return None
        with open(target, encoding='ascii') as stream:
            return json.load(stream)


def crashed():
    return {'outcome': 'crash', 'observations': [], 'lines': [], 'arcs': [], 'flags': [], 'at': 0}
