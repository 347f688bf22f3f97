import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { cli, startCli } from '../rigs/cli.ts';
import { preparedData, tracesIn, withDownloadsOf } from '../rigs/data-folder.ts';
import { healthBenchmark, healthId } from '../rigs/health-benchmark.ts';
import { scratchFolder } from '../rigs/scratch.ts';

let bench: string;
let downloads: string;
const newData = (): string => withDownloadsOf(downloads, path.join(scratchFolder(), 'data'));
const args = (data: string, runtime = 'local'): string[] => [
  ...['validate', '--all', '--benchmark', 'health', '--benchmark-dir', bench],
  ...['--data-dir', data, '--runtime', runtime, '--json'],
];

beforeAll(async () => {
  bench = healthBenchmark(path.join(scratchFolder(), 'health'), ['healthy', 'few', 'testless']);
  downloads = await preparedData('local');
}, 300_000);

test('a signal ends it at once: totals still add up, no verdict is kept and nothing is left behind', async () => {
  const data = newData();
  const child = startCli(args(data));
  const lines: Record<string, unknown>[] = [];
  let told = false;
  const end = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    // Once: a second signal would end it without a word.
    if (line['task'] === 'env_setup' && !told) told = child.kill('SIGINT');
  }
  expect(await end).toBe(130);
  expect(lines.at(-1)).toMatchObject({
    event: 'validation',
    counts: { total: 3, healthy: 0, degraded: 0, unhealthy: 0, unknown: 3 },
  });
  expect(existsSync(path.join(data, 'validation'))).toBe(false);
  expect(tracesIn(data)).toEqual([]);
}, 120_000);

test('an engine that does not answer is the fault of the world: exit 3, nothing decided, tried again', async () => {
  const data = newData();
  const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const result = await cli(args(data, 'docker'), { env });
  expect(result.code).toBe(3);
  const last = JSON.parse(result.stdout.trim().split('\n').at(-1)!) as {
    counts: object;
    migrations: { reasons: { reason: string }[] }[];
  };
  expect(last.counts).toMatchObject({ total: 3, unknown: 3 });
  expect(last.migrations.map(({ reasons }) => reasons[0]?.reason)).toEqual(
    Array.from({ length: 3 }, () => 'engine-unreachable'),
  );
  const next = await cli(['validate', healthId('few'), ...args(data).slice(2)]);
  expect(next.code).toBe(0);
  expect(JSON.parse(next.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    counts: { total: 1, degraded: 1 },
  });
}, 180_000);
