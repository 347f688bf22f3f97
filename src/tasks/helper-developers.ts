import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { PytestSettings } from '../runners/pytest-settings.ts';
import type { ExecutedLines } from '../runners/test-events.ts';
import { hasPassed } from '../scoring/test-classes.ts';
import { testFileKind } from '../scoring/test-files.ts';
import type { HelperManifest } from './helper-manifest.ts';
import type { ReadyRecord, SuiteRunner } from './suite-runs.ts';

/** The developers' tests that a helper suite begins with. */
export interface HelperDevelopers {
  readonly ids: readonly TestId[];
  readonly chosenBy: HelperManifest['chosenBy'];
  /** Why there are none; null when there are. */
  readonly why: string | null;
}

/** Developers' tests of the tree before that pass there, repeatedly, and run code which uses the source library. */
export async function helperDevelopers(given: {
  readonly tree: string;
  readonly settings: PytestSettings;
  readonly run: SuiteRunner;
  /** Lines of the code that use the source library. */
  readonly watched: ExecutedLines;
  readonly names: readonly string[];
}): Promise<Result<HelperDevelopers, Failure>> {
  const { tree, settings, run, watched, names } = given;
  const options = { tree, role: 'a', block: null, settings } as const;
  const none = (why: string): Result<HelperDevelopers, Failure> => ok({ ids: [], chosenBy: 'none', why });
  // Watched first, all of them: then only what was chosen has to pass unwatched too.
  const traced = await run({ ...options, name: 'before-traced', ids: null, trace: watched });
  if (!traced.ok) return traced;
  const passing = passingIds(traced.value.tests);
  if (passing.length === 0) return none('no test of the repository passes');
  const executing = passing.filter((id) => touches(traced.value.executed[id]));
  const chosenBy = executing.length > 0 ? 'executed' : touches(traced.value.loaded) ? 'loaded' : 'none';
  const nothing = `no passing test runs code that uses ${names.join(', ')}`;
  if (chosenBy === 'none') return none(nothing);
  const chosen = chosenBy === 'executed' ? executing : passing;
  const plain = await run({ ...options, name: 'before', ids: chosen });
  if (!plain.ok) return plain;
  const steady = new Set(passingIds(plain.value.tests));
  const ids = chosen.filter((id) => steady.has(id));
  return ids.length === 0 ? none(nothing) : ok({ ids, chosenBy, why: null });
}

/** Whether any of the lines was executed. */
export function touches(lines: ExecutedLines | undefined): boolean {
  return Object.values(lines ?? {}).some((executed) => executed.length > 0);
}

function passingIds(tests: Readonly<Record<TestId, Parameters<typeof hasPassed>[0]>>): TestId[] {
  return Object.entries(tests)
    .filter(([, outcome]) => hasPassed(outcome))
    .map(([id]) => id)
    .sort();
}

/** Copies the files of the chosen tests; code with doctests is in the workspace anyway and stays there. */
export function copyHelperFiles(
  tree: string,
  dest: string,
  ids: readonly TestId[],
  record: ReadyRecord,
): string[] {
  const files = [...new Set(ids.map((id) => id.split('::')[0] ?? ''))].filter(
    (file) => testFileKind(file, record.testPaths) !== null,
  );
  for (const file of files) {
    mkdirSync(path.dirname(path.join(dest, file)), { recursive: true });
    cpSync(path.join(tree, file), path.join(dest, file));
  }
  return files.sort();
}

/** What a person or an agent types to run the repository's tests. */
export function howToRun(record: ReadyRecord): string {
  const args = record.testArgs.map((arg) =>
    /^[\w./=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`,
  );
  const folder = record.testsCwd === '.' ? 'the root of the tree' : `${record.testsCwd}/`;
  return `in ${folder}, with PYTHONPATH=${record.pythonpath.join(':')}: python -m pytest ${[...args, ...record.testPaths].join(' ')}`;
}
