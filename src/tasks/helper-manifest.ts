import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { HelperSuiteArtefact } from '../model/artefacts.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { gatedTest } from '../model/tests.ts';
import { testingSession } from './eval-suite.ts';

/** `manifest.json` of a helper suite. Public: nothing in it comes from the tree after. */
export const helperManifest = z.strictObject({
  schema: z.literal(2),
  /** Developers' tests before, then generated ones. */
  ids: z.array(z.string()),
  /** Those of `ids` that a testing agent wrote. */
  generated: z.array(z.string()),
  /** Copies below `tests/`, at their paths of the tree. */
  files: z.array(z.string()),
  /** `executed`: each developers' test runs a line that uses the source library; `loaded`: such lines run only while files are loaded. */
  chosenBy: z.enum(['executed', 'loaded', 'none']),
  /** `old environment`: the tests pass where the source library's old version is. */
  environment: z.enum(['the environment', 'old environment']),
  howToRun: z.string(),
  /** Why there are none; null when there are. */
  why: z.string().nullable(),
  /** Verdicts on every test that the testing agent handed over. */
  gates: z.array(gatedTest),
  testingAgent: testingSession.nullable(),
});
export type HelperManifest = z.infer<typeof helperManifest>;
export const HELPER_MANIFEST = 'manifest.json';

/** Reads the manifest back; fails as text. */
export function readHelperManifest(dir: string): Result<HelperManifest, string> {
  try {
    const parsed = helperManifest.safeParse(
      JSON.parse(readFileSync(path.join(dir, HELPER_MANIFEST), 'utf8')),
    );
    return parsed.success ? ok(parsed.data) : fail(`${HELPER_MANIFEST}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    return fail(`${HELPER_MANIFEST}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The suite as other tasks see it. */
export function loadHelperSuite(dir: string): Result<HelperSuiteArtefact, string> {
  const read = readHelperManifest(dir);
  return read.ok ? ok({ dir, ids: read.value.ids, why: read.value.why }) : read;
}
