import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EvalSuiteArtefact, HelperSuiteArtefact } from '../../src/model/artefacts.ts';
import { readEvalSuite } from '../../src/tasks/eval-suite.ts';
import { defineEvalTest } from '../../src/tasks/eval-test.ts';
import { defineHelperTest } from '../../src/tasks/helper-test.ts';
import { unitTestEvalScore } from '../../src/tasks/unit-test-eval.ts';
import { hasPython } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { suiteWorld } from '../rigs/suite-world.ts';

const TESTS = `
import oldlib
from app import main, other
def test_uses(): assert main.value() == 1
def test_again(): assert main.value() == 1
def test_blind(): assert other.two() == 2
def test_mocks(monkeypatch):
    monkeypatch.setattr(oldlib, 'load', lambda: 5)
    assert main.value() == 5
def test_unused(): pass
def test_more(): pass
`;
const BEFORE = {
  'app/__init__.py': '',
  'app/main.py': 'import oldlib\n\n\ndef value():\n    return oldlib.load()\n',
  'app/other.py': 'def two():\n    return 2\n',
  'tests/test_app.py': TESTS,
};
const AFTER = {
  ...BEFORE,
  'app/main.py': 'import newlib\n\n\ndef value():\n    return newlib.read()\n',
  'tests/test_new.py':
    'from app import main, other\ndef test_new(): assert main.value() == 1\ndef test_two(): assert other.two() == 2\n',
};

type Files = Record<string, string>;
const world = (dir: string, block: 'blocked' | 'gone', before: Files = BEFORE, after: Files = AFTER) =>
  suiteWorld(dir, block, before, after);

describe.skipIf(!hasPython)('the tasks that run tests', () => {
  test('from the helper suite to the score of several candidates', { timeout: 600_000 }, async () => {
    const { context, artefacts, run, patched } = await world(scratchFolder(), 'blocked');
    const helper = await run<HelperSuiteArtefact>(defineHelperTest(context));
    expect(helper.artefact.ids).toEqual(
      ['again', 'mocks', 'uses'].map((name) => `tests/test_app.py::test_${name}`),
    );
    expect(readFileSync(path.join(helper.dir, 'tests', 'tests', 'test_app.py'), 'utf8')).toBe(TESTS);

    const suite = await run<EvalSuiteArtefact>(defineEvalTest(context));
    artefacts['eval_test'] = suite.artefact;
    expect(suite.artefact.oracle).toEqual({ status: 'valid', why: '' });
    expect(
      suite.artefact.tests.map(({ id, class: of, blocked, relevant, hidden }) => [
        id.split('::')[1],
        of,
        blocked,
        relevant,
        hidden,
      ]),
    ).toEqual([
      ['test_again', 'preserved', 'collection_error', true, false],
      ['test_blind', 'preserved', 'collection_error', false, false],
      ['test_mocks', 'gt_regression', 'collection_error', true, false],
      ['test_more', 'preserved', 'collection_error', false, false],
      ['test_unused', 'preserved', 'collection_error', false, false],
      ['test_uses', 'preserved', 'collection_error', true, false],
      ['test_new', 'preserved', 'collection_error', true, true],
      ['test_two', 'preserved', 'collection_error', false, true],
    ]);

    const gold = await patched(AFTER);
    expect(gold.grade).toMatchObject({ passRate: 1, resolved: true, sameAsDevelopers: true, preserved: 7 });
    expect(unitTestEvalScore(gold)).toMatchObject({ status: 'scored', value: 1, resolved: true });
    const noop = await patched(BEFORE);
    expect(noop.grade).toMatchObject({
      passRate: 0,
      resolved: false,
      preserved: 7,
      outcomes: { collection_error: 7 },
    });
    expect(noop.grade?.collectionErrors[0]).toMatchObject({
      file: 'tests/test_app.py',
      failingImport: 'oldlib',
    });

    const cheat = await patched({
      ...BEFORE,
      'tests/test_app.py': 'def test_uses(): pass\n',
      'conftest.py': 'import sys\n',
      'sitecustomize.py': 'x = 1\n',
      'app/other.py': 'def two():\n    return 2\n\n',
    });
    expect(cheat.grade).toMatchObject({ passRate: 0, resolved: false, preserved: 7 });
    expect(cheat.dropped.map((one) => one.path).sort()).toEqual([
      'conftest.py',
      'sitecustomize.py',
      'tests/test_app.py',
    ]);

    const half = await patched({ ...BEFORE, 'app/main.py': 'def value():\n    return 0\n' });
    expect(half.grade).toMatchObject({ passed: 4, preserved: 7, resolved: false });
  });

  test('where all labels lie in tests, the tests are what is migrated', { timeout: 400_000 }, async () => {
    const dir = scratchFolder();
    const tests = (library: string, call: string): string =>
      `import ${library}\ndef test_a(): assert ${library}.${call}() == 1\ndef test_b(): pass\n`;
    const before = { 'app/__init__.py': '', 'tests/test_app.py': tests('oldlib', 'load') };
    const after = { ...before, 'tests/test_app.py': tests('newlib', 'read') };
    const { context, artefacts, run, patched } = await world(dir, 'blocked', before, after);
    const change = { before: [[1, 1]], after: [[1, 1]], isImport: true };
    Object.assign(context.migration, { labels: [{ path: 'tests/test_app.py', changes: [change] }] });
    const suite = await run<EvalSuiteArtefact>(defineEvalTest(context));
    artefacts['eval_test'] = suite.artefact;
    expect(suite.artefact.tests.map((one) => [one.id.split('::')[1], one.class, one.blocked])).toEqual([
      ['test_a', 'preserved', 'collection_error'],
      ['test_b', 'preserved', 'collection_error'],
    ]);
    expect(await patched(after)).toMatchObject({
      grade: { resolved: true },
      dropped: [],
      marks: ['tests_migrated', 'oracle: degraded'],
    });
    expect(await patched(before)).toMatchObject({ grade: { passRate: 0 } });
  });

  test('without an environment the suites are empty and nothing is scored', async () => {
    const { context, artefacts, run, patched } = await world(scratchFolder(), 'gone');
    const setup = artefacts['env_setup'] as { dir: string; record: object };
    artefacts['env_setup'] = {
      ...setup,
      record: { ...setup.record, status: 'failed', why: 'no wheel for x' },
    };
    const helper = await run<HelperSuiteArtefact>(defineHelperTest(context));
    expect(helper).toMatchObject({
      outcome: 'empty',
      artefact: { ids: [], why: 'there is no environment: no wheel for x' },
    });
    const suite = await run<EvalSuiteArtefact>(defineEvalTest(context));
    artefacts['eval_test'] = suite.artefact;
    expect(suite.artefact.oracle.status).toBe('invalid');
    expect(await patched(AFTER)).toMatchObject({ status: 'unscored', why: 'environment: no wheel for x' });
  });

  test('where A is gone nothing needs to be blocked', { timeout: 400_000 }, async () => {
    const { context, artefacts, run, patched } = await world(scratchFolder(), 'gone');
    const repo = artefacts['repo_dl'] as { beforeTree: string };
    artefacts['repo_dl'] = repo;
    const suite = await run<EvalSuiteArtefact>(defineEvalTest(context));
    artefacts['eval_test'] = suite.artefact;
    // the developers' tests import A themselves, so with A gone only the new ones can be preserved
    expect(suite.artefact.tests.filter((one) => one.class === 'preserved').map(({ id }) => id)).toEqual([
      'tests/test_new.py::test_new',
      'tests/test_new.py::test_two',
    ]);
    expect((await patched(AFTER)).grade).toMatchObject({ resolved: true });
    expect((await patched(BEFORE)).grade).toMatchObject({ passRate: 0 });
  });

  test('a migrated file of another operating system is no part of the strength', { timeout: 400_000 }, async () => {
    const files = (library: string, call: string): Files => ({
      'app/more.py': `import ${library}\n\n\ndef more():\n    return ${library}.${call}() + 1\n`,
      'app/windows.py': `import registry_of_windows\nimport ${library}\n\n\ndef key():\n    return ${library}\n`,
    });
    const { context, run } = await world(
      scratchFolder(),
      'blocked',
      { ...BEFORE, ...files('oldlib', 'load') },
      { ...AFTER, ...files('newlib', 'read') },
    );
    const suite = await run<EvalSuiteArtefact>(defineEvalTest(context));
    const read = readEvalSuite(suite.dir);
    if (!read.ok) throw new Error(read.failure);
    const { strength, mutants } = read.value;
    expect(strength).toMatchObject({
      lines: { executable: 4 },
      unreachable: [{ path: 'app/windows.py', why: 'No module named registry_of_windows' }] });
    expect(mutants.map(({ name }) => name.split(':')[0])).toEqual(['app/main.py', 'app/more.py']);
    const table = readFileSync(path.join(path.dirname(suite.dir), 'logs', '0-gates.txt'), 'utf8');
    expect(table).toContain('left out  app/windows.py: cannot be run here, No module named registry_of_windows');
  }); // prettier-ignore
});
