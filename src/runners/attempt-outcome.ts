import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AttemptOutcome } from '../model/artefacts.ts';
import type { Limits, RunExit } from '../runtimes/runtime.ts';
import type { Agent } from './agents.ts';
import type { AttemptRecord } from './attempt.ts';

/** Bytes that workspace and output may take together, unless the manifest says less. */
export const AGENT_DISK_BYTES = 4 * 1024 ** 3;

/** Configured limits, lowered where the manifest asks for less. */
export function agentLimits(configured: Limits, { manifest: { limits } }: Agent): Limits {
  const least = (value: number, wanted: number | undefined, unit: number): number =>
    wanted === undefined ? value : Math.min(value, wanted * unit);
  return {
    memoryBytes: least(configured.memoryBytes, limits.memoryMiB, 1 << 20),
    cpus: least(configured.cpus, limits.cpus, 1),
    pids: least(configured.pids, limits.pids, 1),
    wallMs: least(configured.wallMs, limits.wallSeconds, 1000),
    idleMs:
      configured.idleMs === null
        ? limits.idleSeconds === undefined
          ? null
          : limits.idleSeconds * 1000
        : least(configured.idleMs, limits.idleSeconds, 1000),
    outputBytes: least(configured.outputBytes, limits.outputMiB, 1 << 20),
  };
}

/** Bytes that workspace and output may take together. */
export function diskLimit({ manifest }: Agent): number {
  return Math.min(AGENT_DISK_BYTES, (manifest.limits.diskMiB ?? Number.POSITIVE_INFINITY) * 2 ** 20);
}

/** The outcome of an exit, and why in words. A limit that ended it is named with its value. */
export function outcomeOf(end: {
  readonly exit: RunExit;
  /** It was ended for filling its disk. */
  readonly filled: boolean;
  /** It left a difference. */
  readonly changed: boolean;
  readonly limits: Limits;
  readonly disk: number;
  /** The last line that it printed. */
  readonly words: string;
}): { readonly outcome: AttemptOutcome; readonly why: string } {
  const { exit, limits } = end;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  if (end.filled) return { outcome: 'crashed', why: `filled its disk: limit ${mebibytes(end.disk)}` };
  switch (exit.ended) {
    case 'timeout':
      return { outcome: 'timeout', why: `wall clock limit of ${limits.wallMs / 1000} s` };
    case 'idle':
      return { outcome: 'timeout', why: `no output for ${(limits.idleMs ?? 0) / 1000} s` };
    case 'oom':
      return { outcome: 'crashed', why: `memory limit of ${mebibytes(limits.memoryBytes)}` };
    case 'output':
      return { outcome: 'crashed', why: `output limit of ${mebibytes(limits.outputBytes)}` };
    case 'killed':
      return { outcome: 'crashed', why: 'killed from outside' };
    case 'exited': {
      if (exit.code !== 0) return { outcome: 'crashed', why: `exit code ${exit.code ?? 'unknown'}` };
      if (end.changed) return { outcome: 'patch', why: '' };
      const words = end.words === '' ? '' : `; its last words: ${end.words}`;
      return { outcome: 'no-patch', why: `the workspace is unchanged${words}` };
    }
  }
}

/** The last line of a stream that is not blank, control characters left out, at most 300 characters. */
export function lastWords(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const piece = Buffer.alloc(Math.min(size, 4096));
    readSync(handle, piece, 0, piece.length, size - piece.length);
    const lines = piece
      .toString()
      .split('\n')
      .map((line) => line.replace(/\p{C}/gu, '').trim());
    return (lines.filter((line) => line !== '').at(-1) ?? '').slice(0, 300);
  } finally {
    closeSync(handle);
  }
}

/** Writes the two files that vouch for an attempt. */
export function writeAttempt(dir: string, patch: Buffer, record: AttemptRecord): void {
  writeFileSync(path.join(dir, 'migration.patch'), patch);
  writeFileSync(path.join(dir, 'attempt.json'), `${JSON.stringify(record, null, 2)}\n`);
}
