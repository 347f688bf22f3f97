import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { type PytestSettings, readPytestSettings } from '../runners/pytest-settings.ts';
import { testFileKind, withTestsOf } from '../scoring/test-files.ts';
import { applyPatch } from '../workspace/patch.ts';
import { type Entries, entriesOf, exportEntries } from './composed-tree.ts';
import { type EvalViews, viewsOf } from './eval-views.ts';
import type { ReadyRecord } from './suite-runs.ts';
import { openTrees, readWhatIsNeeded } from './tree-views.ts';

/** A tree laid out to be run: its folder and the paths in it. */
export interface LaidTree {
  readonly dir: string;
  readonly paths: readonly string[];
}

/** The trees that the classes of tests are frozen on, and what decides about them. */
export interface EvalTrees extends EvalViews {
  /** B as it is. */
  readonly before: LaidTree;
  /** G's product code with B's tests. */
  readonly afterWithTestsBefore: LaidTree;
  /** G as it is; null where no test file of it differs from B's. */
  readonly after: LaidTree | null;
  /** B's product code with G's tests; null likewise. */
  readonly beforeWithTestsAfter: LaidTree | null;
  /** G's files of tests alone. */
  readonly testsAfter: Entries;
  /** Test files of G that B does not have so, and those whose text stands nowhere in B. */
  readonly changedTests: ReadonlySet<string>;
  readonly hiddenTests: ReadonlySet<string>;
  readonly settings: { readonly before: PytestSettings; readonly after: PytestSettings };
  /** Git folder of our own that reads the contents of both trees, and what they hold. */
  readonly objects: string;
  readonly entries: { readonly before: Entries; readonly after: Entries };
}

/** Lays the trees out below `scratchDir`. */
export async function layEvalTrees(
  repo: RepoArtefact,
  migration: Migration,
  record: ReadyRecord,
  scratchDir: string,
  testsDir: string,
): Promise<Result<EvalTrees, Failure>> {
  const opened = await openTrees(repo.dir, repo.beforeTree, repo.afterTree);
  if (!opened.ok) return opened;
  const read = await readWhatIsNeeded(opened.value, ([before, after]) =>
    viewsOf(before, after, migration, record),
  );
  if (!read.ok) return read;

  const before = entriesOf(opened.value.listings[0] ?? []);
  const after = entriesOf(opened.value.listings[1] ?? []);
  const { migratedTests } = read.value;
  const isOfTests = (file: string): boolean => testFileKind(file, record.testPaths) !== null;
  const changed = [...after.keys()].filter(
    (file) => isOfTests(file) && !migratedTests.has(file) && before.get(file)?.id !== after.get(file)?.id,
  );
  const known = new Set([...before.values()].map(({ id }) => id));

  // an empty patch gives a git folder of our own over the repository's objects
  const own = await applyPatch(repo.dir, repo.beforeTree, Buffer.alloc(0), path.join(scratchDir, 'git'));
  if (!own.ok) {
    if (own.failure.reason === 'git-failed') return fail(own.failure);
    throw new Error(`an empty patch is ${own.failure.reason}`);
  }
  const lay = async (name: string, entries: Entries): Promise<Result<LaidTree, Failure>> => {
    const dir = path.join(scratchDir, name);
    mkdirSync(dir, { recursive: true });
    const exported = await exportEntries(own.value.objects, entries, dir);
    return exported.ok ? ok({ dir, paths: [...entries.keys()] }) : exported;
  };
  const laidBefore = await lay('before', before);
  if (!laidBefore.ok) return laidBefore;
  const merged = await lay(
    'after-with-tests-before',
    withTestsOf(after, before, record.testPaths, migratedTests),
  );
  if (!merged.ok) return merged;
  const laidAfter = await lay('after', after);
  if (!laidAfter.ok) return laidAfter;
  const testsAfter = new Map([...after].filter(([file]) => isOfTests(file)));
  mkdirSync(testsDir, { recursive: true });
  const kept = await exportEntries(own.value.objects, testsAfter, testsDir);
  if (!kept.ok) return kept;
  let reversed: LaidTree | null = null;
  if (changed.length > 0) {
    const laid = await lay(
      'before-with-tests-after',
      withTestsOf(before, after, record.testPaths, migratedTests),
    );
    if (!laid.ok) return laid;
    reversed = laid.value;
  }
  return ok({
    ...read.value,
    objects: own.value.objects,
    entries: { before, after },
    before: laidBefore.value,
    afterWithTestsBefore: merged.value,
    after: reversed === null ? null : laidAfter.value,
    beforeWithTestsAfter: reversed,
    testsAfter,
    changedTests: new Set(changed),
    hiddenTests: new Set(changed.filter((file) => !known.has(after.get(file)?.id ?? ''))),
    settings: {
      before: readPytestSettings(laidBefore.value.dir),
      after: readPytestSettings(laidAfter.value.dir),
    },
  });
}
