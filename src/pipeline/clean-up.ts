import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { removeTree } from '../workspace/disk.ts';
import { folderNames, lockName } from './folder-names.ts';
import { ownerLives, thisProcess } from '../workspace/process-owner.ts';
import { deadLocks, readOwner, tryLock } from './lock.ts';
import type { OwnerRecord } from './owner-record.ts';
import { recoverDeadRuns, recoverFolder } from './recovery.ts';
import { newNonce } from './run-folder.ts';
import { scanLeftovers, scanOutputs } from './scan.ts';

/** One thing that was removed or, with `busy` (a pid), kept as a living process holds it. */
export interface Cleaned {
  readonly kind: 'container' | 'image' | 'install' | 'lock' | 'temporary' | 'result' | 'run';
  readonly name: string;
  readonly busy: number | null;
}

/** Which results; every filter that is given must fit. */
export interface ResultFilter {
  readonly unit: string | null;
  readonly tasks: readonly string[];
  readonly variant: string | null;
}

const ownerOf = (folder: string): OwnerRecord => ({
  ...thisProcess(),
  nonce: newNonce(),
  run: 'clean',
  since: new Date().toISOString(),
  folder,
});

/** Ends what dead processes left: their locks, `.running` files and temporary folders. Throws the system's error. */
export function cleanTemporary(dataDir: string, dryRun: boolean): Cleaned[] {
  const locksDir = path.join(dataDir, '.locks');
  const locks = deadLocks(locksDir, thisProcess()).map(({ file }): Cleaned => ({
    kind: 'lock',
    name: path.relative(dataDir, file),
    busy: null,
  }));
  if (!dryRun) recoverDeadRuns(dataDir, locksDir, ownerOf);
  // Folders whose lock is gone as well: a data folder that was copied in the middle of a run has them.
  const folders = scanLeftovers(dataDir).flatMap((out) => {
    const held = readOwner(path.join(locksDir, lockName(dataDir, out)));
    const lives = held !== null && ownerLives(held.record, thisProcess(), held.beatMs, Date.now());
    if (lives) return [];
    if (!dryRun) lockedFolder(dataDir, out, () => recoverFolder(out));
    return [{ kind: 'temporary', name: path.relative(dataDir, out), busy: null } satisfies Cleaned];
  });
  return [...locks, ...folders];
}

/** Removes results whole, the stamp first: nothing ever vouches for a folder that is half gone. */
export function cleanResults(dataDir: string, filter: ResultFilter, dryRun: boolean): Cleaned[] {
  const chosen = scanOutputs(dataDir).filter(
    ({ unit, task, variant }) =>
      (filter.unit === null || unit.includes(filter.unit)) &&
      (filter.tasks.length === 0 || filter.tasks.includes(task)) &&
      (filter.variant === null || filter.variant === variant),
  );
  return chosen.map(({ folder, pid }): Cleaned => {
    const out = path.join(dataDir, folder);
    if (dryRun) return { kind: 'result', name: folder, busy: pid };
    const busy = lockedFolder(dataDir, out, () => {
      recoverFolder(out);
      rmSync(folderNames(out).stamp, { force: true });
      removeTree(out);
    });
    return { kind: 'result', name: folder, busy };
  });
}

/** Removes all but the newest runs, and none that is still going on. */
export function cleanRuns(runsDir: string, keep: number, dryRun: boolean): Cleaned[] {
  if (!existsSync(runsDir)) return [];
  const old = readdirSync(runsDir).sort().reverse().slice(keep);
  return old.map((name): Cleaned => {
    const busy = livingPid(path.join(runsDir, name, 'run.json'));
    if (busy === null && !dryRun) removeTree(path.join(runsDir, name));
    return { kind: 'run', name, busy };
  });
}

/** The process of a run that has not ended; null where it has, or where nothing says so. */
function livingPid(file: string): number | null {
  try {
    const { endedAt, pid, host } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (endedAt !== null || typeof pid !== 'number' || host !== thisProcess().host) return null;
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}

/** Does a job under a folder's lock; answers the pid of who holds it instead, null when it was done. */
export function lockedFolder(dataDir: string, out: string, job: () => void): number | null {
  const folder = path.relative(dataDir, out).split(path.sep).join('/');
  const file = path.join(dataDir, '.locks', lockName(dataDir, out));
  const attempt = tryLock(file, ownerOf(folder), thisProcess());
  if (!attempt.got) return attempt.owner?.pid ?? 0;
  try {
    job();
    return null;
  } finally {
    attempt.lock.release();
  }
}
