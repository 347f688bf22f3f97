import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { build } from 'esbuild';
import type { RunOutcome } from '../../src/pipeline/outcome.ts';
import type { ChildOrder } from './pipeline-child.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Bundles one file of `test/rigs` so that plain Node runs it; answers the bundle's path. */
export async function bundleRig(name: string): Promise<string> {
  const outfile = path.join(root, 'node_modules', '.cache', 'mig-rigs', `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [path.join(root, 'test', 'rigs', `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

export interface ChildEnd {
  code: number | null;
  signal: string | null;
  outcome: RunOutcome | null;
  ran: string[];
  stderr: string;
}

export interface Child {
  process: ChildProcess;
  /** Resolves when the child said a line for which `test` holds; rejects when it ends before. */
  said(test: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  go(): void;
  end: Promise<ChildEnd>;
}

/** Starts a child of `pipeline-child.ts`. */
export function startChild(bundle: string, order: ChildOrder): Child {
  const child = spawn(process.execPath, [bundle, JSON.stringify(order)], { stdio: 'pipe' });
  const lines: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  let ended = false;
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const wake of waiting.splice(0)) wake();
  });
  const end = new Promise<ChildEnd>((resolve) => {
    child.on('close', (code, signal) => {
      ended = true;
      for (const wake of waiting.splice(0)) wake();
      const last = lines.findLast((line) => 'outcome' in line) as unknown as ChildEnd | undefined;
      resolve({ code, signal, outcome: last?.outcome ?? null, ran: last?.ran ?? [], stderr });
    });
  });
  return {
    process: child,
    said: async (test) => {
      for (;;) {
        const found = lines.find(test);
        if (found !== undefined) return found;
        if (ended) throw new Error(`the child ended without saying it: ${JSON.stringify(lines)} ${stderr}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    go: () => child.stdin.write('go\n'),
    end,
  };
}
