import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { oracleReason } from '../model/oracle.ts';
import { frozenTest, gatedTest, suiteStrength, type TestOrigin } from '../model/tests.ts';
import { fail, ok, type Result } from '../model/result.ts';

const settings = z.record(z.string(), z.array(z.string()));

/** One hunk mutant of the ground truth, and the preserved tests that fail on it. */
export const mutantEvidence = z.strictObject({
  name: z.string(),
  /** Lines of the ground truth that it takes back, or null where it only brings deleted ones back. */
  lines: z.array(z.strictObject({ path: z.string(), first: z.int(), last: z.int() })),
  killed: z.boolean(),
  /** At most ten, in order. */
  killedBy: z.array(z.string()),
  /** How many preserved tests were run on it. */
  ran: z.int(),
});
export type MutantEvidence = z.infer<typeof mutantEvidence>;

/** How the testing agent's session went; null for the built-in one. */
export const testingSession = z.strictObject({
  agent: z.string(),
  version: z.string(),
  digest: z.string(),
  /** `tests`: it handed files over; `empty`, `crashed`, `timeout`. */
  outcome: z.enum(['tests', 'empty', 'crashed', 'timeout']),
  why: z.string(),
  /** Files that it handed over, below its `/output/tests`. */
  files: z.array(z.string()),
});
export type TestingSession = z.infer<typeof testingSession>;

/** `eval-suite.json`: the frozen tests and all that their runs need besides the trees. Hidden. */
export const evalSuite = z.strictObject({
  schema: z.literal(2),
  tests: z.array(frozenTest),
  oracle: z.strictObject({ status: z.enum(['valid', 'degraded', 'invalid']), why: z.string() }),
  /** What `oracle.why` says, as data. */
  reasons: z.array(oracleReason),
  /** Verdicts on every test that was handed over, kept or not. */
  gates: z.array(gatedTest),
  /** Null where nothing could be measured. */
  strength: suiteStrength.nullable(),
  mutants: z.array(mutantEvidence),
  /** What honest code shows too: the runs on B and on G. Grading does not hold it against a candidate. */
  known: z.strictObject({
    /** `reason: detail` of disagreements of witnesses. */
    integrity: z.array(z.string()),
    watched: z.array(z.strictObject({ kind: z.string(), path: z.string(), what: z.string() })),
  }),
  /** Decides how tests are falsified: the same in every run, or a `twin` means nothing. */
  falsifySeed: z.string(),
  /** Docstrings by which doctests are judged, not those of the code under test. */
  doctests: z.record(z.string(), z.string()),
  testingAgent: testingSession.nullable(),
  /** Files that still import A in the ground truth: the block leaves them alone. */
  kept: z.array(z.string()),
  /** Labelled test files where all labels lie in tests: taken from the code under test, and blocked. */
  migratedTests: z.array(z.string()),
  /** pytest settings of the two trees that tests come from; generated tests have none. */
  settings: z.strictObject({ before: settings, after: settings }),
  /** What each run gave, for people: outcomes by number, files that could not be collected. */
  runs: z.array(
    z.strictObject({
      name: z.string(),
      outcomes: z.record(z.string(), z.int()),
      collectionErrors: z.array(
        z.strictObject({ file: z.string(), failingImport: z.string().nullable(), message: z.string() }),
      ),
      ended: z.string(),
      starts: z.int(),
      seconds: z.number(),
    }),
  ),
});
export type EvalSuite = z.infer<typeof evalSuite>;

export const EVAL_SUITE_FILE = 'eval-suite.json';
/** Folder below the suite's with the test files of the later tree. */
export const TESTS_AFTER = 'developers-after';
/** Folder below the suite's with the test files of the tree before (without any conftest) and the generated ones. */
export const GENERATED = 'generated';
/** Where generated tests lie in every tree that they run in, and all that pytest is given for them. */
export const GENERATED_PLACE = 'mig_generated/tests';

/** What runs the tests of one origin besides its tree (`suiteRunner`'s options). */
export interface OriginOptions {
  /** What pytest is given; absent: what the environment's record says. */
  readonly paths?: readonly string[];
  /** Further arguments; absent: the record's. */
  readonly args?: readonly string[];
  readonly settings: Settings;
}

type Settings = Readonly<Record<string, readonly string[]>>;
interface BothSettings {
  readonly before: Settings;
  readonly after: Settings;
}

/** Settings as the suite's schema has them. */
export function mutableSettings({ before, after }: BothSettings): EvalSuite['settings'] {
  const copy = (of: Settings): Record<string, string[]> =>
    Object.fromEntries(Object.entries(of).map(([key, values]) => [key, [...values]]));
  return { before: copy(before), after: copy(after) };
}

/** Generated tests stand for themselves: no paths, arguments or settings of the repository are theirs. */
export function originOptions(suite: { readonly settings: BothSettings }, origin: TestOrigin): OriginOptions {
  switch (origin) {
    case 'developers-before':
      return { settings: suite.settings.before };
    case 'developers-after':
      return { settings: suite.settings.after };
    case 'generated':
      return { paths: [GENERATED_PLACE], args: [], settings: generatedSettings(suite.settings.before) };
  }
}

/** Django and asyncio settings decide whether code can be imported and run at all: these alone are kept. */
export function generatedSettings(before: Settings): Settings {
  return Object.fromEntries(Object.entries(before).filter(([key]) => /^(?:django|asyncio)_/i.test(key)));
}

/** Reads the suite back; fails as text. */
export function readEvalSuite(dir: string): Result<EvalSuite, string> {
  try {
    const parsed = evalSuite.safeParse(JSON.parse(readFileSync(path.join(dir, EVAL_SUITE_FILE), 'utf8')));
    return parsed.success ? ok(parsed.data) : fail(`${EVAL_SUITE_FILE}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    return fail(`${EVAL_SUITE_FILE}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
