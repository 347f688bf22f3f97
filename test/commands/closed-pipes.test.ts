import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, CLI } from '../rigs/cli.ts';
import { copyOf, preparedData, tracesIn, type Kind } from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';
import { leftInEngine, processesNaming, startRun } from '../rigs/killed-run.ts';

const KINDS: Kind[] = ['local', ...(engineSocket === null ? [] : (['docker'] as const))];
const AGENTS = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');

describe.each(KINDS)('a %s run that nobody reads any more', (kind) => {
  const command = (data: string, agent: string): string[] => [
    ...['run', 'wordtally', '--agent', agent, '--agents-dir', AGENTS, '--runtime', kind, '--data-dir', data],
  ];

  test('goes on to its end', async () => {
    const data = copyOf(await preparedData(kind));
    const run = startRun([...command(data, 'codemod'), '--force-coding', '--verbose']);
    await run.said(({ event }) => event === 'task-start');
    run.process.stdout!.destroy();
    run.process.stderr!.destroy();
    expect(await run.end).toMatchObject({ code: 0, signal: null });
    const planned = await cli(['plan', ...command(data, 'codemod').slice(1), '--exit-code']);
    expect(planned.code).toBe(0);
    expect(tracesIn(data)).toEqual([]);
  }, 120_000);

  test('is ended by INT like any other, and nothing of it is left', async () => {
    const data = copyOf(await preparedData(kind));
    const run = startRun([...command(data, 'deaf'), '--verbose']);
    await run.said(({ task, doing }) => task === 'coding_agent' && doing === 'working');
    run.process.stdout!.destroy();
    run.process.stderr!.destroy();
    run.process.kill('SIGINT');
    expect(await run.end).toMatchObject({ code: 130, signal: null });
    expect(leftInEngine([run.process.pid!])).toEqual([]);
    expect(processesNaming(data)).toEqual([]);
    expect(tracesIn(data)).toEqual([]);
  }, 120_000);
});

test('output that cannot be written is a fault outside, and said', () => {
  const full = spawnSync('sh', ['-c', `exec "$0" "$@" > /dev/full`, process.execPath, CLI, 'list-agents'], {
    encoding: 'utf8',
  });
  expect(full.stderr).toMatch(/standard output could not be written: .*ENOSPC/);
  expect(full.status).toBe(3);
});

test('a reader that has seen enough is no fault', () => {
  const words = ['-o', 'pipefail', '-c', `"$0" "$@" | true`, process.execPath, CLI, 'list-migrations'];
  expect(spawnSync('bash', words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
