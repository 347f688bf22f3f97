import path from 'node:path';
import { EXIT, exitCodeOf, type Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { cleanInstalls } from '../pipeline/clean-installs.ts';
import { cleanRuns, cleanResults, cleanTemporary, type Cleaned } from '../pipeline/clean-up.ts';
import { failureOf } from '../pipeline/data-folder.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface CleanOptions {
  readonly dataDir: string;
  readonly dryRun: boolean;
  /** Containers and networks of dead runs; null: no engine is looked at. */
  readonly removeOrphans: (() => Promise<Result<readonly string[], Failure>>) | null;
  /** Images of agents that newer ones replaced; absent: no engine is looked at. */
  readonly removeImages?: (() => Promise<Result<readonly string[], Failure>>) | undefined;
  /** Results to remove; null: none. Every filter given must fit; `unit` may be part of an id. */
  readonly results: {
    readonly unit: string | null;
    readonly tasks: readonly TaskId[];
    readonly variant: string | null;
  } | null;
  /** How many of the newest runs to keep; null: all. */
  readonly keepRuns: number | null;
  readonly json: boolean;
}

/**
 * Removes what dead runs left (containers, temporary folders, locks), installs of agents that newer ones replaced, and results and old runs where asked
 * to. What a living process holds stays, and is named: exit 5.
 */
export async function cleanCommand(options: CleanOptions, io: Io): Promise<number> {
  const { dataDir, dryRun } = options;
  const done: Cleaned[] = [];
  let failure: Failure | null = null;
  try {
    done.push(...cleanTemporary(dataDir, dryRun), ...cleanInstalls(dataDir, dryRun));
    if (options.results !== null) done.push(...cleanResults(dataDir, options.results, dryRun));
    if (options.keepRuns !== null) {
      done.push(...cleanRuns(path.join(dataDir, 'runs'), options.keepRuns, dryRun));
    }
  } catch (error) {
    failure = failureOf(error, dataDir);
  }
  if (options.removeOrphans !== null && !dryRun) {
    const removed = await options.removeOrphans();
    if (removed.ok)
      done.push(...removed.value.map((name): Cleaned => ({ kind: 'container', name, busy: null })));
    else failure ??= removed.failure;
  }
  const images = await options.removeImages?.();
  if (images?.ok === true)
    done.push(...images.value.map((name): Cleaned => ({ kind: 'image', name, busy: null })));
  else failure ??= images?.failure ?? null;
  print(options, done, io);
  if (failure !== null) {
    reportEarlyFailure(failure, options.json, io);
    return exitCodeOf(failure);
  }
  return done.some(({ busy }) => busy !== null) ? EXIT.busy : EXIT.done;
}

function print(options: CleanOptions, done: readonly Cleaned[], io: Io): void {
  const { dryRun, json } = options;
  if (json) {
    const removed = done.filter(({ busy }) => busy === null).map(({ kind, name }) => ({ kind, name }));
    const kept = done.filter(({ busy }) => busy !== null);
    io.stdout.write(`${JSON.stringify({ schema: 1, dryRun, removed, kept }, null, 2)}\n`);
    return;
  }
  for (const { kind, name, busy } of done) {
    const what = busy !== null ? `kept (process ${busy} holds it)` : dryRun ? 'would remove' : 'removed';
    io.stdout.write(`${what} ${kind} ${name}\n`);
  }
  if (done.length === 0) io.stderr.write('nothing to clean\n');
  if (dryRun && options.removeOrphans !== null) {
    io.stderr.write('containers of dead runs are found and removed only without --dry-run\n');
  }
}
