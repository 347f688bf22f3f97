import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { interpretersWith } from '../rigs/sealed-suite.ts';

/** What product code does, by the kind that it is told as. */
const DEEDS: Record<string, readonly string[]> = {
  frames: [
    'import sys; sys._getframe(0)',
    'import inspect; inspect.currentframe()',
    'import inspect; inspect.stack()',
    'import sys; sys._current_frames()',
    'import sys\n    try: 1 / 0\n    except Exception: sys.exc_info()[2].tb_frame',
    'import traceback, sys\n    try: 1 / 0\n    except Exception: list(traceback.walk_tb(sys.exc_info()[2]))',
  ],
  gc: ['import gc; gc.get_objects()', 'import gc; gc.get_referrers(gc)'],
  ctypes: ['import ctypes; ctypes.pythonapi.Py_IsInitialized()'],
  code: [
    'compile("1", "/usr/lib/python3/x.py", "eval")',
    'compile("1", "<doctest x>", "eval")',
    'f = lambda: 1; f.__code__.replace(co_name="x")',
    'import json; json.dumps.__code__',
    'def f(): pass\n    def g(): pass\n    f.__code__ = g.__code__',
    'import marshal; marshal.loads(marshal.dumps(compile("1", "x", "eval")))',
  ],
  trace: ['import sys; sys.settrace(None)', 'import sys; sys.setprofile(None)', 'import threading, sys; sys.addaudithook(lambda *a: None)'],
  runner: ['import pytest', 'import mig_results', 'open(PLUGIN + "/mig_block.py").close()', 'import os; os.listdir(PLUGIN)'],
  proc: ['open("/proc/self/status").close()', 'import pathlib; pathlib.Path("/proc/self/maps").read_bytes()'],
  'tests-read': [
    'open("tests/test_it.py").read()',
    'import shutil; shutil.copy("tests/test_it.py", "x")',
    'open("/proc/self/cwd/tests/test_it.py").read()',
    'import os; os.path.exists("cases") or os.symlink("tests", "cases"); open("cases/test_it.py").read()',
  ],
  'tests-shown': ['import linecache, os; linecache.getlines(os.path.abspath("tests/test_it.py"))'],
  process: [
    'import subprocess, sys; subprocess.check_output([sys.executable, "-c", ""])',
    'import os\n    pid = os.fork()\n    if pid == 0: os._exit(0)\n    os.waitpid(pid, 0)',
    'import os; os.system("true")',
  ],
  signal: ['import os; os.kill(os.getpid(), 0)'],
  socket: ['import socket\n    try: socket.create_connection(("127.0.0.1", 1), 0.1)\n    except OSError: pass'],
  'import-machinery': [
    'import importlib.util as u; s = u.spec_from_file_location("other", "other.py"); s.loader.exec_module(u.module_from_spec(s))',
  ],
}; // prettier-ignore

const HONEST = [
  'import json, logging, collections; logging.getLogger("x").warning("x"); collections.namedtuple("N", "a")(1)',
  'import dataclasses; dataclasses.make_dataclass("D", ["a"])(1)',
  'exec("x = 1"); eval("1"); compile("1", "<string>", "eval")',
  'open("tests/sample.py").read()',
  'open("other.py").read(); import os; os.listdir("."); import other',
  'import traceback\n    try: 1 / 0\n    except Exception: traceback.format_exc()',
  'import warnings; warnings.warn("x", stacklevel=2)',
  'import tempfile; tempfile.mkdtemp()',
];

describe.each(interpretersWith(['3.8', '3.13']))('the watch, Python %s', (_, python) => {
  function watched(
    deeds: readonly string[],
    settings: Readonly<Record<string, string | readonly string[]>> = {},
  ): { kind: string; path: string; line: number; what: string }[][] {
    const dir = scratchFolder();
    const plugin = path.join(packageRoot(), 'src', 'runners', 'python');
    const bodies = deeds.map(
      (body, at) => `def deed${at}():\n    PLUGIN = ${JSON.stringify(plugin)}\n    ${body}\n`,
    );
    writeFiles(path.join(dir, 'tree'), {
      'app.py': bodies.join('\n'),
      'other.py': '',
      'pytest.py': '',
      'mig_results.py': '',
      'canary.py': 'import sys\ndef deed():\n    sys._getframe(0)\n',
      'test_mode.py': 'import sys\ndef deed():\n    sys._getframe(0)\n',
      'tests/test_it.py': '',
      'tests/test_other.py': '',
      'tests/sample.py': '',
    });
    writeFiles(dir, {
      'driver.py': `
import json, os, sys
sys.path[:0] = [${JSON.stringify(plugin)}, os.path.abspath('tree')]
import mig_watch
os.chdir('tree')
got = []
mig_watch.install(lambda kind, path, line, what: got.append(dict(kind=kind, path=path, line=line, what=what)), dict(${JSON.stringify(settings)}, root=os.getcwd()))
sys.path.pop(0)
import app
answer = []
for at in range(${deeds.length}):
    getattr(app, 'deed%d' % at)()
    answer.append(got[:])
    del got[:]
os.write(1, json.dumps(answer).encode())
`,
    });
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const out = execFileSync(python, ['-B', 'driver.py'], { cwd: dir, encoding: 'utf8', stdio });
    return JSON.parse(out) as ReturnType<typeof watched>;
  }

  test('tells of each deed, by its kind, file and line', () => {
    const all = Object.entries(DEEDS).flatMap(([kind, deeds]) => deeds.map((deed) => ({ kind, deed })));
    const told = watched(all.map(({ deed }) => deed));
    const missed = all.filter(
      ({ kind }, at) => !told[at]?.some((one) => one.kind === kind && one.path === 'app.py'),
    );
    expect(missed).toEqual([]);
  });

  test('a file that is called a test and is code under test is looked at', () => {
    const told = watched(['import test_mode; test_mode.deed()'], { product: ['test_mode.py'] }).flat();
    expect(told).toMatchObject([{ kind: 'frames', path: 'test_mode.py', line: 3 }]);
    expect(watched(['import test_mode; test_mode.deed()']).flat()).toEqual([]);
  });

  test('tells of each file that one place reads, in whatever order', () => {
    const told = watched(['[open("tests/test_%s.py" % name).read() for name in ("it", "other", "it")]']);
    const whats = told.flat().map(({ what }) => what);
    expect(whats).toEqual(['open tests/test_it.py', 'open tests/test_other.py']);
  });

  test('has nothing to tell of the runner’s own canary', () => {
    const told = watched(['import canary; canary.deed()'], { canary: 'canary.py' });
    expect(told.flat()).toEqual([]);
    const other = watched(['import canary; canary.deed()']).flat();
    expect(other).toMatchObject([{ kind: 'frames', path: 'canary.py', line: 3 }]);
  });

  test('has nothing to tell of honest code', () => {
    expect(watched(HONEST).flat()).toEqual([]);
  });
});
