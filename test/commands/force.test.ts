import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, summaryIn } from '../rigs/cli.ts';
import { copyOf, preparedData, withDownloadsOf } from '../rigs/data-folder.ts';
import type { EventLine } from '../rigs/killed-run.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { TINY, tinyBenchmark, tinyFlags } from '../rigs/tiny-migration.ts';

const ALL = [
  'repo_dl',
  'env_setup',
  'helper_test',
  'eval_test',
  'coding_agent',
  'patch_eval',
  'unit_test_eval',
];
/** Turns on the rows that take longest and differ from others only in where they begin. */
const FULL = process.env['MIG_TEST_FULL'] === '1';
const FIXTURES = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');
const BELOW: Record<string, string[]> = {
  repo_dl: ALL,
  env_setup: ALL.slice(1),
  helper_test: ['helper_test', 'coding_agent', 'patch_eval', 'unit_test_eval'],
  eval_test: ['eval_test', 'unit_test_eval'],
  coding_agent: ['coding_agent', 'patch_eval', 'unit_test_eval'],
  patch_eval: ['patch_eval'],
  unit_test_eval: ['unit_test_eval'],
};
const ABOVE: Record<string, string[]> = {
  repo_dl: ['repo_dl'],
  env_setup: ['repo_dl', 'env_setup'],
  helper_test: ['repo_dl', 'env_setup', 'helper_test'],
  eval_test: ['repo_dl', 'env_setup', 'eval_test'],
  coding_agent: ['repo_dl', 'env_setup', 'helper_test', 'coding_agent'],
  patch_eval: ['repo_dl', 'env_setup', 'helper_test', 'coding_agent', 'patch_eval'],
  unit_test_eval: ALL.filter((id) => id !== 'patch_eval'),
};
/** These tasks, each for one reason. */
const each = (ids: readonly string[], reason: string): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, reason]));
const CODING = BELOW['coding_agent']!;

/** Everything that one run of the tiny migration stands on, each test's own. */
interface World {
  readonly cwd: string;
  readonly bench: string;
  readonly agents: string;
  data: string;
}
interface Planned {
  readonly id: string;
  readonly decision: 'fresh' | 'stale' | 'depends' | 'pending';
  readonly reason: string | null;
  readonly changes: readonly unknown[];
  readonly on: readonly string[];
}

let whole = '';
beforeAll(async () => {
  const top = mkdtempSync(path.join(tmpdir(), 'mig-force-'));
  whole = path.join(top, 'world');
  mkdirSync(path.join(whole, 'config'), { recursive: true });
  tinyBenchmark(path.join(whole, 'bench'));
  cpSync(path.join(FIXTURES, 'writes'), path.join(whole, 'agents', 'writes'), { recursive: true });
  withDownloadsOf(await preparedData('local'), path.join(whole, 'data'));
  const result = await cli(command('run', world(whole)));
  if (result.code !== 0) throw new Error(result.stdout + result.stderr);
  return () => rmSync(top, { recursive: true, force: true });
}, 300_000);

const world = (top: string): World => ({
  cwd: top,
  bench: path.join(top, 'bench'),
  agents: path.join(top, 'agents'),
  data: path.join(top, 'data'),
});

function command(verb: string, at: World, more: readonly string[] = []): string[] {
  const what = [verb, TINY, ...tinyFlags(at.bench), '--agents-dir', at.agents, '--agent', 'writes'];
  return [...what, '--runtime', 'local', '--data-dir', at.data, '--json', ...more];
}

/** Plans, runs, and holds both against the tasks that are expected to run, each with its reason. */
async function expectRuns(
  expected: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  change: (at: World) => void = () => undefined,
  only: readonly string[] = ALL,
): Promise<void> {
  const at = world(copyOf(whole));
  change(at);
  const options = { cwd: at.cwd };
  const planFlags = flags.filter((flag) => flag !== '--verbose' && flag !== '--quiet');
  const planned = await cli(command('plan', at, planFlags), options);
  expect(planned.code, planned.stdout).toBe(0);
  const { tasks: plan, hasWork } = JSON.parse(planned.stdout) as { tasks: Planned[]; hasWork: boolean };
  const result = await cli(command('run', at, flags), options);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  const events = result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventLine);
  const starts = events.filter(({ event }) => event === 'task-start');

  const states = Object.fromEntries(summaryIn(result).tasks.map(({ id, state }) => [id, state]));
  const expectedStates = ALL.map((id) => [
    id,
    id in expected ? 'completed' : only.includes(id) ? 'cached' : 'pending',
  ]);
  expect(states).toEqual(Object.fromEntries(expectedStates));
  expect(Object.fromEntries(starts.map(({ task, reason }) => [task, reason]))).toEqual(expected);
  expect(hasWork).toBe(Object.keys(expected).length > 0);
  for (const { id, decision, reason, changes, on } of plan) {
    const start = starts.find(({ task }) => task === id);
    if (decision === 'stale') expect(start, id).toMatchObject({ reason, changes });
    if (decision === 'fresh' || decision === 'pending') expect(start, id).toBeUndefined();
    if (decision === 'depends') {
      expect(on.length, id).toBeGreaterThan(0);
      if (start !== undefined) expect(start['reason'], id).toBe('need');
    }
  }
  const again = await cli(
    command('plan', at, [...planFlags.filter((flag) => !isForce(flag)), '--exit-code']),
    options,
  );
  if (!flags.some(isForce)) expect(again.code, again.stdout).toBe(0);
}
const isForce = (flag: string): boolean => /^--(force|from|until)/.test(flag);
const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

describe('flags', () => {
  test.each([
    [[], {}],
    [['--force-coding'], each(CODING, 'forced')],
    [['--force-tests'], each(['helper_test', 'eval_test', ...CODING], 'forced')],
    [['--force-all'], each(ALL, 'forced')],
    [['--force', 'helper_test', 'patch_eval'], each(['helper_test', 'patch_eval'], 'forced')],
    [['--force-coding', '--until', 'coding_agent'], each(['coding_agent'], 'forced'), ABOVE['coding_agent']],
    ...(FULL
      ? [[['--force-all', '--until', 'eval_test'], each(ABOVE['eval_test']!, 'forced'), ABOVE['eval_test']]]
      : []),
    [
      ['--from', 'env_setup', '--until', 'helper_test'],
      each(['env_setup', 'helper_test'], 'forced'),
      ABOVE['helper_test'],
    ],
  ] as [string[], Record<string, string>, string[]?][])(
    '%j',
    async (flags, expected, only) => {
      await expectRuns(expected, flags, undefined, only);
    },
    300_000,
  );

  test.each(ALL)(
    '--force %s runs it alone, since its output comes out the same',
    async (id) => {
      await expectRuns({ [id]: 'forced' }, ['--force', id]);
    },
    300_000,
  );

  test.each(ALL)(
    '--from %s runs it and all that depends on it',
    async (id) => {
      await expectRuns(each(BELOW[id]!, 'forced'), ['--from', id]);
    },
    300_000,
  );

  test.each(ALL)(
    '--until %s looks at it and what it needs, and at nothing else',
    async (id) => {
      await expectRuns({}, ['--until', id], undefined, ABOVE[id]);
    },
    300_000,
  );

  test.each([['--verbose'], ['--concurrency', '1'], ['--verify'], ['--runtime', 'auto']])(
    '%s changes no result',
    async (...flags) => {
      await expectRuns({}, flags);
    },
    300_000,
  );

  test.each([
    ['another parameter', ['--param', 'line=y = 2']],
    ['another model', ['--model', 'other']],
    ['another attempt', ['--attempt', '2']],
  ])(
    '%s is another variant, run beside the first',
    async (_, flags) => {
      await expectRuns(each(CODING, 'never-run'), flags);
    },
    300_000,
  );
});

describe('a change', () => {
  const cases: [string, Record<string, string>, (at: World) => void][] = [
    [
      "of the agent's version alone",
      { coding_agent: 'params' },
      (at) => edit(path.join(at.agents, 'writes/agent.yaml'), (text) => text.replace('"1"', '"2"')),
    ],
    [
      "of one byte of the agent's program that makes another patch",
      { coding_agent: 'params', patch_eval: 'need', unit_test_eval: 'need' },
      (at) =>
        edit(path.join(at.agents, 'writes/run.py'), (text) => text.replace('line + "\\n"', 'line + ";"')),
    ],
    [
      'of one byte of the tree before',
      { repo_dl: 'params', ...each(ALL.slice(1), 'need') },
      (at) => edit(path.join(at.bench, 'before/tally.py'), (text) => `${text}#`),
    ],
    [
      'of one byte of a helper test',
      { repo_dl: 'params', ...each(ALL.slice(1), 'need') },
      (at) => edit(path.join(at.bench, 'before/tests/test_tally.py'), (text) => `${text}#`),
    ],
    [
      // how tests are falsified follows from the ground truth, so that no candidate can know it
      'of one byte of the tree after',
      { repo_dl: 'params', ...each(['env_setup', 'eval_test', 'patch_eval', 'unit_test_eval'], 'need') },
      (at) => edit(path.join(at.bench, 'after/tally.py'), (text) => `${text}#`),
    ],
    [
      'of a test after',
      { repo_dl: 'params', ...each(['env_setup', 'eval_test', 'patch_eval', 'unit_test_eval'], 'need') },
      (at) =>
        edit(path.join(at.bench, 'after/tests/test_tally.py'), (text) =>
          text.replace("['a']) == 1", "['b']) == 1"),
        ),
    ],
    [
      // the strength of the tests, which the score bears, is measured by them
      'of the labels',
      each(['eval_test', 'patch_eval', 'unit_test_eval'], 'need'),
      (at) => edit(path.join(at.bench, `${TINY}.yaml`), (text) => `${text}labels: all\n`),
    ],
    [
      "of the repository's own configuration",
      {
        env_setup: 'params',
        ...each(['helper_test', 'eval_test', 'coding_agent', 'unit_test_eval'], 'need'),
      },
      (at) => {
        mkdirSync(path.join(at.cwd, 'config/repos'));
        writeFileSync(path.join(at.cwd, 'config/repos/local_tiny.yaml'), 'tests: {args: [-q]}\n');
      },
    ],
    [
      'of the time that a test may take',
      each(['helper_test', 'eval_test', 'unit_test_eval'], 'params'),
      (at) => writeFileSync(path.join(at.cwd, 'config/pipeline.yaml'), 'tests: {testSeconds: 19}\n'),
    ],
    [
      'of a helper test where it lies, which is made anew and comes out the same',
      { helper_test: 'output-changed' },
      (at) =>
        edit(
          path.join(at.data, 'input-tests', TINY, 'existing/tests/tests/test_tally.py'),
          (text) => `${text}#`,
        ),
    ],
    [
      'that takes a patch away',
      { coding_agent: 'output-missing' },
      (at) => rmSync(path.join(at.data, 'trajectories', TINY, 'writes/migration.patch')),
    ],
    [
      'that takes an environment away',
      { env_setup: 'output-missing' },
      (at) => {
        const [platform] = readdirSync(path.join(at.data, 'envs', TINY)).filter(
          (name) => !name.endsWith('.json'),
        );
        rmSync(path.join(at.data, 'envs', TINY, platform!), { recursive: true });
      },
    ],
    [
      'of the place of the data folder',
      {},
      (at) => {
        const moved = path.join(scratchFolder(), 'moved');
        renameSync(at.data, moved);
        at.data = moved;
      },
    ],
    [
      'of the place of benchmark and agents',
      {},
      (at) => {
        const moved = scratchFolder();
        cpSync(at.bench, path.join(moved, 'b'), { recursive: true });
        cpSync(at.agents, path.join(moved, 'a'), { recursive: true });
        Object.assign(at, { bench: path.join(moved, 'b'), agents: path.join(moved, 'a') });
      },
    ],
  ];
  test.each(cases)(
    '%s',
    async (_, expected, change) => {
      await expectRuns(expected, [], change);
    },
    300_000,
  );
});
