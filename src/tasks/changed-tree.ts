import { constants, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testFileKind } from '../scoring/test-files.ts';
import type { LaidTree } from './eval-trees.ts';
import type { TreeChanges } from './eval-views.ts';
import type { ReadyRecord } from './suite-runs.ts';

/**
 * A copy of a laid tree in which other product code stands; its tests stay (but for tests that are what is migrated).
 * `.dir` is made at `dir`.
 */
export function layChanged(
  base: LaidTree,
  changes: TreeChanges,
  dir: string,
  record: Pick<ReadyRecord, 'testPaths'>,
  migratedTests: ReadonlySet<string>,
): LaidTree {
  mkdirSync(path.dirname(dir), { recursive: true });
  cpSync(base.dir, dir, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  const paths = new Set(base.paths);
  for (const [file, content] of changes) {
    if (testFileKind(file, record.testPaths) !== null && !migratedTests.has(file)) continue;
    const at = path.join(dir, file);
    if (content === null) {
      rmSync(at, { force: true });
      paths.delete(file);
      continue;
    }
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, content);
    paths.add(file);
  }
  return { dir, paths: [...paths] };
}
