import { describe, expect, test } from 'vitest';
import { validationRecord, type HealthFacts, type ValidationRecord } from '../../src/model/validation.ts';
import { healthReasonMessage } from '../../src/report/messages/validation.ts';
import { countsSentence, countVerdicts, decideHealth } from '../../src/report/validation.ts';
import { TABLE_LEGEND, validationTable, type TableEntry } from '../../src/report/validation-table.ts';

type Seen = HealthFacts['standIns']['gold'];
const seen = (editF1: number, resolved: boolean, more: Partial<Seen> = {}): Seen => ({
  notApplicable: null,
  patchEval: { status: 'scored', editF1, apply: 'strict' },
  unitTestEval: {
    status: 'scored',
    resolved,
    passed: resolved ? 8 : 3,
    preserved: 8,
    tampered: [],
    vacuous: false,
    failing: resolved ? [] : ['tests/test_a.py::test_b (failed)'],
  },
  ...more,
});
const strength = (killed: number, executed: number): NonNullable<HealthFacts['strength']> => {
  const value = Math.min(killed / 4, executed / 10);
  return {
    mutants: { total: 4, killed },
    lines: { executable: 10, executed },
    unreachable: [],
    value,
    lowConfidence: value < 0.5,
  };
};
const HEALTHY: HealthFacts = {
  environment: { status: 'ready', why: '' },
  oracle: { status: 'valid', why: '', reasons: [] },
  tests: { preserved: { 'developers-before': 6, 'developers-after': 1, generated: 1 }, hidden: 2 },
  strength: strength(4, 9),
  labels: 'derived',
  standIns: { gold: seen(1, true), noop: seen(0, false), half: seen(0.6, false) },
};
const degraded = (...reasons: HealthFacts['oracle']['reasons']): HealthFacts['oracle'] => ({
  status: 'degraded',
  why: 'as reasons say',
  reasons,
});
type StandIns = HealthFacts['standIns'];
const withStandIns = (standIns: Partial<StandIns>): HealthFacts => ({
  ...HEALTHY,
  standIns: { ...HEALTHY.standIns, ...standIns },
});
const unscored = (why: string): Partial<Seen> => ({ unitTestEval: { status: 'unscored', why } });
const tests = (more: Partial<Extract<Seen['unitTestEval'], { status: 'scored' }>>, of: Seen): Seen => ({
  ...of,
  unitTestEval: { ...of.unitTestEval, ...more } as Seen['unitTestEval'],
});

const both = { patch_eval: true, unit_test_eval: true };
const onlyPatch = { patch_eval: true, unit_test_eval: false };
const onlyTests = { patch_eval: false, unit_test_eval: true };

describe('the health of a migration', () => {
  test.each<[string, HealthFacts]>([
    ['gold 1 and resolved, no-op 0 and not, half between', HEALTHY],
    ['it has no half', withStandIns({ half: seen(0, false, { notApplicable: '1 group' }) })],
    ['half passes all tests: half a migration may work', withStandIns({ half: seen(0.5, true) })],
    ['strength is not known', { ...HEALTHY, strength: null }],
    ['no-op passes some of the tests', withStandIns({ noop: tests({ passed: 7 }, seen(0, false)) })],
  ])('is healthy where %s', (_, facts) => {
    expect(decideHealth(facts)).toEqual({ verdict: 'healthy', reasons: [], believable: both });
  });

  test.each<[string, HealthFacts, string]>([
    [
      'the tests judge with reservations',
      { ...HEALTHY, oracle: degraded({ reason: 'few-preserved', preserved: 2 }) },
      'oracle-degraded',
    ],
    ['mutants survive', { ...HEALTHY, strength: strength(1, 9) }, 'low-strength'],
    ['migrated lines are not run', { ...HEALTHY, strength: strength(4, 4) }, 'low-strength'],
    [
      'there is nothing to measure strength by',
      { ...HEALTHY, strength: { ...strength(0, 0), value: null } },
      'low-strength',
    ],
    [
      'imports alone satisfy the tests',
      { ...HEALTHY, oracle: degraded({ reason: 'import-only-passes' }) },
      'oracle-degraded',
    ],
    ['gold is vacuous', withStandIns({ gold: tests({ vacuous: true }, seen(1, true)) }), 'vacuous'],
  ])('is degraded where %s', (_, facts, reason) => {
    const decided = decideHealth(facts);
    expect(decided).toMatchObject({ verdict: 'degraded', reasons: [{ reason }], believable: both });
  });

  const noPatch = (status: 'unscored' | 'not_applicable', why: string): Partial<StandIns> => {
    const patchEval = { status, why };
    return Object.fromEntries(
      Object.entries(HEALTHY.standIns).map(([name, of]) => [name, { ...of, patchEval }]),
    );
  };
  test.each<[string, HealthFacts, object, object]>([
    ['gold is not 1', withStandIns({ gold: seen(0.99, true) }), { reason: 'wrong-edit-f1', standIn: 'gold' }, onlyTests],
    ['no-op is not 0', withStandIns({ noop: seen(0.01, false) }), { reason: 'wrong-edit-f1', standIn: 'noop' }, onlyTests],
    ['half is 0', withStandIns({ half: seen(0, false) }), { reason: 'wrong-edit-f1', standIn: 'half' }, onlyTests],
    ['half is 1', withStandIns({ half: seen(1, false) }), { reason: 'wrong-edit-f1', standIn: 'half' }, onlyTests],
    ['the measure is off by its own stand-ins', withStandIns(noPatch('unscored', 'calibration: x')), { reason: 'unscored', standIn: 'gold', score: 'patch_eval', why: 'calibration: x' }, onlyTests],
    ['the trees are alike', withStandIns(noPatch('not_applicable', 'identical by design')), { reason: 'nothing-to-migrate' }, onlyTests],
    ["gold's patch does not go on", withStandIns({ gold: seen(0, true, { patchEval: { status: 'scored', editF1: 0, apply: 'conflict' } }) }), { reason: 'does-not-apply', standIn: 'gold' }, onlyTests],
    ['gold is not resolved', withStandIns({ gold: seen(1, false) }), { reason: 'gold-not-resolved', passed: 3, preserved: 8 }, onlyPatch],
    ['no-op is resolved', withStandIns({ noop: seen(0, true) }), { reason: 'noop-resolved', preserved: 8 }, onlyPatch],
    ['gold is taken for tampering', withStandIns({ gold: tests({ resolved: false, tampered: [{ reason: 'x', detail: 'y' }] }, seen(1, true)) }), { reason: 'tampered', standIn: 'gold' }, onlyPatch],
    ['half is taken for tampering', withStandIns({ half: tests({ tampered: [{ reason: 'x', detail: 'y' }] }, seen(0.5, false)) }), { reason: 'tampered', standIn: 'half' }, onlyPatch],
    ['there is no environment', { ...withStandIns({ gold: seen(1, true, unscored('e')) }), environment: { status: 'refused', why: 'no Python 2.5' } }, { reason: 'no-environment', status: 'refused', why: 'no Python 2.5' }, onlyPatch],
    ['no test can judge', { ...withStandIns({ gold: seen(1, true, unscored('o')) }), oracle: { status: 'invalid', why: 'there are no tests', reasons: [{ reason: 'no-tests' }] } }, { reason: 'no-oracle', why: 'there are no tests' }, onlyPatch],
    ['a stand-in has no test score though there are tests', withStandIns({ noop: seen(0, false, unscored('odd')) }), { reason: 'unscored', standIn: 'noop', score: 'unit_test_eval' }, onlyPatch],
  ])('is unhealthy where %s', (_, facts, reason, believable) => {
    const decided = decideHealth(facts);
    expect(decided).toMatchObject({ verdict: 'unhealthy', believable });
    expect(decided.reasons).toEqual([expect.objectContaining(reason)]);
    expect(healthReasonMessage(decided.reasons[0]!)).toMatch(/^[^.]{10,}/);
  }); // prettier-ignore

  test('the worst reason comes first, and none hides another', () => {
    const facts = { ...withStandIns({ noop: seen(0, true) }), strength: strength(0, 0) };
    const decided = decideHealth({
      ...facts,
      oracle: degraded(
        { reason: 'few-preserved', preserved: 2 },
        { reason: 'noop-passes' },
        { reason: 'low-strength', value: 0 },
      ),
    });
    expect(decided.reasons.map(({ reason }) => reason)).toEqual([
      'noop-resolved',
      'oracle-degraded',
      'low-strength',
    ]);
    expect(decided.verdict).toBe('unhealthy');
    // What has a reason of its own is not said twice.
    expect(healthReasonMessage(decided.reasons[1]!)).toBe(
      'its tests judge with reservations: only 2 preserved tests',
    );
  });

  test('a fault of ours says that it is one', () => {
    const facts = withStandIns({
      gold: tests({ tampered: [{ reason: 'x', detail: 'canary passed' }] }, seen(1, false)),
    });
    const [reason] = decideHealth(facts).reasons;
    expect(healthReasonMessage(reason!)).toBe(
      'the ground truth was taken for tampering: x (canary passed); a fault of mig-pipeline, please report it',
    );
  });
});

test('totals add up, those that could not be validated among them', () => {
  const counts = countVerdicts(['healthy', 'degraded', 'healthy', 'unhealthy', null, null, null]);
  expect(counts).toEqual({ total: 7, healthy: 2, degraded: 1, unhealthy: 1, unknown: 3 });
  expect(countsSentence(counts)).toBe(
    '7 migrations: 2 healthy, 1 degraded, 1 unhealthy, 3 could not be validated',
  );
  expect(countsSentence(countVerdicts(['healthy']))).toMatch(/^1 migration: 1 healthy, 0 /);
});

function record(facts: HealthFacts, id: string): ValidationRecord {
  return {
    schema: 1,
    rules: 1,
    id,
    testing: 'existing',
    ...decideHealth(facts),
    ...facts,
    decidedAt: '2026-11-24T12:00:00.000Z',
    tool: '0.1.0',
    entry: 'e',
    stamps: [],
  };
}
const entry = (facts: HealthFacts, id: string): TableEntry => ({
  status: 'validated',
  id,
  record: record(facts, id),
});

test('a record of any verdict is one of the published form', () => {
  for (const facts of [HEALTHY, withStandIns({ noop: seen(0, true) }), { ...HEALTHY, strength: null }])
    expect(validationRecord.parse(record(facts, 'a'))).toEqual(record(facts, 'a'));
});

describe('the table', () => {
  const long = `${'x'.repeat(60)}__b__o@r__00000001`;
  const blind = { ...withStandIns({ noop: seen(0, true) }), strength: strength(1, 2) };
  const entries: TableEntry[] = [
    entry(HEALTHY, 'a__b__o@r__00000001'),
    entry(blind, long),
    entry(withStandIns({ half: seen(0, false, { notApplicable: '1 group' }) }), 'c__d__o@r__00000001'),
    { status: 'unknown', id: 'e__f__o@r__00000001', why: 'The engine does not answer, whatever is tried.' },
  ];

  test('has a line for each, the numbers in their columns, and why below', () => {
    const lines = validationTable(entries, 120);
    expect(lines[0]).toMatch(/^verdict +migration +gold +noop +half +tests +mutants lines +labels$/);
    expect(lines[1]).toMatch(
      /^healthy +a__b__o@r__00000001 +1 ✓ +0 ✗ +0\.6 ✗ +6\+1\+1 +4\/4 {2}9\/10 +derived$/,
    );
    const column = lines[0]!.indexOf('gold');
    expect(lines.find((line) => line.includes('0 ✓'))!.indexOf('1 ✓')).toBe(column);
    expect(lines.join('\n')).toContain('fail on 1 of 4 hunk mutants and run 2 of 10 migrated lines');
    expect(lines.find((line) => line.includes('c__d'))).toContain('n/a');
    expect(lines.at(-2)).toBe('unknown    e__f__o@r__00000001');
    expect(lines.at(-1)).toBe('           The engine does not answer, whatever is tried.');
  });

  test.each([60, 80, 100, 120, 200])('fits %i columns and cuts no id', (columns) => {
    const lines = validationTable(entries, columns);
    for (const { id } of entries) expect(lines.some((line) => line.includes(id))).toBe(true);
    for (const line of lines) if (!line.includes(long)) expect(line.length).toBeLessThanOrEqual(columns);
  });

  test('says nothing of strength where it was not measured, and rounds no half to a whole', () => {
    const [, line] = validationTable(
      [entry({ ...withStandIns({ half: seen(0.99999, false) }), strength: null }, 'a')],
      120,
    );
    expect(line).toMatch(/0\.999 ✗ .* not measured /);
  });

  test('its legend fits a narrow terminal', () => {
    for (const line of TABLE_LEGEND) expect(line.length).toBeLessThanOrEqual(100);
  });
});
