import { describe, expect, test } from 'vitest';
import { oracleStatus } from '../../src/model/oracle.ts';
import type { FrozenTest, SuiteStrength, TestOutcome } from '../../src/model/tests.ts';
import { oracleWhy } from '../../src/report/oracle-words.ts';
import { type OracleFacts, oracleReasons } from '../../src/scoring/oracle.ts';
import { freeze } from '../../src/scoring/test-classes.ts';

function frozen(before: TestOutcome, after: TestOutcome, blocked: TestOutcome = 'failed'): FrozenTest {
  const states = { before: [before], after: [after], blocked } as const;
  return freeze({ id: 't', origin: 'developers-before', ...states, relevant: null, twin: false, hidden: false });
} // prettier-ignore
const strength = (value: number | null): SuiteStrength => ({
  mutants: { total: 0, killed: 0 },
  lines: { executable: 0, executed: 0 },
  unreachable: [],
  value,
  lowConfidence: value === null || value < 0.5,
});
const many = Array.from({ length: 20 }, () => frozen('passed', 'passed'));
const flaky = freeze({ ...frozen('passed', 'passed'), before: ['passed', 'failed'], after: ['passed'] });
const NONE: OracleFacts = {
  tests: many,
  goldErrors: [],
  dropped: [],
  unfinished: [],
  importOnlyPasses: null,
  strength: null,
  session: null,
};
const error = (file: string, failingImport: string | null) => ({ file, failingImport, message: '' });

describe('the oracle says why it is not valid', () => {
  test.each<[Partial<OracleFacts>, string, string]>([
    [{}, 'valid', ''],
    [{ tests: [] }, 'invalid', 'there are no tests'],
    [
      { tests: [frozen('passed', 'collection_error')], goldErrors: [error('tests/test_a.py', 'newlib')] },
      'invalid',
      'the ground truth cannot be imported: tests/test_a.py (import of newlib fails)',
    ],
    [{ tests: [frozen('passed', 'failed')] }, 'invalid', 'no test passes on the ground truth'],
    [
      { tests: [frozen('failed', 'passed')], goldErrors: [error('tests/test_b.py', 'x')] },
      'invalid',
      'no test is preserved',
    ],
    [{ tests: many.slice(0, 4) }, 'degraded', 'only 4 preserved tests'],
    [{ dropped: ['x', 'y'] }, 'degraded', 'dropped requirements: x, y'],
    [
      { unfinished: [{ run: 'before-tests-on-after', ended: 'oom' }] },
      'degraded',
      'before-tests-on-after: oom',
    ],
    [{ tests: [...many, flaky, flaky, flaky] }, 'degraded', '3 flaky tests'],
    [{ tests: [...many, flaky, flaky] }, 'valid', ''],
    [
      { tests: many.map(() => frozen('passed', 'passed', 'passed')) },
      'degraded',
      'a no-op passes every preserved test',
    ],
    [
      { importOnlyPasses: true },
      'degraded',
      'a candidate that changes the imports alone passes every preserved test',
    ],
    [{ importOnlyPasses: false }, 'valid', ''],
    [{ strength: strength(0.25) }, 'degraded', 'the tests are weak: strength 0.25'],
    [{ strength: strength(null) }, 'degraded', 'the strength of the tests could not be measured'],
    [{ strength: strength(0.5) }, 'valid', ''],
    [
      { session: { outcome: 'crashed', why: 'exit code 3' } },
      'degraded',
      'the testing agent ended as crashed: exit code 3',
    ],
    [{ session: { outcome: 'empty', why: 'nothing to test' } }, 'valid', ''],
    [{ dropped: ['x'], tests: many.slice(0, 2) }, 'degraded', 'dropped requirements: x; only 2 preserved tests'],
  ])('%#: %j', (facts, status, why) => {
    const reasons = oracleReasons({ ...NONE, ...facts });
    expect([oracleStatus(reasons), oracleWhy(reasons)]).toEqual([status, why]);
  }); // prettier-ignore
});
