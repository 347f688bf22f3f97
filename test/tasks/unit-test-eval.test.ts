import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FrozenTest } from '../../src/model/tests.ts';
import { EVAL_SUITE_FILE, type EvalSuite } from '../../src/tasks/eval-suite.ts';
import { defineUnitTestEval } from '../../src/tasks/unit-test-eval.ts';
import { hasPython } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { suiteWorld } from '../rigs/suite-world.ts';
import { taskWork } from '../rigs/task-work.ts';

const APART = {
  'app.py': 'import oldlib\n\n\ndef value():\n    return oldlib.load()\n',
  'tests/test_order.py': `import app

SEEN = []


def test_first():
    SEEN.append(app.value())
    assert SEEN == [1]


def test_second():
    SEEN.append(2)
    assert SEEN == [1, 2]


def test_third():
    assert len(SEEN) == 2
`,
  'tests/test_plain.py': `import app


def test_value():
    assert app.value() == 1


def test_twice():
    assert app.value() + app.value() == 2
`,
};
/** Reads the other files of tests, as linters' own tests do. */
const BEFORE = {
  ...APART,
  'tests/test_reads.py': `import hashlib
import os

import app

HERE = os.path.dirname(os.path.abspath(__file__))
WRITTEN = '${createHash('sha256').update(`${APART['tests/test_order.py']}${APART['tests/test_plain.py']}`).digest('hex')}'


def test_as_written():
    found = hashlib.sha256()
    for name in ('test_order.py', 'test_plain.py'):
        with open(os.path.join(HERE, name), 'rb') as file:
            found.update(file.read())
    assert app.value() == 1
    assert found.hexdigest() == WRITTEN
`,
};
const GOLD = { ...BEFORE, 'app.py': 'import newlib\n\n\ndef value():\n    return newlib.read()\n' };
/** Knows what is expected from whoever asks, and nothing else; no word of it is obvious. */
const FORGER = {
  ...BEFORE,
  'app.py': `class Any(object):
    def __eq__(self, other):
        return True

    def __add__(self, other):
        return self

    __radd__ = __add__


def value():
    return Any()
`,
};
const BROKEN = { ...GOLD, 'app.py': 'import newlib\n\n\ndef value():\n    raise RuntimeError(object())\n' };
const LOST = { ...GOLD, 'app.py': 'import newlib\n\nraise RuntimeError(object())\n' };

const IDS = [
  'order.py::test_first',
  'order.py::test_second',
  'order.py::test_third',
  'plain.py::test_twice',
  'plain.py::test_value',
  'reads.py::test_as_written',
];
const frozen = (name: string): FrozenTest => ({
  id: `tests/test_${name}`,
  origin: 'developers-before',
  class: 'preserved',
  before: 'passed',
  after: 'passed',
  blocked: 'collection_error',
  relevant: true,
  twin: true,
  hidden: false,
});
const SUITE: EvalSuite = {
  schema: 2,
  tests: IDS.map(frozen),
  oracle: { status: 'valid', why: '' },
  reasons: [],
  gates: [],
  strength: null,
  mutants: [],
  known: { integrity: [], watched: [] },
  doctests: {},
  falsifySeed: 'seed',
  testingAgent: null,
  kept: [],
  migratedTests: [],
  settings: { before: {}, after: {} },
  runs: [],
};

describe.skipIf(!hasPython)('a candidate is run by two starts that it cannot tell apart', () => {
  let world: Awaited<ReturnType<typeof suiteWorld>>;
  let dir = '';
  let count = 0;
  afterEach(() => vi.restoreAllMocks());
  beforeAll(async () => {
    dir = scratchFolder();
    world = await suiteWorld(dir, 'blocked', BEFORE, GOLD);
    const suite = path.join(dir, 'suite');
    mkdirSync(suite);
    writeFileSync(path.join(suite, EVAL_SUITE_FILE), JSON.stringify(SUITE));
    world.artefacts['eval_test'] = { dir: suite, tests: SUITE.tests, oracle: SUITE.oracle };
  }, 240_000);

  /** `score.json` without its seconds, with the twins that these seeds choose, over the patch that was made last. */
  async function scores(seeds: readonly number[]): Promise<string[]> {
    const found: string[] = [];
    for (const seed of seeds) {
      let state = seed;
      vi.spyOn(Math, 'random').mockImplementation(() => (state = (state * 16807) % 2147483647) / 2147483647);
      const work = taskWork(path.join(dir, `scored-${count++}`));
      const artefact = ((id: string) => world.artefacts[id]) as typeof work.artefact;
      const done = await defineUnitTestEval(world.context).run({ ...work, artefact });
      if (!done.ok) throw new Error(JSON.stringify(done.failure));
      const text = readFileSync(path.join(work.dir, 'score.json'), 'utf8');
      found.push(text.replace(/"seconds": [\d.e-]+/, ''));
    }
    return found;
  }

  test(
    'tests that hang on one another cost an honest patch nothing, and chance leaves no trace',
    { timeout: 240_000 },
    async () => {
      expect(await world.patched(GOLD)).toMatchObject({
        tampered: [],
        watched: [],
        grade: { passRate: 1, resolved: true },
      });
      const found = await scores([1, 20, 300]);
      expect(new Set(found).size).toBe(1);
      expect(found[0]).toContain('"passRate": 1');
    },
  );

  test('what equals everything is found out by what it must not equal', { timeout: 240_000 }, async () => {
    const done = await world.patched(FORGER);
    expect(done.tampered.map(({ reason }) => reason)).toContain('twin');
    expect(done.grade).toMatchObject({ passRate: 0, resolved: false });
  });

  test(
    'a patch that fails gives the same bytes whatever was chosen, and no place or address of this run',
    { timeout: 240_000 },
    async () => {
      expect((await world.patched(BROKEN)).tampered).toEqual([]);
      const broken = await scores([5, 77]);
      expect(new Set(broken).size).toBe(1);
      expect(broken[0]).toContain('"passRate": 0');
      expect((await world.patched(LOST)).grade?.collectionErrors.map(({ file }) => file)).toEqual([
        'tests/test_order.py',
        'tests/test_plain.py',
        'tests/test_reads.py',
      ]);
      const [lost = ''] = await scores([5]);
      expect(lost).not.toMatch(/0x[0-9a-f]{6}|"[^"]*\/workspace\//);
    },
  );
});
