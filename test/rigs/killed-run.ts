import { execFileSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { startCli } from './cli.ts';
import { engineSocket } from './engine.ts';

export type EventLine = Readonly<Record<string, unknown>> & { readonly event: string };

export interface RunningCli {
  readonly process: ChildProcess;
  readonly events: readonly EventLine[];
  /** Resolves with the first event for which `test` holds; rejects when the process ends before. */
  said(test: (event: EventLine) => boolean): Promise<EventLine>;
  readonly end: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
  }>;
}

/** Starts `run ... --json` and reads its events as they come. */
export function startRun(args: readonly string[]): RunningCli {
  const child = startCli([...args, '--json']);
  const events: EventLine[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => [...waiting].forEach((look) => look());
  let ended = false;
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (!line.endsWith('}')) return; // the last line of a killed process may be cut
    events.push(JSON.parse(line) as EventLine);
    wake();
  });
  const end = new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) => {
    child.on('close', (code, signal) => {
      ended = true;
      wake();
      resolve({ code, signal, stderr });
    });
  });
  return {
    process: child,
    events,
    end,
    said: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(test);
          if (found === undefined && !ended) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`ended without saying it: ${JSON.stringify(events)} ${stderr}`));
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Containers and networks that processes with these ids made and that are still there. */
export function leftInEngine(pids: readonly number[]): string[] {
  if (engineSocket === null) return [];
  const docker = (...args: string[]): string[] =>
    execFileSync('docker', args, { env: { ...process.env, DOCKER_HOST: engineSocket! }, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  return pids.flatMap((pid) => {
    const filter = ['--filter', `label=mig-pipeline.owner-pid=${pid}`];
    const containers = docker('ps', '--all', ...filter, '--format', 'container {{.Names}} {{.Status}}');
    return [...containers, ...docker('network', 'ls', ...filter, '--format', 'network {{.Name}}')];
  });
}

/** Command lines of living processes that name this folder. */
export function processesNaming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(folder) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
