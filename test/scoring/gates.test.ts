import { describe, expect, test } from 'vitest';
import { TEST_GATES, type GatedTest, type TestGate, type TestOutcome } from '../../src/model/tests.ts';
import { gatesNote, gatesTable } from '../../src/report/gates-table.ts';
import { type GateFacts, gateTest, passesStatically, type Steadiness } from '../../src/scoring/gates.ts';
import { strengthOf } from '../../src/scoring/strength.ts';

const STEADY: Steadiness = {
  plain: 'passed',
  again: 'passed',
  shuffled: 'passed',
  alone: 'passed',
  clock: 'passed',
  hashSeed: 'passed',
};
const SOURCE = { imports: [], forbidden: [], asserts: true };
const GOOD: GateFacts = {
  id: 'mig_generated/tests/test_a.py::test_x',
  origin: 'generated',
  parseError: null,
  source: SOURCE,
  steady: STEADY,
  message: '',
  before: ['passed', 'passed', 'passed'],
  relevance: { blocked: 'collection_error', executes: true, kills: null },
};
const steady = (condition: keyof Steadiness, outcome: TestOutcome): Partial<GateFacts> => ({
  steady: { ...STEADY, [condition]: outcome },
});
const NO_DIFFERENCE = { blocked: 'passed', executes: false, kills: null } as const;

/** What each gate rejects, and it alone: every other one is passed by the same facts. */
const REJECTED: readonly [TestGate, Partial<GateFacts>, string][] = [
  ['parses', { parseError: 'SyntaxError, line 1', source: null, steady: null, before: null }, 'SyntaxError, line 1'],
  ['imports', { source: { ...SOURCE, imports: ['line 2: import toml'] } }, 'line 2: import toml'],
  ['forbidden', { source: { ...SOURCE, forbidden: ['clock: line 3, time.time'] } }, 'clock: line 3, time.time'],
  ['asserts', { source: { ...SOURCE, asserts: false } }, 'nothing in it can fail by what the code gives'],
  ['passes', { ...steady('plain', 'failed'), message: 'E\n  assert 1 == 2\n' }, 'failed: assert 1 == 2'],
  ['passes', steady('plain', 'skipped'), 'skipped'],
  ['passes', steady('plain', 'xfail'), 'xfail'],
  ['passes', steady('again', 'failed'), 'passes once and then not: failed'],
  ['isolated', steady('shuffled', 'failed'), 'in another order: failed'],
  ['isolated', steady('alone', 'error'), 'alone: error'],
  ['clock', steady('clock', 'failed'), 'on another day: failed'],
  ['hash-seed', steady('hashSeed', 'failed'), 'with another seed of hashes: failed'],
  ['preserved', { before: ['failed', 'failed', 'failed'] }, 'on the tree before: failed'],
  ['preserved', { before: ['passed', 'failed', 'passed'] }, 'disagrees with itself on the tree before: passed, failed, passed'],
  ['relevant', { relevance: NO_DIFFERENCE }, 'the same with and without the migration'],
]; // prettier-ignore

describe('a generated test passes every gate or is rejected by the first that it does not', () => {
  test('one that passes all is kept', () => {
    const gated = gateTest(GOOD);
    expect(gated).toMatchObject({ kept: true, rejectedBy: null });
    expect(gated.verdicts.map(({ gate }) => gate)).toEqual(TEST_GATES);
  });

  test.each(REJECTED)('%s: %j', (gate, facts, why) => {
    const gated = gateTest({ ...GOOD, ...facts });
    expect(gated).toMatchObject({ kept: false, rejectedBy: gate });
    expect(gated.verdicts.at(-1)).toEqual({ gate, passed: false, why });
    expect(gated.verdicts.slice(0, -1).every(({ passed }) => passed)).toBe(true);
  });

  test.each([
    [{ ...NO_DIFFERENCE, blocked: 'failed' }, 'failed on the unchanged code without the source library'],
    [{ ...NO_DIFFERENCE, executes: true }, 'executes a line of the migration'],
    [{ ...NO_DIFFERENCE, kills: 'a.py:3:3' }, 'fails where a.py:3:3 is taken back'],
  ] as const)('any one thing makes it relevant: %j', (relevance, why) => {
    const gated = gateTest({ ...GOOD, relevance });
    expect(gated.kept).toBe(true);
    expect(gated.verdicts.at(-1)).toEqual({ gate: 'relevant', passed: true, why });
  });

  test('a helper suite has no other tree to pass on, and no gate for it', () => {
    const relevance = { blocked: null, executes: true, kills: null };
    const gates = gateTest({ ...GOOD, before: null, relevance }).verdicts.map(({ gate }) => gate);
    expect(gates).toEqual(TEST_GATES.filter((gate) => gate !== 'preserved'));
  });

  test('what the source alone rejects is never run', () => {
    expect(passesStatically(GOOD)).toBe(true);
    const isStatic = (gate: TestGate): boolean =>
      ['parses', 'imports', 'forbidden', 'asserts'].includes(gate);
    for (const [gate, facts] of REJECTED)
      expect(passesStatically({ ...GOOD, ...facts })).toBe(!isStatic(gate));
  });
});

describe('a developers’ test', () => {
  const own = (facts: Partial<GateFacts>): GatedTest =>
    gateTest({
      ...GOOD,
      origin: 'developers-before',
      steady: { ...STEADY, alone: null, clock: null, hashSeed: null },
      ...facts,
    });

  test('may import what it likes, ask for the time, assert nothing and be irrelevant: the last two are recorded', () => {
    const gated = own({
      source: { imports: ['line 1: import toml'], forbidden: ['clock: line 1, time.time'], asserts: false },
      relevance: NO_DIFFERENCE,
    });
    expect(gated).toMatchObject({ kept: true, rejectedBy: null });
    expect(gated.verdicts.filter(({ passed }) => !passed).map(({ gate }) => gate)).toEqual([
      'asserts',
      'relevant',
    ]);
  });

  test.each([
    [{ steady: { ...STEADY, plain: 'failed' } }, 'passes'],
    [{ steady: { ...STEADY, shuffled: 'failed' } }, 'isolated'],
    [{ before: ['failed'] }, 'preserved'],
  ] as const)('that is not preserved does not count: %j', (facts, gate) => {
    expect(own(facts)).toMatchObject({ kept: false, rejectedBy: gate });
  });
});

describe('the table of the gates', () => {
  const rows = REJECTED.map(([, facts], index) => gateTest({ ...GOOD, ...facts, id: `t.py::t${index}` }));
  const all = [gateTest(GOOD), ...rows];

  test('counts add up: what each gate rejected and what is kept', () => {
    const table = gatesTable(all, {
      strength: null,
      mutants: [],
      testingAgent: { agent: 'x', outcome: 'tests', why: '' },
    });
    const [agent, head = '', counts = ''] = table.split('\n');
    expect(agent).toBe('testing agent x: tests');
    const columns = head.split(/ +/);
    const numbers = counts.split(/ +/).slice(1).map(Number);
    expect(columns.slice(3)).toEqual(TEST_GATES);
    expect(numbers[0]).toBe(all.length);
    expect(numbers.slice(1).reduce((a, b) => a + b, 0)).toBe(all.length);
    for (const { id } of rows) expect(table).toContain(id);
  });

  test('the note of a task names what was lost at which gate', () => {
    expect(gatesNote(all)).toBe(
      'generated: 1 of 16 kept (parses 1, imports 1, forbidden 1, asserts 1, passes 4, isolated 2, clock 1, hash-seed 1, preserved 2, relevant 1)',
    );
    expect(gatesNote([])).toBe('');
  });
});

describe('the strength of a suite', () => {
  const lines = { 'a.py': [1, 2, 3, 4] };
  test.each([
    [{ total: 4, killed: 3 }, lines, [{ 'a.py': [1, 2, 9] }, { 'a.py': [2, 3], 'b.py': [1] }], 0.75, false],
    [{ total: 4, killed: 1 }, lines, [lines], 0.25, true],
    [{ total: 2, killed: 2 }, lines, [{ 'a.py': [1] }], 0.25, true],
    [{ total: 2, killed: 1 }, {}, [], 0.5, false],
    [{ total: 0, killed: 0 }, lines, [{ 'a.py': [1, 2] }], 0.5, false],
    [{ total: 0, killed: 0 }, {}, [], null, true],
  ] as const)('%#: mutants %j, lines %j', (mutants, executable, executed, value, lowConfidence) => {
    expect(strengthOf(mutants, { executable, unreachable: [] }, executed)).toMatchObject({
      value,
      lowConfidence,
    });
  });
});
