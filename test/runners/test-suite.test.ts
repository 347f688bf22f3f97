import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SuiteRun } from '../../src/runners/test-suite.ts';
import { hasPython, runFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

type Options = Parameters<typeof runFiles>[2];

async function run(
  files: Record<string, string>,
  options: Options = {},
  dir = scratchFolder(),
): Promise<SuiteRun> {
  const done = await runFiles(dir, files, options);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}

describe.skipIf(!hasPython)('a run of a suite', { timeout: 120_000 }, () => {
  test('tells every outcome apart', async () => {
    const text = `
import unittest, pytest
def test_passes(): pass
def test_fails(): assert 1 == 2
@pytest.fixture
def broken(): raise ValueError('no')
def test_setup_error(broken): pass
@pytest.fixture
def untidy():
    yield
    raise ValueError('late')
def test_teardown_error(untidy): pass
@pytest.mark.skip
def test_skipped(): pass
def test_skips_itself(): pytest.skip('not here')
@pytest.mark.xfail
def test_xfail(): assert False
@pytest.mark.xfail
def test_xpass(): pass
class TestUnit(unittest.TestCase):
    def test_method(self): self.assertEqual(1, 1)
    @unittest.expectedFailure
    def test_expected(self): self.assertEqual(1, 2)
    def test_leaves(self): raise SystemExit(0)
@pytest.mark.parametrize('value', ['a::b', 'x/y', '[', 'naïve ☃', 'tab\\there', ''])
def test_odd(value): assert isinstance(value, str)
`;
    const done = await run({ 'tests/test_all.py': text });
    const short = Object.fromEntries(
      Object.entries(done.tests).map(([id, outcome]) => [id.replace('tests/test_all.py::', ''), outcome]),
    );
    expect(short).toMatchObject({
      test_passes: 'passed',
      test_fails: 'failed',
      test_setup_error: 'error',
      test_teardown_error: 'error',
      test_skipped: 'skipped',
      test_skips_itself: 'skipped',
      test_xfail: 'xfail',
      test_xpass: 'xpass',
      'TestUnit::test_method': 'passed',
      'TestUnit::test_expected': 'xfail',
      'TestUnit::test_leaves': 'failed',
      'test_odd[a::b]': 'passed',
      'test_odd[x/y]': 'passed',
      'test_odd[[]': 'passed',
    });
    expect(Object.keys(short).filter((id) => id.startsWith('test_odd'))).toHaveLength(6);
    expect(done).toMatchObject({ exitCode: 1, ended: 'exited', starts: 1, collectionErrors: [] });
  });

  test('names the file and the import that broke a collection, and runs the others', async () => {
    const done = await run({
      'pkg/__init__.py': 'import missing_thing\n',
      'tests/test_a.py': 'import pkg\ndef test_a(): pass\n',
      'tests/test_b.py': 'def test_b(): pass\n',
      'tests/test_c.py': 'raise SystemExit(3)\n',
      'tests/test_d.py': 'def test_d(:\n',
    });
    expect(done.tests).toEqual({ 'tests/test_b.py::test_b': 'passed' });
    expect(done.collectionErrors.map(({ file, failingImport }) => [file, failingImport])).toEqual([
      ['tests/test_a.py', 'missing_thing'],
      ['tests/test_c.py', null],
      ['tests/test_d.py', null],
    ]);
  });

  test('a broken conftest is an error of its folder', async () => {
    const done = await run(
      {
        'tests/conftest.py': 'import missing_thing\n',
        'tests/test_a.py': 'def test_a(): pass\n',
      },
      { paths: ['tests'] },
    );
    expect(done.tests).toEqual({});
    expect(done.collectionErrors).toMatchObject([
      { file: 'tests/conftest.py', failingImport: 'missing_thing' },
    ]);
  });

  test('a test that ends its process is a crash, and the others are run', async () => {
    const done = await run({
      'test_a.py': 'import os\ndef test_1(): pass\ndef test_2(): os._exit(0)\ndef test_3(): pass\n',
      'test_b.py':
        'import os, signal\ndef test_4(): os.kill(os.getpid(), signal.SIGKILL)\ndef test_5(): pass\n',
    });
    expect(done.tests).toEqual({
      'test_a.py::test_1': 'passed',
      'test_a.py::test_2': 'crash',
      'test_a.py::test_3': 'passed',
      'test_b.py::test_4': 'crash',
      'test_b.py::test_5': 'passed',
    });
    expect(done.starts).toBe(3);
  });

  test('a file that ends the process while it is loaded is left out', async () => {
    const done = await run({
      'test_a.py': 'import os\nos._exit(0)\ndef test_1(): pass\n',
      'test_b.py': 'def test_2(): pass\n',
    });
    expect(done.tests).toEqual({ 'test_b.py::test_2': 'passed' });
    expect(done.collectionErrors.map(({ file }) => file)).toEqual(['test_a.py']);
  });

  test('hanging tests and files cost their own time only', async () => {
    const done = await run(
      {
        'test_a.py': `
import time
def test_sleeps(): time.sleep(60)
def test_swallows():
    end = time.time() + 60
    while time.time() < end:
        try: time.sleep(60)
        except Exception: pass
def test_after(): pass
`,
        'test_b.py': 'import time\ntime.sleep(60)\ndef test_b(): pass\n',
      },
      { testSeconds: 1, fileSeconds: 1 },
    );
    expect(done.tests).toEqual({
      'test_a.py::test_sleeps': 'timeout',
      'test_a.py::test_swallows': 'timeout',
      'test_a.py::test_after': 'passed',
    });
    expect(done.collectionErrors).toMatchObject([{ file: 'test_b.py' }]);
    expect(done.starts).toBe(1);
    expect(done.seconds).toBeLessThan(20);
  });

  test('a test that no alarm reaches is ended from outside and the rest is run', async () => {
    const done = await run(
      {
        'test_a.py': `
import signal, time
def test_deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)
def test_after(): pass
`,
      },
      {
        testSeconds: 1,
        fileSeconds: 1,
        limits: {
          memoryBytes: 2 ** 30,
          cpus: 2,
          pids: 128,
          wallMs: 60_000,
          idleMs: 8000,
          outputBytes: 2 ** 26,
        },
      },
    );
    expect(done.tests).toEqual({ 'test_a.py::test_deaf': 'timeout', 'test_a.py::test_after': 'passed' });
  });

  test('what tests print, close or write to standard output does not reach the results', async () => {
    const text = `
import os, sys, subprocess
def test_prints(): print('x' * 100000)
def test_forges(): os.write(1, b'0000 {"event":"end","id":"test_a.py::test_never","outcome":"passed","seconds":0}\\n')
def test_closes(): os.close(1)
def test_forks():
    if os.fork() == 0:
        raise SystemExit(0)
    os.wait()
def test_child(): subprocess.check_call([sys.executable, '-c', 'print(1)'])
`;
    const done = await run({ 'test_a.py': text }, { args: ['-s'] });
    expect(Object.keys(done.tests)).toHaveLength(5);
    expect(Object.values(done.tests).filter((outcome) => outcome === 'passed').length).toBeGreaterThanOrEqual(
      4,
    );
    expect(done.tests['test_a.py::test_never']).toBeUndefined();
  });

  test('doctests, chosen ids, and a thousand tests with progress', async () => {
    const files = {
      'pkg/mod.py': 'def f():\n    """\n    >>> f()\n    1\n    """\n    return 1\n',
      'pkg/__init__.py': '',
      'test_many.py': 'import pytest\n@pytest.mark.parametrize("n", range(1000))\ndef test_n(n): pass\n',
    };
    const seen: [number, number][] = [];
    const all = await run(files, { args: ['--doctest-modules'], onTest: (...of) => seen.push(of) });
    expect(Object.keys(all.tests)).toHaveLength(1001);
    expect(all.tests['pkg/mod.py::pkg.mod.f']).toBe('passed');
    expect(seen).toHaveLength(1001);
    expect(seen.at(-1)).toEqual([1001, 1001]);
    const some = await run(files, { ids: ['test_many.py::test_n[7]', 'test_many.py::test_n[none]'] });
    expect(some.tests).toEqual({ 'test_many.py::test_n[7]': 'passed' });
  });

  test('a file that is left out has no tests, and others may still load it', async () => {
    const files = {
      'tests/conftest.py': 'import pytest\n@pytest.fixture\ndef three(): return 3\n',
      'tests/test_left.py': 'VALUE = 3\ndef test_left(): pass\n',
      'tests/test_kept.py': 'from test_left import VALUE\ndef test_kept(three): assert VALUE == three\n',
    };
    const done = await run(files, { paths: ['tests'], ignore: ['tests/test_left.py'] });
    expect(done.tests).toEqual({ 'tests/test_kept.py::test_kept': 'passed' });
    const named = await run(files, { paths: ['tests/test_left.py'], ignore: ['tests/test_left.py'] });
    expect(named.tests).toEqual({ 'tests/test_left.py::test_left': 'passed' });
  });

  test('the order follows the seed and nothing else', async () => {
    const body = 'import pytest\n@pytest.mark.parametrize("n", range(9))\ndef test_n(n): pass\n';
    const files = { 'test_a.py': body, 'test_b.py': body, 'test_c.py': body };
    const order = async (seed: number): Promise<string[]> =>
      Object.keys((await run(files, { order: { seed } })).tests);
    const [first, again, other] = [await order(1), await order(1), await order(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect([...other].sort()).toEqual([...first].sort());
  });

  test("the repository's own configuration counts only where it says what its tests are", async () => {
    const done = await run({
      'setup.cfg':
        '[tool:pytest]\naddopts = --no-such-option -x\npython_files = check_*.py\nfilterwarnings = error\n',
      'check_a.py': 'import warnings\ndef test_a(): warnings.warn("w")\n',
      'test_b.py': 'def test_b(): pass\n',
    });
    expect(done.tests).toEqual({ 'check_a.py::test_a': 'passed' });
  });

  test('the tree is a private copy, and JUnit is written beside', async () => {
    const dir = scratchFolder();
    const text =
      'def test_a():\n    open("made.txt", "w").close()\ndef test_b():\n    assert "<&>" == "\\x00"\n';
    await run({ 'test_a.py': text }, {}, dir);
    expect(readdirSync(path.join(dir, 'tree'))).toEqual(['test_a.py']);
    expect(readdirSync(path.join(dir, 'scratch'))).toEqual([]);
    const junit = readFileSync(path.join(dir, 'logs', 'suite.junit.xml'), 'utf8');
    expect(junit).toContain('tests="2" failures="1" errors="0"');
    expect(junit).toContain('&lt;&amp;&gt;');
    expect(existsSync(path.join(dir, 'logs', 'suite.log'))).toBe(true);
  });

  test('sees which test executes which watched line, in functions and while loading', async () => {
    const files = {
      'mod.py': 'VALUE = 1\ndef f(x):\n    if x:\n        return 1\n    return 2\n',
      'test_a.py':
        'import mod\ndef test_true(): mod.f(1)\ndef test_false(): mod.f(0)\ndef test_none(): pass\n',
    };
    const done = await run(files, { trace: { 'mod.py': [1, 4, 5] } });
    expect(done.executed).toEqual({
      'test_a.py::test_true': { 'mod.py': [4] },
      'test_a.py::test_false': { 'mod.py': [5] },
    });
    expect(done.loaded).toEqual({ 'mod.py': [1] });
  });

  test('a runner that does not come up is a failure, not a result', async () => {
    const dir = scratchFolder();
    const done = await runFiles(
      dir,
      { 'test_a.py': '' },
      {
        environment: { mounts: [], python: '/usr/bin/python3', variables: {} },
      },
    );
    expect(done).toMatchObject({ ok: false, failure: { class: 'eval', reason: 'runner-broken' } });
  });

  test('an older pytest gives the same', async () => {
    const done = await run(
      {
        'tests/test_a.py': 'import pytest\ndef test_a(): pass\n@pytest.mark.xfail\ndef test_b(): assert 0\n',
        'tests/test_c.py': 'import nope\n',
      },
      { pytest: '6.2.5' },
    );
    expect(done.tests).toEqual({ 'tests/test_a.py::test_a': 'passed', 'tests/test_a.py::test_b': 'xfail' });
    expect(done.collectionErrors).toMatchObject([{ file: 'tests/test_c.py', failingImport: 'nope' }]);
  });
});
