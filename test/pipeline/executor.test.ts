import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PipelineEvent, StaleReason } from '../../src/model/events.ts';
import { digest, type TaskId } from '../../src/model/ids.ts';
import { fail, ok } from '../../src/model/result.ts';
import { DAGExecutor, type ExecutorOptions } from '../../src/pipeline/executor.ts';
import type { RunOptions } from '../../src/pipeline/selection.ts';
import { ALL, makeRig, UNIT, type Rig, type Scripts } from '../rigs/scripted-tasks.ts';

let dir: string;
let rig: Rig;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-exec-'));
  rig = makeRig(path.join(dir, 'data'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const about = { id: UNIT, agent: 'a', variant: 'v', runtime: null };
const executor = (scripts: Scripts = {}, options: RunOptions = {}, more: Partial<ExecutorOptions> = {}) =>
  new DAGExecutor({ ...rig, about, options, ...more, tasks: rig.tasks(scripts) });
const stamp = (place: string) => path.join(rig.dataDir, `${place}.stamp.json`);
const ENV = `envs/${UNIT}/local~x`;
const HELPER = `input-tests/${UNIT}/t`;
const CODING = `trajectories/${UNIT}/v`;
const infra = () => fail({ class: 'infra', reason: 'engine-unreachable', socket: 's', detail: 'd' } as const);

/** Every path of the data folder with its mtime. */
function everything(): Record<string, number> {
  const names = readdirSync(rig.dataDir, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    ['.', ...names].map((name) => [name, statSync(path.join(rig.dataDir, name)).mtimeMs]),
  );
}

interface Row {
  name: string;
  options?: RunOptions;
  scripts?: Scripts;
  change?: () => void;
  /** Tasks that the plan says are stale, with their reasons. */
  stale: Partial<Record<TaskId, StaleReason>>;
  depends?: TaskId[];
  /** What really runs. */
  ran: TaskId[];
  pending?: TaskId[];
}
const forced = (ids: TaskId[]) => Object.fromEntries(ids.map((id) => [id, 'forced'])) as Row['stale'];
const SCORES: TaskId[] = ['patch_eval', 'unit_test_eval'];
const BELOW_CODING: TaskId[] = ['coding_agent', ...SCORES];
const BELOW_TESTS: TaskId[] = ['helper_test', 'eval_test', ...BELOW_CODING];
const rows: Row[] = [
  { name: 'nothing', stale: {}, ran: [] },
  { name: '--force-coding', options: { forceCoding: true }, stale: forced(BELOW_CODING), ran: BELOW_CODING },
  { name: '--force-tests', options: { forceTests: true }, stale: forced(BELOW_TESTS), ran: BELOW_TESTS },
  { name: '--force-all', options: { forceAll: true }, stale: forced(ALL), ran: ALL },
  {
    name: '--force coding_agent, same patch: cut off below',
    options: { force: ['coding_agent'] },
    stale: forced(['coding_agent']),
    depends: SCORES,
    ran: ['coding_agent'],
  },
  {
    name: '--force coding_agent, another patch: the scores follow',
    options: { force: ['coding_agent'] },
    scripts: { coding_agent: { content: 'another patch' } },
    stale: forced(['coding_agent']),
    depends: SCORES,
    ran: BELOW_CODING,
  },
  {
    name: '--force of two tasks',
    options: { force: ['eval_test', 'patch_eval'] },
    stale: forced(['eval_test', 'patch_eval']),
    depends: ['unit_test_eval'],
    ran: ['eval_test', 'patch_eval'],
  },
  {
    name: '--from coding_agent',
    options: { from: 'coding_agent' },
    stale: forced(BELOW_CODING),
    ran: BELOW_CODING,
  },
  {
    name: '--from eval_test: the coding agent is not below it',
    options: { from: 'eval_test' },
    stale: forced(['eval_test', 'unit_test_eval']),
    ran: ['eval_test', 'unit_test_eval'],
  },
  {
    name: '--until helper_test',
    options: { until: 'helper_test' },
    stale: {},
    ran: [],
    pending: ['eval_test', ...BELOW_CODING],
  },
  {
    name: '--force-all --until env_setup',
    options: { forceAll: true, until: 'env_setup' },
    stale: forced(['repo_dl', 'env_setup']),
    ran: ['repo_dl', 'env_setup'],
    pending: BELOW_TESTS,
  },
  {
    name: '--from env_setup --until coding_agent',
    options: { from: 'env_setup', until: 'coding_agent' },
    stale: forced(['env_setup', 'helper_test', 'coding_agent']),
    ran: ['env_setup', 'helper_test', 'coding_agent'],
    pending: ['eval_test', ...SCORES],
  },
  {
    name: 'a changed parameter (the model)',
    scripts: { coding_agent: { params: { model: 'm2' } } },
    stale: { coding_agent: 'params' },
    depends: SCORES,
    ran: ['coding_agent'],
  },
  {
    name: 'a raised code version',
    scripts: { env_setup: { codeVersion: 2 } },
    stale: { env_setup: 'code' },
    depends: BELOW_TESTS,
    ran: ['env_setup'],
  },
  {
    name: 'a parameter that is new, even where any value of it is accepted',
    scripts: { env_setup: { params: { runtime: 'other' }, acceptsAny: ['runtime'] } },
    stale: { env_setup: 'params' },
    depends: BELOW_TESTS,
    ran: ['env_setup'],
  },
  {
    name: 'labels known beforehand that changed: neither helper nor agent is disturbed',
    scripts: { repo_dl: { knownPorts: { labels: digest('f'.repeat(64)) } } },
    stale: { eval_test: 'need', patch_eval: 'need' },
    depends: ['unit_test_eval'],
    ran: ['eval_test', 'patch_eval'],
  },
  {
    name: 'an input file that is new to the key',
    scripts: { helper_test: { inputFiles: [{ name: 'agent.yaml', path: import.meta.filename }] } },
    stale: { helper_test: 'file' },
    depends: BELOW_CODING,
    ran: ['helper_test'],
  },
  {
    name: 'an output folder that is gone',
    change: () => rmSync(path.join(rig.dataDir, HELPER), { recursive: true }),
    stale: { helper_test: 'output-missing' },
    depends: BELOW_CODING,
    ran: ['helper_test'],
  },
  {
    name: 'one changed byte in a listed output of the same size',
    change: () => {
      const file = path.join(rig.dataDir, HELPER, 'out.txt');
      writeFileSync(file, readFileSync(file, 'utf8').replace('h', 'H'));
      utimesSync(file, 1, 1);
    },
    stale: { helper_test: 'output-changed' },
    depends: BELOW_CODING,
    ran: ['helper_test'],
  },
  {
    name: 'another mtime alone',
    change: () => utimesSync(path.join(rig.dataDir, HELPER, 'out.txt'), 1, 1),
    stale: {},
    ran: [],
  },
  {
    name: 'a stamp cut in half',
    change: () => {
      const text = readFileSync(stamp(ENV), 'utf8');
      writeFileSync(stamp(ENV), text.slice(0, text.length / 2));
    },
    stale: { env_setup: 'stamp-unreadable' },
    depends: BELOW_TESTS,
    ran: ['env_setup'],
  },
  {
    name: 'a stamp whose inputs were edited',
    change: () =>
      writeFileSync(stamp(ENV), readFileSync(stamp(ENV), 'utf8').replace('"code": 1', '"code": 7')),
    stale: { env_setup: 'stamp-unreadable' },
    depends: BELOW_TESTS,
    ran: ['env_setup'],
  },
  {
    name: 'a stamp with a member too many',
    change: () => writeFileSync(stamp(ENV), readFileSync(stamp(ENV), 'utf8').replace('{', '{"extra": 1,')),
    stale: { env_setup: 'stamp-unreadable' },
    depends: BELOW_TESTS,
    ran: ['env_setup'],
  },
  {
    name: 'a stamp that is gone',
    change: () => rmSync(stamp(CODING)),
    stale: { coding_agent: 'never-run' },
    depends: SCORES,
    ran: ['coding_agent'],
  },
  {
    name: 'a moved data folder',
    change: () => {
      renameSync(rig.dataDir, path.join(dir, 'moved'));
      rig = makeRig(path.join(dir, 'moved'));
    },
    stale: {},
    ran: [],
  },
];

describe('what runs, and what the plan said of it', () => {
  it.each(rows)('$name', async (row) => {
    expect((await executor().run()).exitCode).toBe(0);
    row.change?.();
    rig.ran.length = 0;
    const plan = executor(row.scripts, row.options).plan();
    if (!plan.ok) throw new Error(plan.failure.reason);
    const of = (decision: string) =>
      plan.value.tasks.filter((task) => task.decision === decision).map(({ id }) => id);
    const stale = plan.value.tasks.filter(({ decision }) => decision === 'stale');
    expect(Object.fromEntries(stale.map(({ id, reason }) => [id, reason]))).toEqual(row.stale);
    expect(of('depends')).toEqual(row.depends ?? []);
    expect(of('pending')).toEqual(row.pending ?? []);
    const before = everything();
    const outcome = await executor(row.scripts, row.options).run();
    expect(outcome.exitCode).toBe(0);
    expect(rig.ran).toEqual(row.ran);
    const state = (id: TaskId) => {
      if (row.pending?.includes(id) === true) return 'pending';
      return row.ran.includes(id) ? 'completed' : 'cached';
    };
    expect(outcome.tasks.map((task) => [task.id, task.state])).toEqual(ALL.map((id) => [id, state(id)]));
    for (const task of outcome.tasks) {
      if (row.stale[task.id] !== undefined) expect(task.staleReason).toBe(row.stale[task.id]);
    }
    if (row.ran.length === 0) {
      expect(everything()).toEqual(before);
      expect(outcome.runId).toBeNull();
    }
    rig.ran.length = 0;
    expect((await executor(row.scripts, { until: row.options?.until ?? null }).run()).runId).toBeNull();
    expect(rig.ran).toEqual([]);
  });

  it('--verify finds a byte changed behind size and mtime, and nothing else does', async () => {
    await executor().run();
    const file = path.join(rig.dataDir, HELPER, 'out.txt');
    const { atime, mtime } = statSync(file);
    utimesSync(file, atime, mtime);
    await executor({}, { forceAll: true }).run();
    const times = statSync(file);
    writeFileSync(file, readFileSync(file, 'utf8').replace('h', 'H'));
    utimesSync(file, times.atimeMs / 1000, times.mtimeMs / 1000);
    // What utimes cannot restore to the last digit is written into the stamp instead.
    const text = readFileSync(stamp(HELPER), 'utf8');
    writeFileSync(stamp(HELPER), text.replace(/"mtimeMs": [\d.]+/, `"mtimeMs": ${statSync(file).mtimeMs}`));
    const decisionOf = (options: RunOptions) => {
      const plan = executor({}, options).plan();
      return plan.ok ? plan.value.tasks.find(({ id }) => id === 'helper_test') : undefined;
    };
    expect(decisionOf({})?.decision).toBe('fresh');
    expect(decisionOf({ verify: true })?.reason).toBe('output-changed');
  });

  it('names the parameter, what it was and what it is, and keeps an accepted value of another kind', async () => {
    const runtime = { params: { runtime: 'docker', model: 'm1' }, acceptsAny: ['runtime'] };
    await executor({ coding_agent: runtime }).run();
    const other = { params: { runtime: 'local', model: 'm1' }, acceptsAny: ['runtime'] };
    const same = executor({ coding_agent: other }).plan();
    expect(same.ok && same.value.hasWork).toBe(false);
    const plan = executor({ coding_agent: { params: { runtime: 'local', model: 'm2' } } }).plan();
    const task = plan.ok ? plan.value.tasks.find(({ id }) => id === 'coding_agent') : undefined;
    expect(task?.changes).toEqual([
      { reason: 'params', name: 'model', old: 'm1', new: 'm2' },
      { reason: 'params', name: 'runtime', old: 'docker', new: 'local' },
    ]);
  });

  it('an output that its task can no longer read is made anew before anything reads it', async () => {
    await executor().run();
    rig.ran.length = 0;
    let broken = true;
    const load = (folder: string) =>
      broken && folder.endsWith('local~x') ? fail('of an older form') : ok({ text: 'x' });
    const scripts: Scripts = {
      env_setup: {
        load,
        act: () => {
          broken = false;
          return Promise.resolve(undefined);
        },
      },
    };
    const plan = executor(scripts, { forceTests: true }).plan();
    const task = plan.ok ? plan.value.tasks.find(({ id }) => id === 'env_setup') : undefined;
    expect(task).toMatchObject({ decision: 'stale', reason: 'output-changed' });
    expect((await executor(scripts, { forceTests: true }).run()).exitCode).toBe(0);
    expect(rig.ran[0]).toBe('env_setup');
  });

  it('stamps hold no absolute path', async () => {
    await executor().run();
    expect(readFileSync(stamp(CODING), 'utf8')).not.toContain(dir);
  });
});

describe('a task that fails', () => {
  const failing: Scripts = { env_setup: { act: () => Promise.resolve(infra()) } };

  it('skips only what needs it: the other branch goes on', async () => {
    const outcome = await executor({ helper_test: { act: () => Promise.resolve(infra()) } }).run();
    const states = Object.fromEntries(outcome.tasks.map((task) => [task.id, task.state]));
    expect(states).toMatchObject({
      helper_test: 'failed',
      eval_test: 'completed',
      coding_agent: 'skipped',
      patch_eval: 'skipped',
      unit_test_eval: 'skipped',
    });
    expect(outcome.tasks.find(({ id }) => id === 'patch_eval')?.reason).toBe(
      'needs coding_agent, which was skipped',
    );
    expect(outcome.exitCode).toBe(3);
  });

  it('is never cached, says so in its stamp, and is tried again', async () => {
    await executor(failing).run();
    expect(JSON.parse(readFileSync(stamp(ENV), 'utf8'))).toMatchObject({
      outcome: 'failed',
      error: { class: 'infra', reason: 'engine-unreachable' },
    });
    rig.ran.length = 0;
    const outcome = await executor().run();
    expect(outcome.tasks[1]).toMatchObject({ state: 'completed', staleReason: 'failed' });
    expect(outcome.tasks[1]?.stamp?.run.attempt).toBe(2);
    expect(rig.ran[0]).toBe('env_setup');
  });

  it('keeps an earlier result, and says that it does', async () => {
    await executor().run();
    const before = readFileSync(stamp(ENV), 'utf8');
    const events: PipelineEvent[] = [];
    const sinks = [{ emit: (event: PipelineEvent) => void events.push(event), close: () => undefined }];
    const outcome = await executor(failing, { force: ['env_setup'] }, { sinks }).run();
    expect(outcome.tasks[1]).toMatchObject({ state: 'failed', keptEarlier: true });
    expect(events).toContainEqual(expect.objectContaining({ event: 'warning', code: 'earlier-result-kept' }));
    expect(readFileSync(stamp(ENV), 'utf8')).toBe(before);
    rig.ran.length = 0;
    expect((await executor().run()).runId).toBeNull();
    expect(rig.ran).toEqual([]);
  });

  it('leaves no temporary folder, lock or running mark, even when it throws', async () => {
    const outcome = await executor({
      env_setup: { act: () => Promise.reject(new Error('a mistake of ours')) },
    }).run();
    expect(outcome.tasks[1]?.failure).toMatchObject({ class: 'bug', reason: 'unexpected' });
    expect(outcome.exitCode).toBe(1);
    const left = Object.keys(everything()).filter((name) => /\.running$|\.(tmp|scratch)-|\.lock$/.test(name));
    expect(left).toEqual([]);
  });

  it.each([
    ['a listed file that is not there', { files: ['absent.txt'] }],
    ['a file outside of its folder', { files: ['../elsewhere'] }],
    ['no digest of a port', { ports: {} }],
  ])('%s is a broken promise', async (_, completion) => {
    const outcome = await executor({ env_setup: { act: () => Promise.resolve(ok(completion)) } }).run();
    expect(outcome.tasks[1]?.failure).toMatchObject({ class: 'bug', reason: 'output-broken' });
  });

  it('an outcome that is not the good one is a result and cached', async () => {
    await executor({ coding_agent: { outcome: 'no-patch' } }).run();
    const again = await executor().run();
    expect(again.tasks[4]).toMatchObject({ state: 'cached', outcome: 'no-patch' });
  });

  it('its needs being made anew by another process meanwhile, its work is dropped', async () => {
    const outcome = await executor({
      coding_agent: {
        act: async () => {
          const other = executor(
            { helper_test: { content: 'other tests' } },
            { until: 'helper_test', force: ['helper_test'] },
          );
          await other.run();
          return undefined;
        },
      },
    }).run();
    expect(outcome.tasks[4]?.failure).toMatchObject({
      reason: 'needs-changed',
      ports: ['helper_test.helper-suite'],
    });
  });
});

describe('while it runs', () => {
  it('the coding agent does not wait for hidden tests', async () => {
    let agentDone: () => void = () => undefined;
    const agent = new Promise<void>((resolve) => (agentDone = resolve));
    const outcome = await executor({
      eval_test: { act: () => agent.then(() => undefined) },
      coding_agent: {
        act: () => {
          agentDone();
          return Promise.resolve(undefined);
        },
      },
    }).run();
    expect(outcome.exitCode).toBe(0);
  });

  it('an abort ends running work, starts nothing more, and leaves nothing', async () => {
    const controller = new AbortController();
    const act = (work: { signal: AbortSignal }) =>
      new Promise<undefined>((resolve) => {
        work.signal.addEventListener('abort', () => resolve(undefined));
        controller.abort('SIGTERM');
      });
    const outcome = await executor({ env_setup: { act } }, {}, { signal: controller.signal }).run();
    expect(outcome).toMatchObject({ cancelled: true, exitCode: 143 });
    expect(rig.ran).toEqual(['repo_dl', 'env_setup']);
    expect(outcome.tasks.map(({ state }) => state)).toEqual([
      'completed',
      ...ALL.slice(1).map(() => 'cancelled'),
    ]);
    rig.ran.length = 0;
    expect((await executor().run()).exitCode).toBe(0);
    expect(rig.ran).toEqual(ALL.slice(1));
  });

  it('jobs of a scarce class run no more at a time than there are places, and queued ones end with an abort', async () => {
    const controller = new AbortController();
    let now = 0;
    let most = 0;
    const job = (signal: AbortSignal) => async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        controller.abort('SIGINT');
      });
      now--;
    };
    const act = async (work: Parameters<NonNullable<NonNullable<Scripts['repo_dl']>['act']>>[0]) => {
      await Promise.all([1, 2, 3].map(() => work.limited('container', job(work.signal))));
      return undefined;
    };
    const outcome = await executor(
      { repo_dl: { act } },
      {},
      { signal: controller.signal, concurrency: { container: 1 } },
    ).run();
    expect(outcome.exitCode).toBe(130);
    expect(most).toBe(1);
  });

  it('offers artefacts by task id, and only those of tasks that are done', async () => {
    const run = executor({ helper_test: { act: () => Promise.resolve(infra()) } });
    await run.run();
    expect(run.context.getArtifact<{ text: string }>('env_setup')?.text).toBe('env_setup\n');
    expect(run.context.getArtifact('coding_agent')).toBeUndefined();
  });

  it('writes a run folder with events and a record', async () => {
    const run = executor();
    const { runId } = await run.run();
    await run.close();
    const folder = path.join(rig.runsDir, runId ?? '');
    const events = readFileSync(path.join(folder, 'events.jsonl'), 'utf8').trim().split('\n');
    expect(
      events.map((line) => (JSON.parse(line) as PipelineEvent).event).filter((name) => name === 'task-end'),
    ).toHaveLength(7);
    expect(JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8'))).toMatchObject({
      id: UNIT,
      endedAt: expect.any(String) as string,
    });
  });
});

describe('a graph that must not be', () => {
  it('an agent that reads a hidden port is refused when the graph is built, the ground truth is not', () => {
    const withHidden = (standIn?: 'gold') =>
      rig.tasks().map((task) =>
        task.id === 'coding_agent'
          ? {
              ...task,
              needs: [...task.needs, { task: 'repo_dl' as const, port: 'after' }],
              ...(standIn && { standIn }),
            }
          : task,
      );
    const plan = (standIn?: 'gold') => new DAGExecutor({ ...rig, about, tasks: withHidden(standIn) }).plan();
    expect(plan()).toMatchObject({
      ok: false,
      failure: { reason: 'graph-hidden-port', need: 'repo_dl', port: 'after' },
    });
    expect(plan('gold').ok).toBe(true);
  });

  it('two tasks with one folder are refused', () => {
    const tasks = rig.tasks().map((task) => ({ ...task, outputDir: rig.dataDir }));
    expect(new DAGExecutor({ ...rig, about, tasks }).plan()).toMatchObject({
      failure: { reason: 'graph-shared-folder' },
    });
  });
});
