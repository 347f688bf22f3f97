"""Runs probes, each in a fork of its own: `probe_child.py JOB RESULTS`. Python 2.7 and 3.6+."""

import io
import json
import os
import resource
import select
import shutil
import signal
import socket  # noqa: F401  (here, so that no fork has to)
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import blocked  # noqa: E402
import plain as describing  # noqa: E402
import probe_run  # noqa: E402
import shifted_clock  # noqa: E402
from tracing import Trace  # noqa: E402

sys.path.pop(0)
# a module of the tree may bear one of these names
KEPT = [sys.modules.pop(name) for name in ('blocked', 'plain', 'probe_run', 'seeing', 'shapes', 'shifted_clock', 'tracing')]
# processor time decides, so that a busy machine finds what an idle one does; the wait is for what sleeps
SECONDS = 3
# well below: the kernel counts by ticks, and may stop a process that has had somewhat less than its seconds
COSTLY = 2
WAIT = 20
PATIENCE = 3
LARGEST = 4000000


def limits(seconds):
    for name, value in (
        ('RLIMIT_CPU', seconds),
        ('RLIMIT_FSIZE', 20 << 20),
        ('RLIMIT_CORE', 0),
        ('RLIMIT_AS', 1200 << 20),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError, resource.error):
            pass


def forked(work, wait=WAIT, seconds=SECONDS):
    """What `work` returns in a child that cannot outlive the wait; None with a reason where it gives nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            limits(seconds)
            quiet = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(quiet, number)
            text = json.dumps(work()).encode('ascii')
            while text:
                text = text[os.write(writing, text[:65536]) :]
        except BaseException:
            if os.environ.get('CHARACTERISE_DEBUG'):
                with open(os.environ['CHARACTERISE_DEBUG'], 'a') as log:
                    traceback.print_exc(file=log)
        finally:
            os._exit(0)
    os.close(writing)
    content, ended, until = [], False, time.time() + wait
    size = 0
    while not ended and size < LARGEST:
        ready, _, _ = select.select([reading], [], [], max(0, until - time.time()))
        if not ready:
            break
        piece = os.read(reading, 65536)
        ended = not piece
        content.append(piece)
        size += len(piece)
    os.close(reading)
    for target in (lambda: os.killpg(child, signal.SIGKILL), lambda: os.kill(child, signal.SIGKILL)):
        try:
            target()
        except OSError:
            pass
    used = os.wait4(child, 0)[2]
    try:
        told = json.loads(b''.join(content).decode('ascii'))
    except ValueError:
        told = nothing('crash' if ended else 'timeout')
    # with all that it started and waited for
    return dict(told, spent=used.ru_utime + used.ru_stime)


def nothing(outcome):
    return {'outcome': outcome, 'observations': [], 'lines': [], 'arcs': [], 'flags': [], 'at': 0}


def importing(module, job):
    """Imports one module under trace; says which lines that took."""

    def work():
        os.chdir(job['folder'])
        tracer = Trace(job['roots'])
        try:
            with tracer:
                __import__(module)
        except BaseException as error:
            return {'outcome': 'raises', 'why': '%s: %s' % (type(error).__name__, error), 'lines': tracer.told()[0]}
        return {'outcome': 'returns', 'why': '', 'lines': tracer.told()[0]}

    return work


def probing(probe, job, number):
    def work():
        folder = os.path.join(job['folder'], 'p%d' % number)
        os.mkdir(folder)
        os.chdir(folder)
        home = folder if probe.get('home') else os.path.join(job['folder'], 'home%d' % number)
        os.environ['HOME'] = home
        for name in list(os.environ):
            if name.startswith('XDG_'):
                del os.environ[name]
        return probe_run.run(probe, job)

    return work


def main(job_file, target):
    with io.open(job_file, encoding='ascii') as source:
        job = json.load(source)
    if str is bytes:
        job = as_text(job)
    job['folder'] = os.path.realpath(tempfile.mkdtemp(prefix='characterise-'))
    os.environ['HOME'] = job['folder']
    describing.OWN = tuple(job['own'])
    sys.path[:0] = job['path']
    if job.get('shift'):
        shifted_clock.install(job['shift'], job['classes'])
    if job.get('blocked'):
        blocked.install(job['blocked'], job['roots'], job['exempt'])
    # a probe may signal its parent
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    results = {'modules': {}, 'probes': []}
    for module in job['modules']:
        results['modules'][module] = forked(importing(module, job), 60, 20)
    for module in job['modules']:
        if results['modules'][module].get('outcome') == 'returns':
            preload(module)
    hanging, costly = {}, {}
    for number, probe in enumerate(job['probes']):
        aim = probe['target']
        if hanging.get(aim, 0) + costly.get(aim, 0) >= PATIENCE or sum(hanging.values()) >= 8 * PATIENCE:
            results['probes'].append(nothing('timeout'))
            continue
        result = forked(probing(probe, job, number))
        if job.get('trace') and result.pop('spent') > COSTLY:
            # one that makes an environment, or builds something: no test of a unit, and run a dozen times more
            costly[aim] = costly.get(aim, 0) + 1
            result = nothing('timeout')
        elif result['outcome'] in ('timeout', 'crash'):
            hanging[aim] = hanging.get(aim, 0) + 1
        results['probes'].append(result)
        shutil.rmtree(os.path.join(job['folder'], 'p%d' % number), True)
        if number % 100 == 99:
            sys.stderr.write('%d\n' % (number + 1))
            sys.stderr.flush()
    shutil.rmtree(job['folder'], True)
    text = json.dumps(results, sort_keys=True, ensure_ascii=True)
    with io.open(target, 'w', encoding='ascii') as out:
        out.write(text if isinstance(text, type(u'')) else text.decode('ascii'))


def preload(module):
    """Every probe then starts with the module in place; what it prints goes nowhere."""
    kept = sys.stdout, sys.stderr
    with open(os.devnull, 'w') as nowhere:
        sys.stdout = sys.stderr = nowhere
        try:
            __import__(module)
        except BaseException:
            pass
        finally:
            sys.stdout, sys.stderr = kept


def as_text(value):
    """Python 2: names and sources of a job as `str`, file contents and the like as they are."""
    if isinstance(value, dict):
        return dict(
            (as_text(key), item if key in ('files', 'stdin') else as_text(item)) for key, item in value.items()
        )
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return value.encode('utf-8') if isinstance(value, type(u'')) else value


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
