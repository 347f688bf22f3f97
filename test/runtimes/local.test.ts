import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { bubblewrapWorks } from '../../src/runtimes/bubblewrap.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { runtimeContract } from '../contracts/runtime.ts';

const open = (isolation: 'bubblewrap' | 'process', unsafeLocal = false): Promise<Runtime> => {
  const made = createLocalRuntime({ platform: 'local~test', base: 'test', unsafeLocal, isolation });
  return made.ok ? Promise.resolve(made.value) : Promise.reject(new Error(JSON.stringify(made.failure)));
};
/** Run folders and control groups that carry this process's number. */
const left = (): Promise<readonly string[]> => {
  const groups = ['', 'memory', 'pids', 'cpu']
    .map((name) => `/sys/fs/cgroup/${name}/mig-pipeline`)
    .filter((dir) => existsSync(dir));
  return Promise.resolve([
    ...readdirSync(os.tmpdir()).filter((name) => name.startsWith(`mig-pipeline-run-${process.pid}-`)),
    ...groups.flatMap((dir) => readdirSync(dir).filter((name) => name.startsWith(`${process.pid}-`))),
  ]);
};

describe.skipIf(!bubblewrapWorks())('bubblewrap', () => {
  runtimeContract('bubblewrap', () => open('bubblewrap'), left);
});

describe.skipIf(process.platform !== 'linux')('process', () => {
  runtimeContract('process', () => open('process'), left);

  test('foreign code needs the word of the user', async () => {
    const spec = {
      role: 'coding-agent', image: null, command: ['true'] as [string], cwd: '/', mounts: [], env: {},
      limits: { memoryBytes: 1 << 28, cpus: 1, pids: 9, wallMs: 9000, idleMs: null, outputBytes: 9 },
      network: 'none' as const, foreign: true, stdout: '/dev/null', stderr: '/dev/null', labels: {},
    }; // prettier-ignore
    const refused = {
      ok: false,
      failure: { class: 'config', reason: 'unsafe-local-needed', role: 'coding-agent' },
    };
    expect(await (await open('process')).run(spec)).toEqual(refused);
    expect(await (await open('process', true)).run(spec)).toMatchObject({ ok: true, value: { code: 0 } });
  });
});
