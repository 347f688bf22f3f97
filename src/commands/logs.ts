import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { exitCodeOf } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import { trajectoryLines } from '../report/trajectory.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface LogsOptions {
  readonly runsDir: string;
  /** Part of the unit's id. */
  readonly id: string;
  readonly task: TaskId;
  /** One run's id; null: the newest that has logs of the task. */
  readonly run: string | null;
  /** Only names and sizes. */
  readonly list: boolean;
  readonly json: boolean;
}

const runFile = z.looseObject({ id: z.string() });

/** Prints the newest logs of one task of one unit, file by file. Fails `no-such-logs` (exit 2). */
export function logsCommand(options: LogsOptions, io: Io): Promise<number> {
  const found = newest(options);
  if (found === null) {
    const { id, task } = options;
    const failure = { class: 'config', reason: 'no-such-logs', id, task } as const;
    reportEarlyFailure(failure, options.json, io);
    return Promise.resolve(exitCodeOf(failure));
  }
  const { run, dir, files } = found;
  const sized = files.map((name) => ({ name, bytes: statSync(path.join(dir, name)).size }));
  if (options.json) {
    const entries = sized.map(({ name, bytes }) => ({ name, path: path.join(dir, name), bytes }));
    io.stdout.write(`${JSON.stringify({ schema: 1, run, task: options.task, files: entries }, null, 2)}\n`);
    return Promise.resolve(0);
  }
  for (const { name, bytes } of sized) {
    io.stdout.write(options.list ? `${path.join(dir, name)}  ${bytes} bytes\n` : `==> ${name} <==\n`);
    if (options.list) continue;
    const read = readFileSync(path.join(dir, name), 'utf8');
    const text = path.basename(name) === 'trajectory.jsonl' ? trajectoryLines(read).join('\n') : read;
    io.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
  }
  return Promise.resolve(0);
}

/** Run ids sort by time: looks from the newest back and stops at the first that fits. */
function newest(options: LogsOptions): { run: string; dir: string; files: string[] } | null {
  const runs = options.run === null ? foldersIn(options.runsDir).sort().reverse() : [options.run];
  for (const run of runs) {
    const dir = path.join(options.runsDir, run, 'logs', options.task);
    const files = filesBelow(dir);
    if (files.length > 0 && unitOf(path.join(options.runsDir, run))?.includes(options.id) === true) {
      return { run, dir, files };
    }
  }
  return null;
}

function unitOf(runDir: string): string | null {
  try {
    return runFile.parse(JSON.parse(readFileSync(path.join(runDir, 'run.json'), 'utf8'))).id;
  } catch {
    return null;
  }
}

function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function filesBelow(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
      .sort();
  } catch {
    return [];
  }
}
