import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import type { TaskSummary } from '../model/events.ts';
import { writeAtomically } from '../workspace/disk.ts';

/** 12 hexadecimal digits: the own name of one attempt. */
export function newNonce(): string {
  return randomBytes(6).toString('hex');
}

/** A run's id: sorts by time (UTC, to the millisecond), ends in a nonce. */
export function newRunId(nowMs: number): string {
  return `${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}-${newNonce()}`;
}

/** `run.json`: what was run, by whom, and how it ended (`endedAt` null: it has not, or its process died). */
export interface RunRecord {
  readonly schema: 1;
  readonly run: string;
  readonly id: string;
  readonly agent: string;
  readonly variant: string;
  readonly runtime: string | null;
  readonly tool: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly tasks: readonly TaskSummary[];
}

/** One run's folder below `runs/`. */
export class RunFolder {
  readonly dir: string;

  constructor(runsDir: string, runId: string) {
    this.dir = path.join(runsDir, runId);
  }

  /** Makes the folder and says that the run began. Throws the system's error. */
  begin(record: RunRecord): void {
    mkdirSync(this.dir, { recursive: true });
    this.write(record);
  }

  write(record: RunRecord): void {
    writeAtomically(path.join(this.dir, 'run.json'), `${JSON.stringify(record, null, 1)}\n`);
  }

  /** The folder of a task's own logs, made. */
  logDir(task: string): string {
    const dir = path.join(this.dir, 'logs', task);
    mkdirSync(dir, { recursive: true });
    return dir;
  }
}
