import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Limits, RunSpec } from './runtime.ts';

export type StreamName = 'stdout' | 'stderr';
/** Why a run is ended by us. */
export type Stop = 'timeout' | 'idle' | 'output' | 'cancelled';

/** The two output files of one run, its clocks, and the bytes that count against its limits. */
export interface Recording {
  /** Starts the clocks. */
  start(): void;
  /** Takes a chunk; false: hold the source until `onDrain` has called. Bytes past the output limit are dropped. */
  write(name: StreamName, chunk: Buffer): boolean;
  /** Called when held sources may go on. */
  onDrain: () => void;
  /** Stops the clocks, writes everything out and closes the files. */
  finish(): Promise<{ readonly seconds: number; readonly outputBytes: number }>;
  /** Set once a limit or the signal has ended the run. */
  readonly stopped: Stop | undefined;
}

/** Waits until a run that is ready may begin; false: it may not, or was cancelled meanwhile. */
export async function mayBegin(spec: Pick<RunSpec, 'cleared'>, recording: Recording): Promise<boolean> {
  const cleared = (await spec.cleared) ?? true;
  return cleared && recording.stopped === undefined;
}

/**
 * Opens both files and watches the limits of wall time, idle time and output, and the signal. `end` is called once,
 * with the first that was met; it must end the run.
 */
export function record(
  spec: Pick<RunSpec, 'stdout' | 'stderr' | 'signal' | 'onStdout' | 'waits'>,
  limits: Limits,
  end: (stop: Stop) => void,
): Recording {
  const files = { stdout: createWriteStream(spec.stdout), stderr: createWriteStream(spec.stderr) };
  const full = new Set<StreamName>();
  const decoder = spec.onStdout === undefined ? undefined : new StringDecoder('utf8');
  let stopped: Stop | undefined;
  let outputBytes = 0;
  let startedAt: number | undefined;
  let lastByteAt = 0;
  let wall: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;

  const stop = (why: Stop): void => {
    if (stopped !== undefined) return;
    stopped = why;
    end(why);
  };
  const onAbort = (): void => stop('cancelled');
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  // One timer that looks at the time of the last byte: a timer a chunk would cost more than the chunk.
  const watchIdle = (idleMs: number): void => {
    if (spec.waits?.() === true) lastByteAt = performance.now();
    const left = idleMs - (performance.now() - lastByteAt);
    if (left <= 0) stop('idle');
    else idle = setTimeout(() => watchIdle(idleMs), Math.max(1, Math.ceil(left)));
  };
  for (const name of ['stdout', 'stderr'] as const)
    files[name].on('drain', () => {
      full.delete(name);
      if (full.size === 0) recording.onDrain();
    });
  const failures: Error[] = [];
  for (const file of [files.stdout, files.stderr]) file.on('error', (error) => failures.push(error));

  const recording: Recording & { stopped: Stop | undefined } = {
    get stopped() {
      return stopped;
    },
    onDrain: () => undefined,
    start() {
      startedAt = lastByteAt = performance.now();
      wall = setTimeout(() => stop('timeout'), limits.wallMs);
      if (limits.idleMs !== null) watchIdle(limits.idleMs);
    },
    write(name, chunk) {
      lastByteAt = performance.now();
      const room = limits.outputBytes - outputBytes;
      const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
      outputBytes += kept.length;
      if (kept.length > 0) {
        if (decoder !== undefined && name === 'stdout') spec.onStdout?.(decoder.write(kept));
        if (!files[name].write(kept)) full.add(name);
      }
      if (chunk.length > room) stop('output');
      return full.size === 0;
    },
    async finish() {
      clearTimeout(wall);
      clearTimeout(idle);
      spec.signal?.removeEventListener('abort', onAbort);
      const seconds = startedAt === undefined ? 0 : (performance.now() - startedAt) / 1000;
      const rest = decoder?.end() ?? '';
      if (rest !== '') spec.onStdout?.(rest);
      files.stdout.end();
      files.stderr.end();
      await Promise.allSettled([finished(files.stdout), finished(files.stderr)]);
      if (failures[0] !== undefined) throw failures[0];
      return { seconds, outputBytes };
    },
  };
  if (spec.signal?.aborted === true) queueMicrotask(onAbort);
  return recording;
}
