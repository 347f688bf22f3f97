import { setTimeout as after } from 'node:timers/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, summaryIn, type SummaryLine } from '../rigs/cli.ts';
import {
  copyOf,
  preparedData,
  tracesIn,
  withDownloadsOf,
  WORDTALLY,
  type Kind,
} from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';
import { leftInEngine, processesNaming, seeded, startRun, type RunningCli } from '../rigs/killed-run.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const SEED = Number(process.env['MIG_TEST_SEED'] ?? 20261121);
const FULL = process.env['MIG_TEST_FULL'] === '1';
const KINDS: [Kind, number][] = [
  ['local', FULL ? 10 : 2],
  ...(engineSocket === null ? [] : ([['docker', FULL ? 40 : 4]] as [Kind, number][])),
];
const AGENTS = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');
const FORCED = ['--force-coding', '--force-tests'];
const REMADE = ['helper_test', 'eval_test', 'coding_agent', 'patch_eval', 'unit_test_eval'];

const completedIn = (run: RunningCli): string[] =>
  run.events
    .filter(({ event, state }) => event === 'task-end' && state === 'completed')
    .map(({ task }) => String(task));
const stateOf = (summary: SummaryLine, id: string): string | undefined =>
  summary.tasks.find((task) => task.id === id)?.state;

describe.each(KINDS)('a %s run', (kind, kills) => {
  let prepared = '';
  beforeAll(async () => {
    prepared = await preparedData(kind);
  }, 300_000);
  const command = (data: string, agent = 'codemod', ...more: string[]): string[] => [
    ...['run', 'wordtally', '--agent', agent, '--agents-dir', AGENTS, '--runtime', kind, '--data-dir', data],
    ...more,
  ];

  test(
    `killed at ${kills} random moments (seed ${SEED}): the next start ends whole and leaves nothing`,
    async () => {
      const data = copyOf(prepared);
      const random = seeded(SEED);
      const started = performance.now();
      expect((await cli(command(data, 'codemod', ...FORCED))).code).toBe(0);
      const wholeMs = performance.now() - started;
      const pids: number[] = [];
      const seen = { early: 0, middle: 0, late: 0 };
      for (let round = 0; round < kills; round += 1) {
        // Every other time there is no earlier result that would make the next start short.
        const [fresh, at] = [round % 2 === 0, random() * wholeMs];
        const told = `round ${round}: killed after ${Math.round(at)} of ${Math.round(wholeMs)} ms`;
        if (fresh) {
          const chosen = REMADE.flatMap((task) => ['--task', task]);
          expect((await cli(['clean', '--unit', WORDTALLY, ...chosen, '--data-dir', data])).code, told).toBe(
            0,
          );
        }
        const run = startRun(command(data, 'codemod', ...(fresh ? [] : FORCED)));
        await Promise.race([after(at), run.end]);
        run.process.kill('SIGKILL');
        await run.end;
        pids.push(run.process.pid!);
        const done = completedIn(run);
        seen[done.length === 0 ? 'early' : done.length < REMADE.length ? 'middle' : 'late'] += 1;

        const next = await cli([...command(data), '--json']);
        expect(next.code, `${told}\n${next.stdout}`).toBe(0);
        const summary = summaryIn(next);
        const scored = ['scored', 'scored'];
        expect(
          Object.values(summary.scores).map(({ status }) => status),
          told,
        ).toEqual(scored);
        for (const id of ['repo_dl', 'env_setup', ...done])
          expect(stateOf(summary, id), `${told}: ${id}`).toBe('cached');
        expect(tracesIn(data), told).toEqual([]);
        expect(leftInEngine(pids), told).toEqual([]);
      }
      console.log(
        `${kind}: killed before any task ended, in the middle, after the last: ${JSON.stringify(seen)}`,
      );
      expect(processesNaming(data)).toEqual([]);
    },
    60_000 + kills * 90_000,
  );

  test.each([
    ['SIGINT', 130, 'looking for leaks', 0],
    ['SIGTERM', 143, 'working', 0],
    ['SIGINT', 130, 'working', 800],
  ] as const)(
    'that %s ends answers %i, and nothing of it is left: while it is %s, %i ms on',
    async (signal, code, at, later) => {
      const data = copyOf(prepared);
      const run = startRun(command(data, 'deaf'));
      await run.said(
        ({ event, task, doing }) => event === 'task-progress' && task === 'coding_agent' && doing === at,
      );
      await after(later);
      run.process.kill(signal);
      expect(await run.end).toMatchObject({ code });
      expect(leftInEngine([run.process.pid!])).toEqual([]);
      expect(processesNaming(data)).toEqual([]);
      expect(tracesIn(data)).toEqual([]);
      const planned = await cli(['plan', ...command(data, 'deaf').slice(1), '--json']);
      const { tasks } = JSON.parse(planned.stdout) as {
        tasks: { id: string; decision: string; reason: string }[];
      };
      expect(tasks.find(({ id }) => id === 'coding_agent')).toMatchObject({ decision: 'stale' });
      expect(tasks.filter(({ decision }) => decision === 'fresh')).toHaveLength(4);
    },
    60_000,
  );
});

describe('two processes', () => {
  test('on one unit and variant: one runs, the other ends with 5 and says who and since when', async () => {
    const data = copyOf(await preparedData('local'));
    const args = ['run', 'wordtally', '--agents-dir', AGENTS, '--runtime', 'local', '--data-dir', data];
    const first = startRun([...args, '--agent', 'deaf']);
    await first.said(({ event, task }) => event === 'task-start' && task === 'coding_agent');
    const second = await cli([...args, '--agent', 'deaf']);
    expect(second.stderr).toContain(`process ${first.process.pid} `);
    expect(second.stderr).toMatch(/since \d{4}-\d\d-\d\dT/);
    expect(second.code).toBe(5);
    const waited = await cli([...args, '--agent', 'deaf', '--wait', '1', '--json']);
    expect(JSON.parse(waited.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      event: 'error',
      code: 'unit-busy',
    });
    expect(waited.code).toBe(5);
    const other = await cli([...args, '--agent', 'does-nothing']);
    expect(other.code).toBe(0);
    first.process.kill('SIGTERM');
    expect(await first.end).toMatchObject({ code: 143 });
    expect(tracesIn(data)).toEqual([]);
  }, 90_000);

  test('with different agents both run, and what they share is made once', async () => {
    const data = withDownloadsOf(await preparedData('local'), path.join(scratchFolder(), 'data'));
    const run = (agent: string) =>
      cli(['run', 'wordtally', '--agent', agent, '--runtime', 'local', '--data-dir', data, '--json']);
    const results = await Promise.all([run('gold'), run('noop')]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const summaries = results.map(summaryIn);
    for (const id of ['repo_dl', 'env_setup', 'helper_test', 'eval_test']) {
      expect(summaries.map((summary) => stateOf(summary, id)).sort(), id).toEqual(['cached', 'completed']);
    }
    for (const id of ['coding_agent', 'patch_eval', 'unit_test_eval']) {
      expect(
        summaries.map((summary) => stateOf(summary, id)),
        id,
      ).toEqual(['completed', 'completed']);
    }
    expect(tracesIn(data)).toEqual([]);
  }, 120_000);
});
