import * as z from 'zod';

/** How one test ended. `missing`: expected, but neither collected nor run. */
export const TEST_OUTCOMES = [
  'passed',
  'failed',
  'error',
  'collection_error',
  'skipped',
  'xfail',
  'xpass',
  'timeout',
  'crash',
  'missing',
] as const;
export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/** Whose test it is; it runs with that tree's tests, conftest and configuration. */
export const TEST_ORIGINS = ['developers-before', 'developers-after', 'generated'] as const;
export type TestOrigin = (typeof TEST_ORIGINS)[number];

/** Frozen before any candidate is scored (science.md §4). */
export const TEST_CLASSES = ['preserved', 'gt_specific', 'gt_regression', 'env_broken', 'flaky'] as const;
export type TestClass = (typeof TEST_CLASSES)[number];

/** pytest's node id relative to the tree (`tests/test_a.py::TestX::test_y[1]`). */
export type TestId = string;

export interface CollectionError {
  /** File that could not be collected, relative to the tree. */
  readonly file: string;
  /** The import that failed first, where that was the reason. */
  readonly failingImport: string | null;
  readonly message: string;
}

/** One run of a test suite, as seen from outside the candidate. */
export interface TestRun {
  readonly tests: Readonly<Record<TestId, TestOutcome>>;
  readonly collectionErrors: readonly CollectionError[];
  /** Exit code of the runner, null when it was ended by a limit (`ended` says which). */
  readonly exitCode: number | null;
  readonly ended: 'exited' | 'timeout' | 'idle' | 'oom' | 'output' | 'killed' | 'disk';
  readonly seconds: number;
}

export const frozenTest = z.strictObject({
  id: z.string(),
  origin: z.enum(TEST_ORIGINS),
  class: z.enum(TEST_CLASSES),
  /** Outcomes on (B, E_A) and (G, E_B). */
  before: z.enum(TEST_OUTCOMES),
  after: z.enum(TEST_OUTCOMES),
  /** Outcome on (B, E_B), the no-op's. */
  blocked: z.enum(TEST_OUTCOMES),
  /** Executes a migrated line (measured), null where it was not measured. */
  relevant: z.boolean().nullable(),
  /** On (G, E_B) it did not pass once it was falsified: a candidate on which it still passes deceives the runner. */
  twin: z.boolean(),
  /** Text of the test's file does not stand in B. */
  hidden: z.boolean(),
});
export type FrozenTest = z.infer<typeof frozenTest>;

/** The gates that a test has to pass before it may judge (science.md §3). */
export const TEST_GATES = [
  'parses',
  'imports',
  'forbidden',
  'asserts',
  'passes',
  'isolated',
  'clock',
  'hash-seed',
  'preserved',
  'relevant',
] as const;
export type TestGate = (typeof TEST_GATES)[number];

/** What the gates said of one test that a testing agent handed over. */
export const gatedTest = z.strictObject({
  id: z.string(),
  origin: z.enum(TEST_ORIGINS),
  kept: z.boolean(),
  /** The first gate that it did not pass; null where it was kept. */
  rejectedBy: z.enum(TEST_GATES).nullable(),
  /** Every gate that was looked at, in order. */
  verdicts: z.array(z.strictObject({ gate: z.enum(TEST_GATES), passed: z.boolean(), why: z.string() })),
});
export type GatedTest = z.infer<typeof gatedTest>;

/** How strong the preserved tests of a suite are: published beside every score (science.md §3). */
export const suiteStrength = z.strictObject({
  /** Hunk mutants of the ground truth, and how many of them some preserved test fails on. */
  mutants: z.strictObject({ total: z.int(), killed: z.int() }),
  /** Executable lines of the migration in the ground truth, and how many of them preserved tests execute. */
  lines: z.strictObject({ executable: z.int(), executed: z.int() }),
  /** Migrated files that cannot be loaded on this machine, left out of both, and the module that they want. */
  unreachable: z.array(z.strictObject({ path: z.string(), why: z.string() })).default([]),
  /** The smaller of the two shares; null where there is neither a mutant nor an executable line. */
  value: z.number().nullable(),
  /** `value` is under one half, or there is none. */
  lowConfidence: z.boolean(),
});
export type SuiteStrength = z.infer<typeof suiteStrength>;
