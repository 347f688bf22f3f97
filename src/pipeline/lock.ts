import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ownerLives, type Owner } from '../workspace/process-owner.ts';
import { parseOwnerRecord, type OwnerRecord } from './owner-record.ts';

/** A lock that this process holds; it beats until it is released. */
export interface HeldLock {
  readonly file: string;
  readonly owner: OwnerRecord;
  /** Whether the lock is still ours (a machine that slept for long may have lost it). */
  stillHeld(): boolean;
  release(): void;
}

export type LockAttempt =
  | { readonly got: true; readonly lock: HeldLock }
  /** `owner` is null where the lock went away meanwhile, and dead where another process is taking over from it. */
  | { readonly got: false; readonly owner: OwnerRecord | null; readonly deadOwner: boolean };

const BEAT_MS = 30_000;

/** Owner of a lock that cannot be read (a disk's fault, as bodies are linked whole): only its age can judge it. */
const NOBODY: OwnerRecord = {
  host: '',
  bootId: '',
  pidNamespace: '',
  pid: 0,
  processStart: '',
  nonce: '',
  run: '',
  since: '',
  folder: '',
};

/**
 * Tries once to take a lock: an exclusive link of a file that is already whole, so no reader ever sees half
 * a body. A lock whose owner is dead is taken over under a guard, so of many that try one wins.
 * Throws the system's error where the folder cannot be written.
 */
export function tryLock(file: string, owner: OwnerRecord, me: Owner): LockAttempt {
  mkdirSync(path.dirname(file), { recursive: true });
  const body = `${file}.new-${owner.nonce}`;
  writeFileSync(body, JSON.stringify(owner), { flag: 'wx' });
  try {
    if (link(body, file)) return { got: true, lock: hold(file, owner) };
    const current = readOwner(file);
    if (current !== null && ownerLives(current.record, me, current.beatMs, Date.now())) {
      return { got: false, owner: current.record, deadOwner: false };
    }
    const taken = current !== null && takeOver(file, body, current.record.nonce, owner, me);
    if (taken) return { got: true, lock: hold(file, owner) };
    return { got: false, owner: current?.record ?? null, deadOwner: current !== null };
  } finally {
    rmSync(body, { force: true });
  }
}

/** Locks in a folder whose owner is dead, and pieces of locks left by dead processes. Empty where it cannot be read. */
export function deadLocks(locksDir: string, me: Owner): { file: string; record: OwnerRecord }[] {
  let names: string[];
  try {
    names = readdirSync(locksDir);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = path.join(locksDir, name);
    const current = /\.lock(\.new-[0-9a-f]{12})?$/.test(name) ? readOwner(file) : null;
    if (current === null || ownerLives(current.record, me, current.beatMs, Date.now())) return [];
    return [{ file, record: current.record }];
  });
}

/** Removes the guards that processes left which died while taking over a lock. */
export function clearDeadGuards(locksDir: string, me: Owner): void {
  for (const name of readdirSync(locksDir)) {
    if (name.endsWith('.lock.guard')) clearDeadGuard(path.join(locksDir, name), me);
  }
}

/** Who holds a lock, and its last beat; null when nobody does. */
export function readOwner(file: string): { record: OwnerRecord; beatMs: number } | null {
  try {
    const record = parseOwnerRecord(readFileSync(file, 'utf8')) ?? NOBODY;
    return { record, beatMs: statSync(file).mtimeMs };
  } catch {
    return null;
  }
}

function link(body: string, file: string): boolean {
  try {
    linkSync(body, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Between reading a dead owner and removing its lock another process may have done both and be the new
 * owner: plain unlink-and-create then has two winners. So both happen under the guard, after a second look.
 */
export function takeOver(
  file: string,
  body: string,
  deadNonce: string,
  owner: OwnerRecord,
  me: Owner,
): boolean {
  const guard = `${file}.guard`;
  if (!enterGuard(guard, body, owner.nonce, me)) return false;
  try {
    if (readOwner(file)?.record.nonce !== deadNonce) return false;
    unlinkSync(file);
    return link(body, file);
  } finally {
    leaveGuard(guard, owner.nonce);
  }
}

/**
 * The guard is a folder with its owner's file in it. A dead owner's guard is cleared by that file's own
 * name and by rmdir, which fails on a folder that a live process has meanwhile made and filled.
 */
function enterGuard(guard: string, body: string, nonce: string, me: Owner): boolean {
  try {
    mkdirSync(guard);
    linkSync(body, path.join(guard, nonce));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    clearDeadGuard(guard, me);
    return false;
  }
}

function clearDeadGuard(guard: string, me: Owner): void {
  try {
    for (const name of readdirSync(guard)) {
      const inside = readOwner(path.join(guard, name));
      if (inside !== null && ownerLives(inside.record, me, inside.beatMs, Date.now())) return;
      unlinkSync(path.join(guard, name));
    }
    rmdirSync(guard);
  } catch {
    // Somebody else was faster: the next try sees what they left.
  }
}

function leaveGuard(guard: string, nonce: string): void {
  rmSync(path.join(guard, nonce), { force: true });
  try {
    rmdirSync(guard);
  } catch {
    // A process that lost the race is just clearing it.
  }
}

function hold(file: string, owner: OwnerRecord): HeldLock {
  const stillHeld = () => readOwner(file)?.record.nonce === owner.nonce;
  const beat = setInterval(() => {
    try {
      if (stillHeld()) utimesSync(file, new Date(), new Date());
    } catch {
      // A beat that fails is a beat less; the check before the commit decides.
    }
  }, BEAT_MS);
  beat.unref();
  return {
    file,
    owner,
    stillHeld,
    release: () => {
      clearInterval(beat);
      if (stillHeld()) rmSync(file, { force: true });
    },
  };
}
