import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { leavesTree, testFileKind, withTestsOf } from '../scoring/test-files.ts';
import type { droppedChange } from '../scoring/unit-test-score.ts';
import { lsTree, readBlobs, treeOfFolder, type TreeEntry } from '../workspace/git.ts';
import { applyPatch } from '../workspace/patch.ts';
import { type Entries, entriesOf, exportEntries } from './composed-tree.ts';
import { type EvalSuite, TESTS_AFTER } from './eval-suite.ts';
import type { LaidTree } from './eval-trees.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** A candidate laid out to be judged by the tests of both trees. */
export interface Candidate {
  readonly withTestsBefore: LaidTree;
  /** Null where the later tree has no test of its own. */
  readonly withTestsAfter: LaidTree | null;
  readonly apply: string;
  readonly dropped: readonly z.infer<typeof droppedChange>[];
}

/**
 * Applies the patch to the tree before and lays the result out twice: with the tests of the tree before and with those
 * of the tree after. What the patch does to tests, to what Python or pytest obeys, and links that leave the tree
 * are dropped and named. A patch that cannot go on changes nothing.
 */
export async function layCandidate(given: {
  readonly repo: RepoArtefact;
  readonly patch: Buffer;
  readonly record: ReadyRecord;
  readonly suite: EvalSuite;
  readonly suiteDir: string;
  readonly scratchDir: string;
}): Promise<Result<Candidate, Failure>> {
  const { repo, record, suite, scratchDir } = given;
  const git = path.join(scratchDir, 'git');
  const applied = await applyPatch(repo.dir, repo.beforeTree, given.patch, git);
  if (!applied.ok && applied.failure.reason === 'git-failed') return fail(applied.failure);
  const apply = applied.ok ? applied.value.how : applied.failure.reason;
  const patched = applied.ok ? applied : await applyPatch(repo.dir, repo.beforeTree, Buffer.alloc(0), git);
  if (!patched.ok) {
    if (patched.failure.reason === 'git-failed') return fail(patched.failure);
    throw new Error(`an empty patch is ${patched.failure.reason}`);
  }
  const { objects, tree } = patched.value;
  const listedBefore = await lsTree(objects, repo.beforeTree);
  if (!listedBefore.ok) return listedBefore;
  const listed = await lsTree(objects, tree);
  if (!listed.ok) return listed;
  const before = entriesOf(listedBefore.value);
  const migrated = new Set(suite.migratedTests);
  const sound = await withoutStrayLinks(objects, before, listed.value);
  if (!sound.ok) return sound;
  const { entries, strays } = sound.value;

  const differing = [...new Set([...before.keys(), ...entries.keys()])].filter((file) => {
    const [was, is] = [before.get(file), entries.get(file)];
    return was?.id !== is?.id || was?.mode !== is?.mode;
  });
  const dropped = [
    ...strays.map((file) => ({ path: file, why: 'link out of the tree' })),
    ...differing.flatMap((file) => {
      const kind = migrated.has(file) ? null : testFileKind(file, record.testPaths);
      return kind === null
        ? []
        : [{ path: file, why: kind === 'test' ? 'test file' : 'configuration of tests' }];
    }),
  ];
  const lay = async (name: string, files: Entries): Promise<Result<LaidTree, Failure>> => {
    const dir = path.join(scratchDir, name);
    mkdirSync(dir, { recursive: true });
    const exported = await exportEntries(objects, files, dir);
    return exported.ok ? ok({ dir, paths: [...files.keys()] }) : exported;
  };
  const withTestsBefore = await lay(
    'candidate-tests-before',
    withTestsOf(entries, before, record.testPaths, migrated),
  );
  if (!withTestsBefore.ok) return withTestsBefore;
  if (!suite.tests.some(({ origin }) => origin === 'developers-after')) {
    return ok({ withTestsBefore: withTestsBefore.value, withTestsAfter: null, apply, dropped });
  }
  const testsTree = await treeOfFolder(objects, path.join(given.suiteDir, TESTS_AFTER));
  if (!testsTree.ok) return testsTree;
  const tests = await lsTree(objects, testsTree.value);
  if (!tests.ok) return tests;
  const withTestsAfter = await lay(
    'candidate-tests-after',
    withTestsOf(entries, entriesOf(tests.value), record.testPaths, migrated),
  );
  if (!withTestsAfter.ok) return withTestsAfter;
  return ok({ withTestsBefore: withTestsBefore.value, withTestsAfter: withTestsAfter.value, apply, dropped });
}

/** Links that the patch made or changed and that lead out of the tree are as they were before, or not there. */
async function withoutStrayLinks(
  objects: string,
  before: Entries,
  listing: readonly TreeEntry[],
): Promise<Result<{ entries: Map<string, TreeEntry>; strays: string[] }, Failure>> {
  const entries = new Map(entriesOf(listing));
  const links = listing.filter(
    ({ mode, id, path: file }) => mode === '120000' && before.get(file)?.id !== id,
  );
  const targets = await readBlobs(
    objects,
    links.map(({ id }) => id),
  );
  if (!targets.ok) return targets;
  const strays = links.filter(({ path: file, id }) =>
    leavesTree(file, targets.value.get(id)?.toString() ?? '/'),
  );
  for (const { path: file } of strays) {
    const was = before.get(file);
    if (was === undefined) entries.delete(file);
    else entries.set(file, was);
  }
  return ok({ entries, strays: strays.map(({ path: file }) => file) });
}
