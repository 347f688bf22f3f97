import * as z from 'zod';
import {
  type CollectionError,
  type FrozenTest,
  TEST_ORIGINS,
  TEST_OUTCOMES,
  type TestClass,
  type TestId,
  type TestOrigin,
  type TestOutcome,
} from '../model/tests.ts';

/** What one state of the code gave for one test: an outcome a run, at least one. */
export type Repeated = readonly [TestOutcome, ...TestOutcome[]];

/** A test as it ended in the three states that no candidate has a part in. */
export interface FrozenStates {
  readonly id: TestId;
  readonly origin: TestOrigin;
  /** On (B, E_A), once a run. */
  readonly before: Repeated;
  /** On (G, E_B). */
  readonly after: Repeated;
  /** On (B, E_B): the no-op's. */
  readonly blocked: TestOutcome;
  readonly relevant: boolean | null;
  readonly twin: boolean;
  readonly hidden: boolean;
}

/** Whether an outcome counts as the test having passed. Skipped and expected failures prove nothing. */
export function hasPassed(outcome: TestOutcome): boolean {
  return outcome === 'passed' || outcome === 'xpass';
}

/** The class of a test, decided before any candidate is scored (science.md §4 names them). */
export function classOf(before: Repeated, after: Repeated): TestClass {
  if (disagrees(before) || disagrees(after)) return 'flaky';
  if (hasPassed(before[0])) return hasPassed(after[0]) ? 'preserved' : 'gt_regression';
  return hasPassed(after[0]) ? 'gt_specific' : 'env_broken';
}

function disagrees(runs: Repeated): boolean {
  return runs.some((outcome) => hasPassed(outcome) !== hasPassed(runs[0]));
}

/** A test with its class; the outcomes kept are those of the first run. */
export function freeze(states: FrozenStates): FrozenTest {
  const { before, after, ...rest } = states;
  return { ...rest, before: before[0], after: after[0], class: classOf(before, after) };
}

/** What a candidate's tests of one origin gave. */
export interface OriginRun {
  readonly tests: Readonly<Record<TestId, TestOutcome>>;
  readonly collectionErrors: readonly CollectionError[];
}

/** How an expected test ended: what was not run is lost at collection where its file is, else missing. Never passed. */
export function outcomeOf(id: TestId, run: OriginRun | undefined): TestOutcome {
  const outcome = run?.tests[id];
  if (outcome !== undefined) return outcome;
  const file = id.slice(0, id.indexOf('::'));
  return run?.collectionErrors.some((error) => covers(error.file, file)) === true
    ? 'collection_error'
    : 'missing';
}

/** A broken conftest takes all tests of its folder along; an error without a file takes all. */
function covers(broken: string, file: string): boolean {
  if (broken === '' || broken === file) return true;
  const cut = broken.lastIndexOf('/');
  const isForFolder = broken.slice(cut + 1) === 'conftest.py' || broken.endsWith('__init__.py');
  return isForFolder ? file.startsWith(broken.slice(0, cut + 1)) : file.startsWith(`${broken}/`);
}

const count = z.int().min(0);
const share = z.strictObject({ preserved: count, passed: count });

/** What a candidate's tests say (`score.json` of unit_test_eval, its graded part). */
export const testGrade = z.strictObject({
  /** Passed preserved tests over preserved tests, all origins; null where none is preserved. */
  passRate: z.number().nullable(),
  /** Every preserved test of every origin passed. */
  resolved: z.boolean(),
  /** Exactly the tests pass that pass on the ground truth (flaky ones aside). */
  sameAsDevelopers: z.boolean(),
  preserved: count,
  passed: count,
  origins: z.record(z.enum(TEST_ORIGINS), share),
  /** Preserved tests whose text is not in the tree before. */
  hidden: share,
  /** Preserved tests by outcome of the candidate; only outcomes that occur. */
  outcomes: z.partialRecord(z.enum(TEST_OUTCOMES), count),
  /** Frozen tests by class. */
  classes: z.partialRecord(
    z.enum(['preserved', 'gt_specific', 'gt_regression', 'env_broken', 'flaky']),
    count,
  ),
  /** Developers' tests that fail on (B, E_B) and pass on (G, E_B), and those that pass on both. */
  failToPass: z.strictObject({ total: count, passed: count }),
  passToPass: z.strictObject({ total: count, passed: count }),
  /** Preserved tests that did not pass, with what the no-op gives. */
  newFailures: z.array(
    z.strictObject({
      id: z.string(),
      origin: z.enum(TEST_ORIGINS),
      outcome: z.enum(TEST_OUTCOMES),
      noop: z.enum(TEST_OUTCOMES),
    }),
  ),
  collectionErrors: z.array(
    z.strictObject({
      origin: z.enum(TEST_ORIGINS),
      file: z.string(),
      failingImport: z.string().nullable(),
      message: z.string(),
    }),
  ),
});
export type TestGrade = z.infer<typeof testGrade>;

/** Grades a candidate against the frozen tests. The denominator is what is preserved, whatever was collected. */
export function grade(
  frozen: readonly FrozenTest[],
  runs: Readonly<Partial<Record<TestOrigin, OriginRun>>>,
): TestGrade {
  const seen = frozen.map((test) => ({ test, outcome: outcomeOf(test.id, runs[test.origin]) }));
  const preserved = seen.filter(({ test }) => test.class === 'preserved');
  const shareOf = (of: typeof seen): z.infer<typeof share> => ({
    preserved: of.length,
    passed: passedOf(of),
  });
  const steady = seen.filter(({ test }) => test.class !== 'flaky');
  const goldPasses = steady.filter(({ test }) => test.origin !== 'generated' && hasPassed(test.after));
  const failed = goldPasses.filter(({ test }) => !hasPassed(test.blocked));
  const kept = goldPasses.filter(({ test }) => hasPassed(test.blocked));
  const passed = passedOf(preserved);
  return {
    passRate: preserved.length === 0 ? null : passed / preserved.length,
    resolved: preserved.length > 0 && passed === preserved.length,
    sameAsDevelopers: steady.every(({ test, outcome }) => hasPassed(outcome) === hasPassed(test.after)),
    preserved: preserved.length,
    passed,
    origins: {
      'developers-before': shareOf(preserved.filter(({ test }) => test.origin === 'developers-before')),
      'developers-after': shareOf(preserved.filter(({ test }) => test.origin === 'developers-after')),
      generated: shareOf(preserved.filter(({ test }) => test.origin === 'generated')),
    },
    hidden: shareOf(preserved.filter(({ test }) => test.hidden)),
    outcomes: tally(preserved.map(({ outcome }) => outcome)),
    classes: tally(frozen.map((test) => test.class)),
    failToPass: { total: failed.length, passed: passedOf(failed) },
    passToPass: { total: kept.length, passed: passedOf(kept) },
    newFailures: preserved
      .filter(({ outcome }) => !hasPassed(outcome))
      .map(({ test, outcome }) => ({ id: test.id, origin: test.origin, outcome, noop: test.blocked })),
    collectionErrors: TEST_ORIGINS.flatMap((origin) =>
      (runs[origin]?.collectionErrors ?? []).map((error) => ({ origin, ...error })),
    ),
  };
}

function passedOf(seen: readonly { readonly outcome: TestOutcome }[]): number {
  return seen.filter(({ outcome }) => hasPassed(outcome)).length;
}

function tally<T extends string>(values: readonly T[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
