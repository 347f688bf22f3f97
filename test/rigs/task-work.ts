import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { TaskWork } from '../../src/pipeline/task.ts';

/** What a task is given, over folders below `dir`; what it says is kept. */
export function taskWork(
  dir: string,
  signal: AbortSignal = new AbortController().signal,
): TaskWork & { readonly warnings: string[] } {
  const folders = ['dir', 'scratch', 'logs'].map((name) => path.join(dir, name));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const [work = '', scratchDir = '', logDir = ''] = folders;
  const warnings: string[] = [];
  return {
    dir: work,
    scratchDir,
    logDir,
    runId: 'run',
    signal,
    artefact: () => {
      throw new Error('no needs');
    },
    progress: () => undefined,
    warn: (code, message) => warnings.push(`${code}: ${message}`),
    limited: async (_scarce, job) => await job(),
    warnings,
  };
}
