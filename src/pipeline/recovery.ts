import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TaskId } from '../model/ids.ts';
import { removeTree } from '../workspace/disk.ts';
import { replaceStamp } from './commit.ts';
import { asLeftover, folderNames } from './folder-names.ts';
import { thisProcess, type Owner } from '../workspace/process-owner.ts';
import { clearDeadGuards, deadLocks, tryLock } from './lock.ts';
import { isCommitted, observe, type RunningRecord } from './observe.ts';
import type { OwnerRecord } from './owner-record.ts';
import { isResult, keyOf, type Stamp } from './stamp.ts';

/** The stamp that says why there is no result; null: nothing is said. `attempt` is the count of tries so far. */
export type WordAfterUndo = (running: RunningRecord, attempt: number) => Stamp | null;

/**
 * Finishes or undoes the attempt that `.running` at an output folder speaks of, and removes its folders.
 * Call under the folder's lock. An attempt that reached its commit point is finished (`true`); any other is
 * undone, and where no earlier result is there the stamp then says why: `interrupted` for a dead process.
 */
export function recoverFolder(out: string, word: WordAfterUndo = interruptedStamp): boolean {
  const names = folderNames(out);
  const { stamp, unreadable, running } = observe(out);
  const committed = running !== null && isCommitted(stamp, running);
  const undo = running !== null && !committed;
  if (undo && existsSync(names.old(running.nonce))) {
    removeTree(out);
    renameSync(names.old(running.nonce), out);
  } else if (undo && !running.hadFolder) {
    removeTree(out);
  }
  // A `.running` file that a power cut took: what lies aside and has no successor is the earlier output.
  const orphan = running === null && !existsSync(out) ? leftoversOf(out).find(isAside) : undefined;
  if (orphan !== undefined) renameSync(orphan, out);
  // Before any word is written: on a full disk this makes the room for it.
  for (const leftover of leftoversOf(out)) removeTree(leftover);
  try {
    if (undo && unreadable === null && (stamp === null || !isResult(stamp))) {
      const said = word(running, (stamp?.run.attempt ?? 0) + 1);
      if (said !== null) replaceStamp(names, running.nonce, said, () => undefined);
    }
  } finally {
    rmSync(names.running, { force: true });
  }
  return committed;
}

function isAside(leftover: string): boolean {
  return asLeftover(path.basename(leftover))?.kind === 'old';
}

/** Folders and files beside an output folder that belong to attempts at it. */
export function leftoversOf(out: string): string[] {
  const parent = path.dirname(out);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => asLeftover(name)?.base === path.basename(out))
    .map((name) => path.join(parent, name));
}

/**
 * Clears up after dead processes everywhere in the data folder: a lock is taken before the first trace of an
 * attempt and released after the last, so the dead locks name every folder there is to recover.
 * Answers the folders, relative to the data folder. `owner` signs the locks taken for it.
 */
export function recoverDeadRuns(
  dataDir: string,
  locksDir: string,
  owner: (folder: string) => OwnerRecord,
  me: Owner = thisProcess(),
): string[] {
  const dead = deadLocks(locksDir, me);
  const recovered: string[] = [];
  for (const { file, record } of dead) {
    if (!file.endsWith('.lock')) {
      rmSync(file, { force: true });
      continue;
    }
    const attempt = tryLock(file, owner(record.folder), me);
    if (!attempt.got) continue;
    try {
      if (isBelow(dataDir, record.folder)) recoverFolder(path.join(dataDir, record.folder));
      recovered.push(record.folder);
    } finally {
      attempt.lock.release();
    }
  }
  if (existsSync(locksDir)) clearDeadGuards(locksDir, me);
  return recovered;
}

/** A lock is a file like any other: what it names is only touched inside the data folder. */
function isBelow(dataDir: string, folder: string): boolean {
  const relative = path.relative(dataDir, path.join(dataDir, folder));
  return folder !== '' && relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`);
}

function interruptedStamp(running: RunningRecord, attempt: number): Stamp {
  const inputs = { code: 0, params: {}, ports: {}, files: {} };
  return {
    version: 1,
    task: running.task,
    unit: running.unit,
    variant: running.variant,
    outcome: 'interrupted',
    key: keyOf(running.task as TaskId, inputs),
    inputs,
    outputs: { ports: {}, files: [] },
    run: {
      id: running.run,
      nonce: running.nonce,
      attempt,
      host: running.host,
      bootId: running.bootId,
      pid: running.pid,
      processStart: running.processStart,
      startedAt: running.since,
      endedAt: running.since,
      tool: '',
    },
    usage: null,
    note: null,
    log: `runs/${running.run}/logs/${running.task}`,
    error: { class: 'cancelled', reason: 'interrupted', message: 'its process died before it was done' },
  };
}
