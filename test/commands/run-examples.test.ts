import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, cli, summaryIn } from '../rigs/cli.ts';
import { copyOf, inventory, preparedData, tracesIn, WORDTALLY, type Kind } from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const EXAMPLES = path.join(path.dirname(path.dirname(import.meta.dirname)), 'config/benchmarks/examples');
const OTHERS = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml') && !name.startsWith(WORDTALLY))
  .map((name) => name.replace(/\.yaml$/, ''));
const TASKS = 7;
const PREPARED_MS = 300_000;

const run = async (id: string, kind: Kind, data: string, agent: string) => {
  const result = await cli(['run', id, '--agent', agent, '--runtime', kind, '--data-dir', data, '--json']);
  return { result, summary: summaryIn(result) };
};
const states = (summary: ReturnType<typeof summaryIn>): string[] => summary.tasks.map(({ state }) => state);
const scoreFile = (data: string, agent: string, score: string): string =>
  path.join(data, 'score', WORDTALLY, `${agent}~existing`, score, 'score.json');

/** A score without what must differ: how long it took and where. */
function content(data: string, agent: string, score: string): string {
  const read = JSON.parse(readFileSync(scoreFile(data, agent, score), 'utf8')) as Record<string, unknown>;
  return JSON.stringify({ ...read, seconds: null, runtime: null });
}

/** Everything the engine has said since a moment about containers of this tool. */
function containerEvents(sinceSeconds: number): string[] {
  const window = ['--since', String(sinceSeconds), '--until', String(Math.ceil(Date.now() / 1000))];
  const only = [
    '--filter',
    'type=container',
    '--filter',
    'event=create',
    '--format',
    '{{json .Actor.Attributes}}',
  ];
  const text = execFileSync('docker', ['events', ...window, ...only], {
    env: { ...process.env, DOCKER_HOST: engineSocket! },
    encoding: 'utf8',
  });
  return text.split('\n').filter((line) => line.includes(WORDTALLY));
}

describe.each([['local'], ...(engineSocket === null ? [] : [['docker']])] as [Kind][])(
  'wordtally, %s',
  (kind) => {
    let data = '';
    beforeAll(async () => {
      data = await preparedData(kind);
    }, PREPARED_MS);

    test('gold scores 1 and is resolved, noop scores 0 and is not, codemod is scored', async () => {
      const gold = await run('wordtally', kind, data, 'gold');
      expect(gold.result.code).toBe(0);
      expect(gold.summary.scores).toMatchObject({
        patch_eval: { status: 'scored', value: 1 },
        unit_test_eval: { status: 'scored', value: 1, resolved: true, counts: { preserved: 34, passed: 34 } },
      });
      const noop = await run('wordtally', kind, data, 'noop');
      expect(noop.result.code).toBe(0);
      expect(noop.summary.scores).toMatchObject({
        patch_eval: { status: 'scored', value: 0 },
        unit_test_eval: { status: 'scored', resolved: false },
      });
      const codemod = await run('wordtally', kind, data, 'codemod');
      expect(codemod.result.code).toBe(0);
      const { patch_eval: patch, unit_test_eval: tests } = codemod.summary.scores;
      expect([patch.status, tests.status]).toEqual(['scored', 'scored']);
      const outcome = codemod.summary.tasks.find(({ id }) => id === 'coding_agent')?.outcome;
      expect(['patch', 'no-patch']).toContain(outcome);
      expect(patch.value! > 0).toBe(outcome === 'patch');
      expect(tests.resolved).toBe(tests.counts!['passed'] === tests.counts!['preserved']);
      expect(tracesIn(data)).toEqual([]);
    }, 120_000);

    test('again: all is cached, nothing is written and no container is started', async () => {
      const own = copyOf(data);
      const before = inventory(own);
      const since = Math.floor(Date.now() / 1000);
      const { result, summary } = await run('wordtally', kind, own, 'noop');
      expect(result.code).toBe(0);
      expect(states(summary)).toEqual(Array.from({ length: TASKS }, () => 'cached'));
      expect(inventory(own)).toEqual(before);
      if (kind === 'docker') expect(containerEvents(since)).toEqual([]);
    }, 300_000);

    test('again asks no engine and no program: it works where neither is there, also with --runtime auto', async () => {
      const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
      for (const runtime of [kind, 'auto']) {
        const args = [
          'run',
          'wordtally',
          '--agent',
          'noop',
          '--runtime',
          runtime,
          '--data-dir',
          data,
          '--json',
        ];
        const result = await cli(args, { env });
        expect(result.code).toBe(0);
        expect(states(summaryIn(result))).toEqual(Array.from({ length: TASKS }, () => 'cached'));
      }
    }, 300_000);

    test('a moved data folder keeps every hit', async () => {
      const moved = path.join(scratchFolder(), 'elsewhere');
      renameSync(copyOf(data), moved);
      const args = ['plan', 'wordtally', '--agent', 'noop', '--runtime', kind, '--data-dir', moved, '--json'];
      const planned = await cli([...args, '--exit-code']);
      const { tasks } = JSON.parse(planned.stdout) as { tasks: { decision: string }[] };
      expect(tasks.map(({ decision }) => decision)).toEqual(Array.from({ length: TASKS }, () => 'fresh'));
      expect(planned.code).toBe(0);
    }, 300_000);

    test.runIf(process.getuid?.() === 0)(
      'again works with the data folder mounted read-only',
      async () => {
        const args = ['run', 'wordtally', '--agent', 'noop', '--runtime', kind, '--data-dir', data];
        const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
        const argv = [
          '-m',
          '--propagation',
          'private',
          'sh',
          '-c',
          script,
          data,
          process.execPath,
          CLI,
          ...args,
        ];
        const code = await new Promise((resolve) => {
          const child = execFile('unshare', argv, () => resolve(child.exitCode));
        });
        expect(code).toBe(0);
      },
      300_000,
    );
  },
);

test.skipIf(engineSocket === null)(
  'both runtimes give the same scores, byte for byte but for times',
  async () => {
    const [local, docker] = [await preparedData('local'), await preparedData('docker')];
    for (const agent of ['gold', 'noop', 'codemod']) {
      for (const [kind, data] of [
        ['local', local],
        ['docker', docker],
      ] as const) {
        expect((await run('wordtally', kind, data, agent)).result.code).toBe(0);
      }
      for (const score of ['patch_eval', 'unit_test_eval']) {
        expect(content(docker, agent, score), `${agent} ${score}`).toBe(content(local, agent, score));
      }
    }
  },
  300_000,
);

test.each(OTHERS)(
  '%s: gold scores 1 and is resolved, noop scores 0 and is not',
  async (id) => {
    const data = await preparedData('local');
    const gold = await run(id, 'local', data, 'gold');
    expect(gold.summary.scores).toMatchObject({
      patch_eval: { status: 'scored', value: 1 },
      unit_test_eval: { status: 'scored', value: 1, resolved: true },
    });
    const noop = await run(id, 'local', data, 'noop');
    expect(noop.summary.scores).toMatchObject({
      patch_eval: { status: 'scored', value: 0 },
      unit_test_eval: { status: 'scored', resolved: false },
    });
    expect([gold.result.code, noop.result.code]).toEqual([0, 0]);
    const shared = noop.summary.tasks.filter(
      ({ id }) => !['coding_agent', 'patch_eval', 'unit_test_eval'].includes(id),
    );
    expect(shared.map(({ state }) => state)).toEqual(['cached', 'cached', 'cached', 'cached']);
  },
  180_000,
);
