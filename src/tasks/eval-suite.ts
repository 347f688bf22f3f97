import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { frozenTest, gatedTest, suiteStrength } from '../model/tests.ts';
import { fail, ok, type Result } from '../model/result.ts';

const settings = z.record(z.string(), z.array(z.string()));

/** `eval-suite.json`: the frozen tests and all that their runs need besides the trees. Hidden. */
export const evalSuite = z.strictObject({
  schema: z.literal(2),
  tests: z.array(frozenTest),
  oracle: z.strictObject({ status: z.enum(['valid', 'degraded', 'invalid']), why: z.string() }),
  /** Verdicts on every test that was handed over, kept or not. */
  gates: z.array(gatedTest),
  /** Null where nothing could be measured. */
  strength: suiteStrength.nullable(),
  /** Files that still import A in the ground truth: the block leaves them alone. */
  kept: z.array(z.string()),
  /** Labelled test files where all labels lie in tests: taken from the code under test, and blocked. */
  migratedTests: z.array(z.string()),
  /** pytest settings of the two trees that tests come from. */
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

/** Reads the suite back; fails as text. */
export function readEvalSuite(dir: string): Result<EvalSuite, string> {
  try {
    const parsed = evalSuite.safeParse(JSON.parse(readFileSync(path.join(dir, EVAL_SUITE_FILE), 'utf8')));
    return parsed.success ? ok(parsed.data) : fail(`${EVAL_SUITE_FILE}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    return fail(`${EVAL_SUITE_FILE}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
