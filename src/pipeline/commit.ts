import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { removeTree, sha256File, writeAtomically } from '../workspace/disk.ts';
import { folderNames, type FolderNames } from './folder-names.ts';
import type { RunningRecord } from './observe.ts';
import type { ListedFile, Stamp } from './stamp.ts';

/** Named moments of one attempt, in their order; tests stop and kill a process at each. */
export const COMMIT_STEPS = [
  'locked',
  'running-written',
  'folders-made',
  'work-done',
  'verified',
  'old-aside',
  'new-in',
  'stamp-written',
  'committed',
  'old-removed',
  'running-removed',
] as const;
export type CommitStep = (typeof COMMIT_STEPS)[number];
export type OnStep = (step: CommitStep) => void;

/** One attempt at an output folder, begun under its lock. All functions throw the system's error. */
export interface Attempt {
  readonly names: FolderNames;
  readonly nonce: string;
  readonly dir: string;
  readonly scratchDir: string;
}

/** Says beside the earlier stamp that an attempt runs, then makes its folders: whatever dies now is told apart. */
export function beginAttempt(out: string, record: Omit<RunningRecord, 'hadFolder'>, onStep: OnStep): Attempt {
  const names = folderNames(out);
  mkdirSync(path.dirname(out), { recursive: true });
  const running: RunningRecord = { ...record, hadFolder: existsSync(out) };
  writeAtomically(names.running, JSON.stringify(running));
  onStep('running-written');
  const attempt = {
    names,
    nonce: record.nonce,
    dir: names.temporary(record.nonce),
    scratchDir: names.scratch(record.nonce),
  };
  mkdirSync(attempt.dir);
  mkdirSync(attempt.scratchDir);
  onStep('folders-made');
  return attempt;
}

/** Describes the listed files of the work folder for the stamp. Fails as text on one that is no regular file in it. */
export function listFiles(dir: string, files: readonly string[]): ListedFile[] | string {
  const listed: ListedFile[] = [];
  for (const name of files) {
    const file = path.join(dir, name);
    if (path.isAbsolute(name) || !file.startsWith(dir + path.sep))
      return `${name} lies outside of its folder`;
    const status = lstatSync(file, { throwIfNoEntry: false });
    if (status?.isFile() !== true) return `${name} is not there`;
    listed.push({ path: name, size: status.size, mtimeMs: status.mtimeMs, sha256: sha256File(file) });
  }
  return listed;
}

/**
 * Puts the new output in the place of the old. The rename of the stamp is the commit point: before it the
 * attempt is undone by recovery, after it finished.
 */
export function commitAttempt(attempt: Attempt, stamp: Stamp, onStep: OnStep): void {
  const { names, nonce } = attempt;
  removeTree(attempt.scratchDir);
  if (existsSync(names.out)) renameSync(names.out, names.old(nonce));
  onStep('old-aside');
  renameSync(attempt.dir, names.out);
  onStep('new-in');
  replaceStamp(names, nonce, stamp, () => onStep('stamp-written'));
  onStep('committed');
  removeTree(names.old(nonce));
  onStep('old-removed');
  rmSync(names.running, { force: true });
  onStep('running-removed');
}

/** Writes a stamp by a name that recovery knows, to the disk, then renames it into place. */
export function replaceStamp(names: FolderNames, nonce: string, stamp: Stamp, onWritten: () => void): void {
  const fresh = names.newStamp(nonce);
  try {
    const handle = openSync(fresh, 'w', 0o644);
    try {
      writeFileSync(handle, `${JSON.stringify(stamp, null, 1)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    onWritten();
    renameSync(fresh, names.stamp);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncFolder(path.dirname(names.out));
}

/** Some file systems refuse to sync a folder; the rename is then as durable as they make it. */
function syncFolder(dir: string): void {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } catch {
    return;
  } finally {
    closeSync(handle);
  }
}
