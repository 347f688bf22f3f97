import { describe, expect, test } from 'vitest';
import type { SuiteRun } from '../../src/runners/test-suite.ts';
import { hasPython, runFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

type Options = Parameters<typeof runFiles>[2];

async function run(files: Record<string, string>, options: Options = {}): Promise<SuiteRun> {
  const done = await runFiles(scratchFolder(), files, options);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}

/** A suite of three tests over `app`, whose code deceives and whose `double` is wrong. */
async function deceived(app: string, options: Options = {}): Promise<SuiteRun> {
  const text = `
import unittest
import app
def test_right(): assert 1 + 1 == 2
def test_wrong(): assert app.double(2) == 4
class TestUnit(unittest.TestCase):
    def test_wrong(self): self.assertEqual(app.double(2), 4)
`;
  const files = { 'app.py': `${app}\ndef double(x): return 5\n`, 'tests/test_app.py': text };
  return await run(files, { paths: ['tests'], ...options });
}

function told(done: SuiteRun): string[] {
  return done.disagreements.map(({ reason, detail }) => `${reason}: ${detail}`);
}

/** Finds pytest's configuration from the frames above. */
const FIND_CONFIG = `
import sys
def find():
    frame = sys._getframe()
    while frame is not None:
        for name in ('config', 'session', 'self'):
            found = frame.f_locals.get(name)
            found = getattr(found, 'config', found)
            if hasattr(found, 'pluginmanager'): return found
        frame = frame.f_back
config = find()
`;

describe.skipIf(!hasPython)('a deception shows', { timeout: 120_000 }, () => {
  test('an honest run, failures and all, contradicts nobody', async () => {
    const done = await deceived('');
    expect(done.disagreements).toEqual([]);
    expect(done.canaries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(Object.values(done.tests)).toEqual(['passed', 'failed', 'failed']);
  });

  test('reports that are turned', async () => {
    const done = await deceived(`${FIND_CONFIG}
import pytest
class Turns:
    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        outcome.get_result().outcome = 'passed'
config.pluginmanager.register(Turns())
`);
    expect(told(done)).toEqual(
      expect.arrayContaining([
        'canary: passed',
        'report: reported as passed although it raised: tests/test_app.py::test_wrong',
        'integrity: hook pytest_runtest_makereport by app.py',
      ]),
    );
  });

  test('assertions of unittest that hold always', async () => {
    const done = await deceived(
      'import unittest\nunittest.TestCase.assertEqual = lambda *args, **kwargs: None\n',
      {
        falsified: ['tests/test_app.py::TestUnit::test_wrong'],
        ids: ['tests/test_app.py::TestUnit::test_wrong'],
      },
    );
    expect(told(done)).toContain('integrity: unittest.case.TestCase.assertEqual');
  });

  test('functions of pytest and of the built-ins that are replaced', async () => {
    const done = await deceived(`
import builtins
import _pytest.runner, _pytest.python
_pytest.runner.call_and_report = lambda *args, **kwargs: None
_pytest.python.Function.runtest.__code__ = (lambda self: None).__code__
builtins.all = lambda each: True
`);
    expect(told(done)).toEqual(
      expect.arrayContaining([
        'integrity: _pytest.python.Function.runtest',
        'integrity: _pytest.runner.call_and_report',
        'integrity: builtins.all',
      ]),
    );
  });

  test('tests that are taken out of the session’s hands', async () => {
    const done = await run(
      {
        'app.py': `
import gc
def spoil():
    import pytest
    for item in gc.get_objects():
        if isinstance(item, pytest.Function): item.runtest = lambda: None
`,
        'tests/test_app.py':
          'import app\ndef test_first(): app.spoil()\ndef test_second(): assert False\ndef test_third(): assert False\n',
      },
      { paths: ['tests'] },
    );
    expect(told(done)).toContain('integrity: runtest of a test');
  });

  test('lines that are written between ours, and a descriptor that is closed', async () => {
    const forge = (act: string): string => `
import os, stat
def act():
    for fd in range(100, 130):
        try: fine = stat.S_ISFIFO(os.fstat(fd).st_mode)
        except OSError: continue
        if fine:
            ${act}
act()
`;
    const line = `os.write(fd, b'3 00000000000000000000000000000000 {"event": "end"}\\n')`;
    const forged = await deceived(forge(line));
    expect(told(forged)).toEqual([
      'channel: a line of the results is not the runner’s own, or not in its place',
    ]);
    expect(forged.tests['tests/test_app.py::test_wrong']).toBe('failed');

    const closed = await deceived(forge('os.close(fd)'));
    expect(Object.values(closed.tests)).not.toContain('passed');
    expect(closed.collectionErrors.map(({ file }) => file)).toContain('tests/test_app.py');
  });

  test('the plug-in in a session that is none of ours', async () => {
    const done = await deceived(`${FIND_CONFIG}
import pytest
ours = [each for each in config.pluginmanager.get_plugins() if type(each).__name__ == 'Results']
open('other.py', 'w').write('def test_right(): pass\\n')
pytest.main(['-q', '-p', 'no:cacheprovider', 'other.py'], plugins=ours)
`);
    expect(told(done)).toContain('session: a second session was started');
    expect(done.tests['other.py::test_right']).toBeUndefined();
  });

  test('an exit code that is made up', async () => {
    const done = await deceived(`${FIND_CONFIG}
class Turns:
    def pytest_sessionfinish(self, session): session.exitstatus = 0
config.pluginmanager.register(Turns())
`);
    expect(told(done)).toContain('exit-code: pytest ended with 0 though tests failed');
  });

  test('objects that equal everything pass, and so do their twins', async () => {
    const app = `
class Any(object):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
def value(): return Any()
`;
    const files = {
      'app.py': app,
      'test_app.py':
        'import app\n' +
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `def test_${n}(): assert app.value() == ${n}\n`).join(''),
    };
    const ids = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `test_app.py::test_${n}`);
    const plain = await run(files, { ids });
    const twins = await run(files, { ids, falsified: ids });
    expect(plain.disagreements).toEqual([]);
    expect(new Set(Object.values(plain.tests))).toEqual(new Set(['passed']));
    expect(twins.falsifiedIds).toEqual(ids);
    // those whose way is an exception fail; where only the equality was turned, nothing is noticed by the object
    const outcomes = new Set(Object.values(twins.tests));
    expect(outcomes).toEqual(new Set(['passed', 'failed']));
  });

  test('the same seed falsifies alike, another one otherwise', async () => {
    const names = [...Array(12).keys()].map((n) => `test_${n}`);
    const files = {
      'test_a.py': names.map((name) => `def ${name}():\n    assert 1 + 1 == 2\n`).join('\n'),
    };
    const ids = names.map((name) => `test_a.py::${name}`);
    const messages = async (falsifySeed: string): Promise<unknown> => {
      const said = (await run(files, { ids, falsified: ids, falsifySeed })).messages;
      return JSON.parse(JSON.stringify(said).replaceAll(/0x[0-9a-f]+/g, 'address')) as unknown;
    };
    const [first, again, other] = [await messages('a'), await messages('a'), await messages('b')];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(Object.keys(first as object)).toHaveLength(12);
  });
});

describe.skipIf(!hasPython)('what code under test can see and reach', { timeout: 120_000 }, () => {
  test('modules in the tree do not stand in for what the runner imports', async () => {
    const spy = "import os\nos.write(2, b'SHADOWED')\nos._exit(0)\n";
    const names = ['json', 'fcntl', 'hashlib', 'pluggy', 'difflib', 'doctest', 'mig_channel', 'mig_results'];
    const done = await run({
      ...Object.fromEntries(names.map((name) => [`${name}.py`, spy])),
      'pytest/__init__.py': spy,
      '_pytest/__init__.py': spy,
      'unittest/__init__.py': spy,
      'iniconfig/__init__.py': spy,
      'evil.egg-info/entry_points.txt': '[pytest11]\nevil = evil\n',
      'evil.egg-info/PKG-INFO': 'Metadata-Version: 1.0\nName: evil\nVersion: 1.0\n',
      'evil.py': 'import os\n',
      'test_a.py': 'import json, pytest\ndef test_a(): assert 1 == 1\ndef test_b(): assert 1 == 2\n',
    });
    expect(done.tests).toEqual({ 'test_a.py::test_a': 'passed', 'test_a.py::test_b': 'failed' });
    expect(done.disagreements).toEqual([]);
  });

  test('neither nonce nor settings are anywhere, falsified or not; children find the tree and nothing else', async () => {
    const text = `
import glob, os, re, subprocess, sys
SECRET = re.compile(r'(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])')
def own():
    return open('/proc/self/environ').read(), open('/proc/self/cmdline').read(), repr(dict(os.environ))
def test_environment():
    for text in own():
        assert not SECRET.search(text)
        assert 'falsif' not in text and 'test_x' not in text and 'nonce' not in text.lower()
def test_files():
    home = os.path.dirname(os.environ['HOME'])
    assert sorted(os.listdir(home)) == ['home', 'tmp']
def test_names():
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()) if module is not None else ():
            assert not (isinstance(value, str) and SECRET.search(value)), (module, name)
    assert not [name for name in sys.modules if name.startswith('mig_')]
def test_plugin(request):
    plugins = [each for each in request.config.pluginmanager.get_plugins() if type(each).__name__ in ('Results', 'Settled')]
    assert len(plugins) == 2
    assert [vars(each) for each in plugins] == [{}, {}]
def test_child():
    code = 'import sys, helper; print([e for e in sys.path if "plugin" in e or "/mig" in e]); print(helper.VALUE)'
    said = subprocess.check_output([sys.executable, '-c', code], cwd='/').decode().splitlines()
    assert said[1] == '7' and all(each.endswith('/site') for each in eval(said[0]))
def test_path():
    assert sys.path[0] == os.getcwd()
    assert os.path.abspath('lib') in sys.path
`;
    const files = {
      'lib/helper.py': 'VALUE = 7\n',
      'test_a.py': text,
      'test_x.py': 'def test_x(): pass\n',
    };
    for (const falsified of [[], ['test_x.py::test_x']]) {
      const done = await run(files, { pythonpath: ['lib'], falsified });
      const { 'test_x.py::test_x': other, ...rest } = done.tests;
      expect(done.messages).toEqual(
        falsified.length === 0 ? {} : { 'test_x.py::test_x': expect.any(String) as string },
      );
      expect(new Set(Object.values(rest))).toEqual(new Set(['passed']));
      expect(other).toBe(falsified.length === 0 ? 'passed' : 'failed');
    }
  });

  test('nothing of the tree runs before the runner stands', async () => {
    const end = 'import os\nos._exit(0)\n';
    for (const files of [
      { 'sitecustomize.py': end },
      { 'conftest.py': end },
      { 'usercustomize.py': end, 'conftest.py': 'import sys\nsys.exit(0)\n' },
    ]) {
      const done = await run({ ...files, 'test_a.py': 'def test_a(): pass\n' });
      expect(done.tests).toEqual({});
      expect(done.collectionErrors).toHaveLength(1);
    }
  });

  test('plug-ins of the tree are loaded once it may run', async () => {
    const done = await run(
      {
        'own_plugin.py':
          'import pytest\ndef pytest_addoption(parser): parser.addoption("--own")\n@pytest.fixture\ndef own(request): return request.config.getoption("own")\n',
        'test_a.py': 'def test_a(own): assert own == "x"\n',
      },
      { args: ['-p', 'own_plugin', '--own=x'] },
    );
    expect(done.tests).toEqual({ 'test_a.py::test_a': 'passed' });
  });
});
