import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { testFileKind, withTestsOf } from '../scoring/test-files.ts';
import { lsTree, treeOfFolder, type TreeEntry } from '../workspace/git.ts';
import { type Entries, entriesOf, exportEntries } from './composed-tree.ts';
import { GENERATED_PLACE } from './eval-suite.ts';
import type { LaidTree } from './eval-trees.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** Trees in which generated tests run: the product code of each, with the files of tests that go with them. */
export interface GeneratedTrees {
  readonly before: LaidTree;
  /** Null where there is no later tree to run on (helper suites). */
  readonly after: LaidTree | null;
  /** Paths of what was handed over, in every tree. */
  readonly files: readonly string[];
  /** Of these, those whose text stands nowhere in the tree before. */
  readonly hidden: ReadonlySet<string>;
  /** Every file of tests of these trees. */
  readonly tests: Entries;
}

/**
 * Lays trees out with generated tests in the place of the repository's own. Test files of the tree before stay
 * where they are (product code may load some), without their conftests: generated tests stand for themselves.
 *
 * @param handed folder that the agent handed over; may be missing
 * @param keepDir receives the files of tests, as they are in each tree
 */
export async function layGenerated(given: {
  readonly objects: string;
  readonly before: Entries;
  readonly after: Entries | null;
  readonly handed: string;
  readonly record: Pick<ReadyRecord, 'testPaths'>;
  readonly migratedTests: ReadonlySet<string>;
  readonly scratchDir: string;
  readonly keepDir: string;
}): Promise<Result<GeneratedTrees, Failure>> {
  const { objects, before, after, record, migratedTests, scratchDir } = given;
  const generated = new Map<string, TreeEntry>();
  if (existsSync(given.handed)) {
    const tree = await treeOfFolder(objects, given.handed);
    if (!tree.ok) return tree;
    const listed = await lsTree(objects, tree.value);
    if (!listed.ok) return listed;
    for (const entry of listed.value) {
      const file = `${GENERATED_PLACE}/${entry.path}`;
      const rawPath = Buffer.concat([Buffer.from(`${GENERATED_PLACE}/`), entry.rawPath]);
      generated.set(file, { ...entry, path: file, rawPath });
    }
  }
  const isKept = (file: string): boolean =>
    testFileKind(file, record.testPaths) !== null &&
    !migratedTests.has(file) &&
    !/(^|\/)conftest\.py$/.test(file);
  const tests = new Map([...[...before].filter(([file]) => isKept(file)), ...generated]);
  const lay = async (
    name: string,
    entries: Entries,
    dir = path.join(scratchDir, name),
  ): Promise<Result<LaidTree, Failure>> => {
    mkdirSync(dir, { recursive: true });
    const exported = await exportEntries(objects, entries, dir);
    return exported.ok ? ok({ dir, paths: [...entries.keys()] }) : exported;
  };
  const kept = await lay('generated', tests, given.keepDir);
  if (!kept.ok) return kept;
  const onBefore = await lay(
    'before-with-generated',
    withTestsOf(before, tests, record.testPaths, migratedTests),
  );
  if (!onBefore.ok) return onBefore;
  const onAfter =
    after === null
      ? ok(null)
      : await lay('after-with-generated', withTestsOf(after, tests, record.testPaths, migratedTests));
  if (!onAfter.ok) return onAfter;
  const known = new Set([...before.values()].map(({ id }) => id));
  const hidden = [...generated].filter(([, { id }]) => !known.has(id)).map(([file]) => file);
  const files = [...generated.keys()].sort();
  return ok({
    before: onBefore.value,
    after: onAfter.value,
    files,
    hidden: new Set(hidden),
    tests: entriesOf([...tests.values()]),
  });
}
