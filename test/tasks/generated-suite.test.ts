import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EvalSuiteArtefact, HelperSuiteArtefact } from '../../src/model/artefacts.ts';
import { readEvalSuite } from '../../src/tasks/eval-suite.ts';
import { defineEvalTest } from '../../src/tasks/eval-test.ts';
import { readHelperManifest } from '../../src/tasks/helper-manifest.ts';
import { defineHelperTest } from '../../src/tasks/helper-test.ts';
import { hasPython } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { suiteWorld } from '../rigs/suite-world.ts';
import { scriptedTestingAgent } from '../rigs/testing-agent.ts';

const BEFORE = {
  'app/__init__.py': '',
  'app/main.py': `import datetime
import oldlib

SEEN = {}


def value():
    return oldlib.load()


def twice():
    return value() * 2


def year():
    return datetime.date.today().year * value()


def letters():
    return list({'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'})[: 8 * value()]


def remember(name):
    SEEN[name] = value()
    return SEEN[name]


def fail():
    raise ValueError(value())
`,
  'app/other.py': 'def two():\n    return 2\n',
};
const MAIN = BEFORE['app/main.py'].replace('oldlib.load()', 'newlib.read()').replace('oldlib', 'newlib');
const AFTER = { ...BEFORE, 'app/main.py': `${MAIN}\n\ndef more():\n    return value() + 2\n` };

/** As a generator may write them, each with the gate that rejects it. */
const GENERATED = {
  'tests/test_good.py': `"""Nothing here imports oldlib."""
import unittest

import pytest

from app import main


def check(value):
    assert value == 2


def test_value():
    assert main.value() == 1


def test_by_helper():
    check(main.twice())


def test_raises():
    with pytest.raises(ValueError):
        main.fail()


@pytest.mark.parametrize('times', [1, 2])
def test_parameters(times):
    assert main.value() * times == times


class TestCase(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(main.twice(), 2)
`,
  'tests/test_hollow.py': `from app import main


def test_tautology():
    seen = main.value()
    assert seen == seen


def test_asserts_nothing():
    main.value()


def test_swallows():
    try:
        assert main.value() == 1
    except Exception:
        pass
`,
  'tests/test_libraries.py': `import importlib
from unittest import mock

from app import main


def test_imports_a():
    import oldlib
    assert main.value() == oldlib.load()


def test_imports_b_by_name():
    assert importlib.import_module('newlib') is not None and main.value() == 1


def test_patches_a():
    with mock.patch('app.main.oldlib.load', return_value=5):
        assert main.value() == 5
`,
  'tests/test_outside.py': `import datetime
import os
import random

from app import main


def test_clock():
    assert main.year() == datetime.date.today().year


def test_absolute_path():
    assert not os.path.exists('/home/somebody/file') and main.value() == 1


def test_network():
    import socket
    assert main.value() == 1 and socket.SOCK_STREAM


def test_random():
    assert main.value() <= random.randint(1, 6)


def test_seeded():
    random.seed(3)
    assert random.randint(1, 6) == random.Random(3).randint(1, 6) * main.value()
`,
  'tests/test_hidden_causes.py': `from app import main


def test_year():
    assert main.year() == <<<from app import main; print(main.year())>>>


def test_letters():
    assert main.letters() == <<<from app import main; print(main.letters())>>>
`,
  'tests/test_order.py': `from app import main


def test_first():
    assert main.remember('first') == 1


def test_second():
    assert main.SEEN['first'] == main.value()
`,
  'tests/test_trees.py': `from app import main


def test_only_on_gold():
    assert main.more() == 3


def test_never():
    assert main.value() == 7
`,
  'tests/test_other.py': 'from app import other\n\n\ndef test_irrelevant():\n    assert other.two() == 2\n',
  'tests/test_broken.py': 'def test_broken(:\n    assert True\n',
};
/** What it writes for helpers, who show it to coding agents: one test is the same. */
const SHOWN = {
  'helper/test_shown.py': `import pytest
from app import main


def test_a():
    # whatever it is called
    assert main.value()  == 1


def test_b():
    assert main.value() == 1 == main.value()
`,
};
const EXPECTED = {
  'test_good.py': { test_value: null, test_by_helper: null, test_raises: null, 'test_parameters[1]': null, 'test_parameters[2]': null, 'TestCase::test_twice': null },
  'test_hollow.py': { test_tautology: 'asserts', test_asserts_nothing: 'asserts', test_swallows: 'asserts' },
  'test_libraries.py': { test_imports_a: 'imports', test_imports_b_by_name: 'imports', test_patches_a: 'imports' },
  'test_outside.py': { test_clock: 'forbidden', test_absolute_path: 'forbidden', test_network: 'forbidden', test_random: 'forbidden', test_seeded: null },
  'test_hidden_causes.py': { test_year: 'clock', test_letters: 'hash-seed' },
  'test_order.py': { test_first: null, test_second: 'isolated' },
  'test_trees.py': { test_only_on_gold: 'preserved', test_never: 'passes' },
  'test_other.py': { test_irrelevant: 'relevant' },
  'test_broken.py': 'parses',
} as const; // prettier-ignore

describe.skipIf(!hasPython)('a testing agent that is run as a command', () => {
  test(
    'of 25 tests exactly the right ones survive, each other one rejected by its gate',
    { timeout: 900_000 },
    async () => {
      const dir = scratchFolder();
      const { context, run, artefacts, patched } = await suiteWorld(dir, 'blocked', BEFORE, AFTER);
      const testing = scriptedTestingAgent(dir, { ...GENERATED, ...SHOWN });
      const made = await run<EvalSuiteArtefact>(defineEvalTest({ ...context, testing }));
      const suite = readEvalSuite(made.dir);
      if (!suite.ok) throw new Error(suite.failure);
      const { gates, tests, strength, testingAgent, mutants } = suite.value;
      const verdicts: Record<string, unknown> = {};
      for (const { id, rejectedBy } of gates) {
        const [file = '', ...names] = id.replace('mig_generated/tests/', '').split('::');
        if (names.length === 0) verdicts[file] = rejectedBy;
        else verdicts[file] = { ...(verdicts[file] as object | undefined), [names.join('::')]: rejectedBy };
      }
      expect(verdicts).toEqual(EXPECTED);
      expect(testingAgent).toMatchObject({ agent: 'scripted', outcome: 'tests', why: '' });
      const manifest: unknown = JSON.parse(
        readFileSync(path.join(made.dir, 'testing-agent', 'output', 'manifest.json'), 'utf8'),
      );
      expect(manifest).toEqual({ mode: 'eval', truth: ['after', 'before', 'labels.json', 'patch.diff'] });

      // what only the ground truth passes is kept aside, everything else that was rejected is not there
      const kept = tests.map(({ id, class: of, hidden, twin, relevant }) => [
        id.split('/').at(-1),
        of,
        hidden,
        twin,
        relevant,
      ]);
      expect(kept).toEqual([
        ['test_good.py::TestCase::test_twice', 'preserved', true, true, true],
        ['test_good.py::test_by_helper', 'preserved', true, true, true],
        ['test_good.py::test_parameters[1]', 'preserved', true, true, true],
        ['test_good.py::test_parameters[2]', 'preserved', true, true, true],
        ['test_good.py::test_raises', 'preserved', true, true, true],
        ['test_good.py::test_value', 'preserved', false, true, true],
        ['test_order.py::test_first', 'preserved', true, true, true],
        ['test_outside.py::test_seeded', 'preserved', true, true, true],
        ['test_trees.py::test_only_on_gold', 'gt_specific', true, false, true],
      ]);
      expect(strength).toEqual({
        mutants: { total: 1, killed: 1 },
        lines: { executable: 2, executed: 2 },
        unreachable: [],
        value: 1,
        lowConfidence: false,
      });
      expect(mutants[0]).toMatchObject({ killed: true, ran: 9 });
      expect(suite.value.oracle).toEqual({ status: 'valid', why: '' });
      expect(suite.value.known).toEqual({ integrity: [], watched: [] });
      const table = readFileSync(path.join(path.dirname(made.dir), 'logs', '0-gates.txt'), 'utf8');
      expect(table).toContain(
        'generated  25     8     1       3        4          3        1       1         1      1          1          1',
      );
      expect(table).toMatch(
        /clock {2}mig_generated\/tests\/test_hidden_causes.py::test_year {2}\(generated\): on another day: failed/,
      );

      artefacts['eval_test'] = made.artefact;
      expect((await patched(AFTER)).grade).toMatchObject({
        resolved: true,
        preserved: 8,
        origins: { generated: { preserved: 8, passed: 8 } },
      });
      expect((await patched(BEFORE)).grade).toMatchObject({ resolved: false, passed: 0 });
    },
  );

  test(
    'a helper suite has the developers’ tests and what passes the gates on the tree before',
    { timeout: 600_000 },
    async () => {
      const dir = scratchFolder();
      const own = { 'tests/test_own.py': 'from app import main\ndef test_own(): assert main.value() == 1\n' };
      const { context, run } = await suiteWorld(dir, 'blocked', { ...BEFORE, ...own }, { ...AFTER, ...own });
      const testing = scriptedTestingAgent(dir, GENERATED);
      const made = await run<HelperSuiteArtefact>(defineHelperTest({ ...context, testing }));
      const generated = [
        'test_good.py::TestCase::test_twice',
        'test_good.py::test_by_helper',
        'test_good.py::test_parameters[1]',
        'test_good.py::test_parameters[2]',
        'test_good.py::test_raises',
        'test_good.py::test_value',
        'test_order.py::test_first',
        'test_outside.py::test_seeded',
      ];
      expect(made.artefact.ids).toEqual([
        'tests/test_own.py::test_own',
        ...generated.map((id) => `mig_generated/tests/${id}`),
      ]);
      const manifest = readHelperManifest(made.dir);
      expect(manifest).toMatchObject({
        ok: true,
        value: {
          testingAgent: { outcome: 'tests' },
          files: [
            'tests/test_own.py',
            ...['good', 'order', 'outside'].map((name) => `mig_generated/tests/test_${name}.py`),
          ],
        },
      });
      const said: unknown = JSON.parse(
        readFileSync(path.join(made.dir, 'testing-agent', 'output', 'manifest.json'), 'utf8'),
      );
      expect(said).toEqual({ mode: 'helper', truth: null });
      expect(existsSync(path.join(made.dir, 'tests', 'mig_generated', 'tests', 'test_good.py'))).toBe(true);
      expect(existsSync(path.join(made.dir, 'tests', 'mig_generated', 'tests', 'test_hollow.py'))).toBe(
        false,
      );
    },
  );

  test(
    'an agent that crashes, says nothing or runs out of time is a result with its reason',
    { timeout: 600_000 },
    async () => {
      const dir = scratchFolder();
      const { context, run } = await suiteWorld(dir, 'blocked', BEFORE, AFTER);
      const ways = [
        [
          'import sys; sys.exit(3)\n',
          '',
          'crashed',
          'exit code 3',
          'there are no tests; the testing agent ended as crashed: exit code 3',
        ],
        [
          "print('no entry point')\n",
          '',
          'empty',
          'it handed no tests over; its last words: no entry point',
          'there are no tests',
        ],
        [
          'import time; time.sleep(60)\n',
          'limits: { wallSeconds: 1 }\n',
          'timeout',
          'wall clock limit of 1 s',
          'there are no tests; the testing agent ended as timeout: wall clock limit of 1 s',
        ],
      ] as const;
      for (const [index, [program, limits, outcome, why, oracle]] of ways.entries()) {
        const testing = scriptedTestingAgent(path.join(dir, String(index)), {}, program, limits);
        const made = await run<EvalSuiteArtefact>(defineEvalTest({ ...context, testing }));
        expect(made.outcome).toBe('empty');
        expect(made.artefact.oracle).toEqual({ status: 'invalid', why: oracle });
        const suite = readEvalSuite(made.dir);
        expect(suite).toMatchObject({ ok: true, value: { testingAgent: { outcome, why } } });
      }
    },
  );
});
