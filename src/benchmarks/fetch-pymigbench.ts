import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { removeTree } from '../workspace/disk.ts';
import { git } from '../workspace/git.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { BenchmarkPlace, EntryFailure } from './benchmark.ts';
import { entryFiles } from './entry-files.ts';
import { pyMigBenchClone, pyMigBenchEntries } from './places.ts';

/** Where the authors publish the data set. */
export const PYMIGBENCH_URL = 'https://github.com/ualberta-smr/PyMigBench';

export interface Fetched {
  readonly place: BenchmarkPlace;
  readonly entries: number;
  /** False where it was there already. */
  readonly fetched: boolean;
}

/**
 * Clones PyMigBench below the data folder, or copies it from a folder that is no repository; what is there
 * already stays. Whole or not at all. Fails `benchmark-unreachable` and `benchmark-place-taken`.
 */
export async function fetchPyMigBench(
  dataDir: string,
  from: string = PYMIGBENCH_URL,
): Promise<Result<Fetched, EntryFailure>> {
  const target = pyMigBenchClone(dataDir);
  const place: BenchmarkPlace = { name: 'pymigbench', kind: 'pymigbench', dir: pyMigBenchEntries(target) };
  if (existsSync(target)) {
    const present = entryFiles(place);
    if (present.ok) return ok({ place, entries: present.value.length, fetched: false });
    return fail({ class: 'infra', reason: 'benchmark-place-taken', benchmark: 'pymigbench', dir: target });
  }
  const unreachable = (detail: string): Result<never, EntryFailure> =>
    fail({ class: 'infra', reason: 'benchmark-unreachable', benchmark: 'pymigbench', from, detail });
  let scratch: string;
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    scratch = mkdtempSync(`${target}.tmp-`);
  } catch (error) {
    return unreachable(`${path.dirname(target)} cannot be written: ${words(error)}`);
  }
  try {
    const clone = path.join(scratch, 'clone');
    const copied = await copyInto(clone, from);
    if (!copied.ok) return unreachable(copied.failure);
    const files = entryFiles({ ...place, dir: pyMigBenchEntries(clone) });
    if (!files.ok) return unreachable('it has no entries below data/migration');
    renameSync(clone, target);
    return ok({ place, entries: files.value.length, fetched: true });
  } finally {
    removeTree(scratch);
  }
}

async function copyInto(clone: string, from: string): Promise<Result<void, string>> {
  const folder = isFolder(from);
  if (folder && !isRepository(from)) {
    const entries = [pyMigBenchEntries(from), from].find(
      (dir) => entryFiles({ name: '', kind: 'pymigbench', dir }).ok,
    );
    if (entries === undefined) return fail('it holds neither a repository nor entries');
    try {
      cpSync(entries, pyMigBenchEntries(clone), { recursive: true });
    } catch (error) {
      return fail(words(error));
    }
    return ok(undefined);
  }
  const url = folder ? pathToFileURL(path.resolve(from)).href : from;
  const cloned = await git(null, ['clone', '--quiet', '--depth', '1', '--no-tags', '--', url, clone], {
    network: true,
  });
  return cloned.ok ? ok(undefined) : fail(cloned.failure.detail);
}

function isFolder(from: string): boolean {
  return statSync(from, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isRepository(dir: string): boolean {
  return existsSync(path.join(dir, '.git')) || existsSync(path.join(dir, 'HEAD'));
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
