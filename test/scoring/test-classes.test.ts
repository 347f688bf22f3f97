import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TEST_OUTCOMES, type FrozenTest, type TestOutcome } from '../../src/model/tests.ts';
import { freezeGroup } from '../../src/scoring/frozen-group.ts';
import { classOf, freeze, grade, outcomeOf, testGrade } from '../../src/scoring/test-classes.ts';

const frozen = (
  id: string,
  before: TestOutcome,
  after: TestOutcome,
  rest: Partial<FrozenTest> = {},
): FrozenTest => ({
  ...freeze({
    id,
    origin: 'developers-before',
    before: [before],
    after: [after],
    blocked: 'failed',
    relevant: null,
    twin: false,
    hidden: false,
  }),
  ...rest,
});

describe('classes', () => {
  test.each([
    [['passed'], ['passed'], 'preserved'],
    [['xpass'], ['passed'], 'preserved'],
    [['failed'], ['passed'], 'gt_specific'],
    [['missing'], ['passed'], 'gt_specific'],
    [['passed'], ['failed'], 'gt_regression'],
    [['passed'], ['skipped'], 'gt_regression'],
    [['passed'], ['collection_error'], 'gt_regression'],
    [['skipped'], ['skipped'], 'env_broken'],
    [['error'], ['timeout'], 'env_broken'],
    [['passed', 'failed'], ['passed'], 'flaky'],
    [['passed', 'passed', 'passed'], ['passed', 'passed', 'crash'], 'flaky'],
    [['failed', 'error'], ['passed', 'xpass'], 'gt_specific'],
  ] as const)('%j before and %j after is %s', (before, after, expected) => {
    expect(classOf(before, after)).toBe(expected);
  });
});

describe('what became of an expected test', () => {
  const run = {
    tests: { 't/test_a.py::x': 'passed' as const },
    collectionErrors: [
      { file: 't/test_b.py', failingImport: 'a', message: '' },
      { file: 't/sub/conftest.py', failingImport: null, message: '' },
    ],
  };
  test.each([
    ['t/test_a.py::x', 'passed'],
    ['t/test_a.py::y', 'missing'],
    ['t/test_b.py::x', 'collection_error'],
    ['t/sub/deep/test_c.py::x', 'collection_error'],
    ['t/subway/test_c.py::x', 'missing'],
  ])('%s: %s', (id, expected) => {
    expect(outcomeOf(id, run)).toBe(expected);
  });
  test('a run that never was, or that broke as a whole, leaves nothing passed', () => {
    expect(outcomeOf('a.py::x', undefined)).toBe('missing');
    const broken = { tests: {}, collectionErrors: [{ file: '', failingImport: null, message: '' }] };
    expect(outcomeOf('a.py::x', broken)).toBe('collection_error');
  });
});

describe('grades', () => {
  const tests = [
    frozen('a.py::kept', 'passed', 'passed'),
    frozen('a.py::kept2', 'passed', 'passed', { blocked: 'passed' }),
    frozen('a.py::new', 'failed', 'passed'),
    frozen('a.py::lost', 'passed', 'failed'),
    frozen('b.py::hidden', 'passed', 'passed', { origin: 'developers-after', hidden: true }),
    frozen('c.py::flaky', 'passed', 'passed', { class: 'flaky' }),
  ];
  const all = (outcome: TestOutcome): Record<string, TestOutcome> =>
    Object.fromEntries(tests.map(({ id }) => [id, outcome]));

  test('the ground truth is resolved, and the same as the developers', () => {
    const before = { tests: { ...all('passed'), 'a.py::lost': 'failed' as const }, collectionErrors: [] };
    const graded = grade(tests, {
      'developers-before': before,
      'developers-after': { tests: all('passed'), collectionErrors: [] },
    });
    expect(graded).toMatchObject({
      passRate: 1,
      resolved: true,
      sameAsDevelopers: true,
      preserved: 3,
      hidden: { preserved: 1, passed: 1 },
      failToPass: { total: 3, passed: 3 },
      passToPass: { total: 1, passed: 1 },
      newFailures: [],
    });
    expect(testGrade.safeParse(graded).success).toBe(true);
  });

  test('an origin that did not run counts as not passed: the denominator stays', () => {
    const graded = grade(tests, { 'developers-before': { tests: all('passed'), collectionErrors: [] } });
    expect(graded).toMatchObject({
      passRate: 2 / 3,
      resolved: false,
      preserved: 3,
      outcomes: { passed: 2, missing: 1 },
    });
    expect(graded.newFailures).toEqual([
      { id: 'b.py::hidden', origin: 'developers-after', outcome: 'missing', noop: 'failed' },
    ]);
  });

  test('tests beyond the preserved ones neither raise nor lower the rate', () => {
    const outcomes: Record<string, TestOutcome> = {
      'a.py::kept': 'passed',
      'a.py::kept2': 'passed',
      'b.py::hidden': 'passed',
      'z.py::made-up': 'passed',
    };
    const run = { tests: outcomes, collectionErrors: [] };
    const graded = grade(tests, { 'developers-before': run, 'developers-after': run });
    expect(graded).toMatchObject({ passRate: 1, resolved: true, sameAsDevelopers: false });
  });

  test('nothing preserved is no rate and not resolved', () => {
    expect(grade([frozen('a.py::x', 'failed', 'failed')], {})).toMatchObject({
      passRate: null,
      resolved: false,
    });
  });

  const outcome = fc.constantFrom(...TEST_OUTCOMES);
  test('for any outcomes, the preserved ones add up and only passed ones are credited', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(outcome, outcome, fc.option(outcome, { nil: null })), { maxLength: 30 }),
        (rows) => {
          const suite = rows.map(([before, after], index) => frozen(`a.py::t${index}`, before, after));
          const seen = rows.flatMap(([, , found], index) =>
            found === null ? [] : [[`a.py::t${index}`, found] as const],
          );
          const graded = grade(suite, {
            'developers-before': { tests: Object.fromEntries(seen), collectionErrors: [] },
          });
          const preserved = suite.filter((one) => one.class === 'preserved').length;
          expect(graded.preserved).toBe(preserved);
          expect(Object.values(graded.outcomes).reduce((a, b) => a + b, 0)).toBe(preserved);
          expect(graded.passed + graded.newFailures.length).toBe(preserved);
          expect(graded.resolved).toBe(preserved > 0 && graded.passRate === 1);
        },
      ),
    );
  });
});

test('a group is frozen over every test that any run knows', () => {
  const run = (tests: Record<string, TestOutcome>) => ({ tests, collectionErrors: [] });
  const made = freezeGroup(
    'developers-before',
    {
      before: [run({ 'a.py::x': 'passed', 'a.py::y': 'passed' }), run({ 'a.py::x': 'passed' })],
      after: [run({ 'a.py::x': 'passed', 'a.py::new': 'passed' })],
      blocked: run({ 'a.py::x': 'failed' }),
      executed: [{ 'a.py::x': { 'm.py': [3] } }, {}],
    },
    () => false,
  );
  expect(made.map((one) => [one.id, one.class, one.blocked, one.relevant])).toEqual([
    ['a.py::new', 'gt_specific', 'missing', false],
    ['a.py::x', 'preserved', 'failed', true],
    ['a.py::y', 'flaky', 'missing', false],
  ]);
});
