import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../model/events.ts';
import { sha256File } from '../workspace/disk.ts';
import { folderNames } from './folder-names.ts';
import { parseOwnerRecord, type OwnerRecord } from './owner-record.ts';
import { isResult, readStamp, type Stamp } from './stamp.ts';

/** `.running` beside an output folder: an attempt that has begun and has not ended. */
export interface RunningRecord extends OwnerRecord {
  readonly task: string;
  readonly unit: string;
  readonly variant: string | null;
  /** Whether an output folder was there when it began: decides what undoing it means. */
  readonly hadFolder: boolean;
}

/** What lies on the disk for one task, read without a lock and without writing. */
export interface Observation {
  readonly stamp: Stamp | null;
  /** Why a stamp that is there cannot be read; null otherwise. */
  readonly unreadable: string | null;
  readonly running: RunningRecord | null;
  /**
   * Where the output that the stamp speaks of lies now: the output folder itself, the folder beside it into
   * which an attempt that died put it, or null when there is none.
   */
  readonly folder: string | null;
}

/** Reads stamp and `.running` of an output folder (synchronous: two small reads). */
export function observe(out: string): Observation {
  const names = folderNames(out);
  const read = readStamp(names.stamp);
  const stamp = read.ok ? read.value : null;
  const running = readRunning(names.running);
  return {
    stamp,
    unreadable: read.ok ? null : read.failure,
    running,
    folder: outputFolder(out, stamp, running),
  };
}

/** Reads a `.running` file; null when there is none or it is not whole. */
export function readRunning(file: string): RunningRecord | null {
  // Hardly ever there: asking first is a tenth of the cost of an exception with its stack.
  if (!existsSync(file)) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const owner = parseOwnerRecord(text);
  if (owner === null) return null;
  const { task, unit, variant, hadFolder } = JSON.parse(text) as Record<string, unknown>;
  if (typeof task !== 'string' || typeof unit !== 'string' || typeof hadFolder !== 'boolean') return null;
  return { ...owner, task, unit, variant: typeof variant === 'string' ? variant : null, hadFolder };
}

/** Whether the attempt that `.running` speaks of reached its commit point. */
export function isCommitted(stamp: Stamp | null, running: RunningRecord): boolean {
  return stamp !== null && stamp.run.nonce === running.nonce && isResult(stamp);
}

function outputFolder(out: string, stamp: Stamp | null, running: RunningRecord | null): string | null {
  if (running === null || isCommitted(stamp, running)) return out;
  const aside = folderNames(out).old(running.nonce);
  if (existsSync(aside)) return aside;
  return running.hadFolder ? out : null;
}

/**
 * Compares the listed files with the disk: size and mtime first, and where the mtime differs the content.
 * With `verify` every content is hashed. `hashed` tells that some content had to be read.
 */
export function checkOutputs(
  stamp: Stamp,
  folder: string | null,
  verify: boolean,
): { readonly changes: readonly Change[]; readonly hashed: boolean } {
  const changes: Change[] = [];
  let hashed = false;
  const exists = folder !== null && lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!exists) return { changes: [{ reason: 'output-missing', name: '.' }], hashed };
  for (const listed of stamp.outputs.files) {
    const file = path.join(folder, listed.path);
    const status = lstatSync(file, { throwIfNoEntry: false });
    if (status?.isFile() !== true) {
      changes.push({ reason: 'output-missing', name: listed.path });
      continue;
    }
    if (status.size !== listed.size) {
      changes.push({
        reason: 'output-changed',
        name: listed.path,
        old: `${listed.size} bytes`,
        new: `${status.size} bytes`,
      });
      continue;
    }
    if (!verify && status.mtimeMs === listed.mtimeMs) continue;
    hashed = true;
    const now = sha256File(file);
    if (now === listed.sha256) continue;
    changes.push({ reason: 'output-changed', name: listed.path, old: listed.sha256, new: now });
  }
  return { changes, hashed };
}
