import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../src/model/failure.ts';
import { STALE_REASONS } from '../src/model/events.ts';
import { cli } from './rigs/cli.ts';
import { preparedData, WORDTALLY } from './rigs/data-folder.ts';

const root = path.dirname(import.meta.dirname);
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const section = (title: string): string => {
  const start = readme.indexOf(`\n## ${title}\n`);
  const sub = readme.indexOf(`\n### ${title}\n`);
  const from = start === -1 ? sub : start;
  if (from === -1) throw new Error(`the README has no section "${title}"`);
  const next = readme.slice(from + 4).search(/\n##/);
  return readme.slice(from, next === -1 ? undefined : from + 4 + next);
};
const flagsIn = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]+/g) ?? [])];
const help = async (...args: string[]): Promise<string> => {
  const result = await cli([...args, '--help']);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return result.stdout;
};
const VERBS = /^ {2}([a-z-]+)/gm;

describe('commands', () => {
  test('the table and --help name the same', async () => {
    const listed = [...(await help()).split('Commands:')[1]!.matchAll(VERBS)].map(([, name]) => name!);
    const rows = section('Commands')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const described = rows
      .flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z-]+)/g)].map(([, name]) => name!))
      .filter((name) => !name.startsWith('-'));
    expect([...new Set(described)].sort()).toEqual(listed.filter((name) => name !== 'help').sort());
  });
  test('every flag that the README names is one of some command, and run has no other', async () => {
    const program = await help();
    const verbs = [...program.split('Commands:')[1]!.matchAll(VERBS)].map(([, name]) => name!);
    const pages = await Promise.all(verbs.filter((name) => name !== 'help').map((name) => help(name)));
    const known = new Set([program, ...pages, await help('benchmark', 'get')].flatMap(flagsIn));
    const of = ['Commands', 'The graph and the cache', 'Benchmarks and agents', 'Runtimes'];
    const named = of.map(section).flatMap(flagsIn);
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
    const own = flagsIn((await help('run')).replaceAll(/\n {20,}.*/g, '')).filter(
      (flag) => flag !== '--help',
    );
    expect(own.filter((flag) => !named.includes(flag))).toEqual([]);
  });
  test('plan and why take what run takes', async () => {
    const options = (page: string): string[] =>
      [...page.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag!);
    const [run, plan, why] = [
      options(await help('run')),
      options(await help('plan')),
      options(await help('why')),
    ];
    const own = new Set(['--attempts', '--dry-run', '--fail-under', '--wait', '--verbose', '--quiet']);
    const shared = run.filter((flag) => !own.has(flag));
    expect(plan.filter((flag) => flag !== '--exit-code').sort()).toEqual(shared.sort());
    expect(why.sort()).toEqual(shared.sort());
  });
});

test('the table of exit codes has every code', () => {
  const codes = [...section('Exit codes').matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell]) =>
    cell!.split(',').map(Number),
  );
  expect(codes.sort((a, b) => a - b)).toEqual(Object.values(EXIT).sort((a, b) => a - b));
});

test('the reasons for which a task is stale are those of the code, in their order', () => {
  const listed = section('The graph and the cache').replaceAll('\n', ' ');
  expect(listed).toContain(STALE_REASONS.join(', '));
});

describe('JSON', () => {
  test("run's last line has the published shape", async () => {
    const data = await preparedData('local');
    const args = ['run', 'wordtally', '--agent', 'noop', '--runtime', 'local', '--data-dir', data, '--json'];
    const line = JSON.parse((await cli(args)).stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    const [, published] = /```json\n([^]*?)```/.exec(section('JSON, version 1'))!;
    const shape = JSON.parse(published!) as Record<string, unknown>;
    expect(Object.keys(line)).toEqual(expect.arrayContaining(Object.keys(shape)));
    const [task] = line['tasks'] as object[];
    expect(Object.keys(task!).sort()).toEqual(Object.keys((shape['tasks'] as object[])[0]!).sort());
    const scores = (of: Record<string, unknown>) => of['scores'] as Record<string, object>;
    for (const [name, score] of Object.entries(scores(shape))) {
      expect(Object.keys(scores(line)[name]!), name).toEqual(expect.arrayContaining(Object.keys(score)));
    }
    expect(line['schema']).toBe(1);
  }, 300_000);
  test.each([
    [['list-migrations'], []],
    [['list-agents'], []],
    [['plan', WORDTALLY, '--runtime', 'local'], ['tasks']],
    [['why', WORDTALLY, '--runtime', 'local'], ['tasks']],
    [['show', WORDTALLY], []],
    [['status'], ['tasks']],
    [['config'], []],
    [['benchmark', 'list'], ['benchmarks']],
  ])(
    '%j is one document of schema 1',
    async (args, keys) => {
      const env = { MIG_DATA_DIR: await preparedData('local') };
      const result = await cli([...args, '--json'], { env });
      expect(result).toMatchObject({ code: 0, stderr: '' });
      const document = JSON.parse(result.stdout) as Record<string, unknown>;
      expect(document['schema']).toBe(1);
      expect(Object.keys(document)).toEqual(expect.arrayContaining(keys));
    },
    300_000,
  );
  test("plan's tasks have the published members", async () => {
    const env = { MIG_DATA_DIR: await preparedData('local') };
    const result = await cli(['plan', WORDTALLY, '--runtime', 'local', '--agent', 'noop', '--json'], { env });
    const { tasks } = JSON.parse(result.stdout) as { tasks: Record<string, unknown>[] };
    for (const task of tasks) {
      expect(task).toMatchObject({ decision: 'fresh', reason: null, changes: [], on: [] });
    }
  }, 300_000);
});
