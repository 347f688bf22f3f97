"""Runs pytest on a tree and writes what happens to standard output, a line an event.

Usage: run_tests.py SETTINGS, a JSON file in a folder that may be written; it is gone before any code of the tree runs,
and so is what was in it but the means to write events. The environment of the process names no folder of the tree:
they are put on the path once pytest, its plug-ins, our own and what these need of the standard library are loaded, so
that nothing in the tree can stand in for them. Whatever tests print goes to standard error.

Tests that are to be falsified are falsified in a first life of the process, which then starts itself anew: the second
does not know of it.
"""

import fcntl
import json
import os
import sys
from time import time

# imported by pytest, its plug-ins and ours when they need it, which may be after the tree is on the path
NEEDED = (
    'ast bdb code codeop copy difflib doctest faulthandler fnmatch gc inspect linecache pdb platform pprint random re'
    ' shlex shutil signal tempfile textwrap threading tokenize traceback types unittest warnings'
    ' xml.etree.ElementTree'
).split()

# pytest's own code for it
INTERNAL_ERROR = 3


def native(text):
    return text if sys.version_info[0] > 2 else text.encode('utf-8')


def write_anew(path, value):
    with open(path, 'w') as target:
        json.dump(value, target)


def read_settings(path):
    """The settings; the file is gone when this returns, or the process has started itself anew."""
    with open(path) as source:
        settings = json.load(source)
    os.unlink(path)
    falsified = settings.pop('falsified')
    if falsified is not None:
        import mig_channel
        import mig_twins

        done = mig_twins.falsify(native(settings['root']), falsified['ids'], falsified['seed'])
        send, _ = mig_channel.open_channel(1, falsified['nonce'])
        send(event='falsified', ids=done)
        settings['falsified'] = None
        write_anew(path, settings)
        os.execv(sys.executable, [sys.executable, '-B'] + sys.argv)
    return settings


def take_output():
    """A descriptor that children do not inherit, for what was standard output; that is standard error from now on."""
    descriptor = fcntl.fcntl(1, fcntl.F_DUPFD, 100)
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
    os.dup2(2, 1)
    return descriptor


def write_canary(root, canary):
    """Adds a file of tests that must fail; answers its name. Where it cannot be written it will be missed."""
    if canary is None:
        return None
    path = os.path.join(root, *native(canary['file']).split('/'))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except OSError:
        return None
    with os.fdopen(descriptor, 'w') as target:
        target.write(native(canary['text']))
    return canary['file']


def bound_files(limit):
    """No process of this run makes a file larger than this."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def load_needed():
    for name in NEEDED:
        try:
            __import__(name)
        except ImportError:
            pass


class Tree(object):
    """The folders of the tree, which are put on the path only when everything else is loaded."""

    def __init__(self, settings):
        self.root = native(settings['root'])
        self._folders = [native(folder) for folder in settings['pythonpath']]
        self._environment = native(settings['environment'])
        here = os.path.dirname(os.path.abspath(__file__))
        self._without = [entry for entry in sys.path if os.path.abspath(entry or '.') != here]
        sys.path[:] = [entry for entry in self._without if not self._holds(entry)]

    def _holds(self, entry):
        whole = os.path.abspath(entry or '.')
        return any(whole == base or whole.startswith(base + os.sep) for base in (self.root, os.path.realpath(self.root)))

    def enter(self):
        added = [entry for entry in sys.path if entry not in self._without]
        # the folder of `python -m` comes first, as it does for developers who start pytest so
        sys.path[:] = [os.getcwd()] + self._folders + self._without + added
        os.environ['PYTHONPATH'] = self._environment

    def customize(self):
        """Runs the tree's own `sitecustomize`, as the interpreter does where a folder of it is on the path."""
        folders = [folder for folder in self._folders if os.path.exists(os.path.join(folder, 'sitecustomize.py'))]
        if not folders:
            return
        sys.modules.pop('sitecustomize', None)
        try:
            __import__('sitecustomize')
        except Exception:
            sys.excepthook(*sys.exc_info())

    def has(self, module):
        """Whether a module comes from the tree rather than from the environment."""
        top = module.partition('.')[0]
        names = (top, top + '.py')
        return any(os.path.exists(os.path.join(folder, name)) for folder in [os.getcwd()] + self._folders for name in names)

    def has_metadata(self):
        folders = [os.getcwd()] + self._folders
        return any(
            name.endswith(('.egg-info', '.dist-info'))
            for folder in folders
            if os.path.isdir(folder)
            for name in os.listdir(folder)
        )


def without_plugins(args, tree):
    """Arguments without `-p` for plug-ins of the tree, and the names of those: they are loaded once it is on the path."""
    left, later = [], []
    pending = list(args)
    while pending:
        arg = pending.pop(0)
        name = pending[0] if arg == '-p' and pending else arg[2:] if arg.startswith('-p') else ''
        if name and not name.startswith('no:') and tree.has(name):
            later.append(name)
            if arg == '-p':
                pending.pop(0)
            continue
        left.append(arg)
    return left, later


def prepared(path):
    """Everything up to pytest's start: (arguments, plug-ins, `finish(code)`)."""
    settings = read_settings(path)
    descriptor = take_output()
    tree = Tree(settings)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    load_needed()
    import mig_channel

    send, is_sending = mig_channel.open_channel(descriptor, settings.pop('nonce'))
    send(event='alive')
    bound_files(settings['fileBytes'])
    canary = settings['canary']
    settings['canary'] = write_canary(tree.root, canary)
    settings['unnamed'] = settings['canary'] if canary is not None and canary['unnamed'] else None
    if settings['rules'] is not None:
        import mig_block

        mig_block.install(native(settings['rules']))
    import mig_watch

    for module in settings['early']:
        __import__(module['module'])
        sys.modules[module['module']].install(module['options'])
    import pytest
    import mig_integrity
    import mig_lines
    import mig_results

    send(event='alive')
    lines = None
    if settings['watched'] is not None:
        lines = mig_lines.Lines(settings['root'], settings['watched'])
        lines.start()
    sys.path.remove(here)
    own = [sys.modules.pop(name) for name in list(sys.modules) if name.startswith('mig_')]
    args, later = without_plugins([native(arg) for arg in settings['args']], tree)
    state = {'ready': False}
    leave, thread_of = os._exit, mig_channel.thread_of

    def ready():
        if not state['ready']:
            state['ready'] = True
            send(event='ready', python='%d.%d.%d' % sys.version_info[:3], pytest=pytest.__version__)

    def look(config):
        """The last thing before the tree is let in: `changes()` since now, see `mig_integrity.take`."""
        # not before: what watches costs time with all that pytest loads, and with all that is looked at here
        deaf = mig_watch.install(watcher(send), settings)

        def unheard(call, *given):
            me = thread_of()
            deaf.add(me)
            try:
                return call(*given)
            finally:
                deaf.discard(me)

        changes = unheard(mig_integrity.take, own, config.pluginmanager, tree.root)
        return lambda *given: unheard(changes, *given)

    def enter(config):
        """Opens the way for the tree's code."""
        manager = config.pluginmanager
        ready()
        tree.enter()
        tree.customize()
        if tree.has_metadata() and not os.environ.get('PYTEST_DISABLE_PLUGIN_AUTOLOAD'):
            manager.load_setuptools_entrypoints('pytest11')
        for name in later:
            manager.import_plugin(name)

    def finish(code):
        ready()
        send(event='finished', code=code)
        try:
            sys.stderr.flush()
        finally:
            # threads and exit handlers that tests left behind could keep the process for ever
            leave(code)

    plugins = mig_results.results(send, is_sending, settings, look, enter, lines, time)
    return args, plugins, finish


def watcher(send):
    """`send(kind, path, line, what)` for what is watched; each is told once, and a flood is cut off."""
    told = set()

    def tell(kind, path, line, what):
        each = (kind, path, line, what)
        if each not in told and len(told) < 2000:
            told.add(each)
            send(event='watched', kind=kind, path=path, line=line, what=what)

    return tell


def run(args, plugins):
    import pytest

    sys.argv[:] = ['pytest'] + args
    try:
        return int(pytest.main(args, plugins=plugins))
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return INTERNAL_ERROR


def main():
    args, plugins, finish = prepared(sys.argv[1])
    finish(run(args, plugins))


if __name__ == '__main__':
    main()
