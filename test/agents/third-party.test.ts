import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { copyOf, preparedData } from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';

const SCRIPT = path.join(import.meta.dirname, '..', '..', 'scripts', 'prove-agents.mjs');
/** Small ones of two wire forms; `node scripts/prove-agents.mjs` proves them all. */
const AGENTS = ['qwen-code', 'gemini-cli'];

interface Row {
  readonly agent: string;
  readonly works: boolean;
  readonly samePatchReplayed: boolean;
  readonly tokensAsTold: boolean;
  readonly keyNowhere: boolean;
  readonly own: string | null;
  readonly calls: number;
  readonly editF1: number;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly found: string }[];
}

test.skipIf(engineSocket === null)(
  'command-line agents of others, unmodified and sealed in containers, migrate, are counted, and are replayed',
  async () => {
    const data = copyOf(await preparedData('docker'));
    const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
      const args = [SCRIPT, ...AGENTS, '--runtime', 'docker', '--data-dir', data, '--json'];
      execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (_error, out) => resolve({ stdout: out }));
    });
    const { rows } = JSON.parse(stdout) as { rows: readonly Row[] };
    expect(rows.map(({ agent }) => agent)).toEqual(AGENTS);
    for (const { checks, ...row } of rows)
      expect(row, JSON.stringify(checks, null, 1)).toMatchObject({
        works: true,
        samePatchReplayed: true,
        tokensAsTold: true,
        keyNowhere: true,
        own: 'ok',
        editF1: 1,
      });
  },
  900_000,
);
