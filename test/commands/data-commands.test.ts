import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanCommand, type CleanOptions } from '../../src/commands/clean.ts';
import { graphCommand } from '../../src/commands/graph.ts';
import { logsCommand } from '../../src/commands/logs.ts';
import { statusCommand, type StatusTask } from '../../src/commands/status.ts';
import { fail, ok } from '../../src/model/result.ts';
import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { bundleRig, startChild } from '../rigs/child-process.ts';
import { ALL, makeRig, UNIT, type Rig, type Scripts } from '../rigs/scripted-tasks.ts';

let bundle: string;
let dir: string;
let rig: Rig;
beforeAll(async () => {
  bundle = await bundleRig('pipeline-child');
});
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-commands-'));
  rig = makeRig(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function io() {
  const [out, err]: [string[], string[]] = [[], []];
  const stdout = { write: (text: string) => out.push(text) };
  const stderr = { write: (text: string) => err.push(text) };
  return { io: { stdout, stderr, env: {}, cwd: dir }, out: () => out.join(''), err: () => err.join('') };
}
async function run(scripts: Scripts = {}, variant = 'v') {
  const about = { id: UNIT, agent: 'a', variant, runtime: null };
  const executor = new DAGExecutor({ ...rig, about, tasks: rig.tasks(scripts, variant) });
  const outcome = await executor.run();
  await executor.close();
  return outcome;
}
async function status(id: string | null = null): Promise<StatusTask[]> {
  const { io: to, out } = io();
  expect(await statusCommand({ dataDir: dir, id, json: true }, to)).toBe(0);
  return (JSON.parse(out()) as { tasks: StatusTask[] }).tasks;
}
const infra = () =>
  Promise.resolve(fail({ class: 'infra', reason: 'engine-unreachable', socket: 's', detail: 'd' } as const));

describe('status', () => {
  it('tells completed, failed, interrupted and running apart, from files alone', async () => {
    expect(await status()).toEqual([]);
    await run({ eval_test: { act: infra } });
    await startChild(bundle, {
      dataDir: dir,
      variant: 'w',
      killAt: { task: 'coding_agent', step: 'work-done' },
    }).end;
    const child = startChild(bundle, { dataDir: dir, variant: 'x', holdAt: 'coding_agent' });
    await child.said((line) => line['at'] === 'coding_agent');
    const tasks = await status('a__b');
    const state = (task: string, variant: string | null) =>
      tasks.find((one) => one.task === task && one.variant === variant)?.state;
    expect(state('repo_dl', null)).toBe('completed');
    expect(state('coding_agent', 'v')).toBe('completed');
    expect(state('coding_agent', 'x')).toBe('running');
    expect(tasks.find(({ variant }) => variant === 'x')?.pid).toBe(child.process.pid);
    const interrupted = tasks.find(({ variant }) => variant === 'w');
    expect(interrupted).toMatchObject({ task: 'coding_agent', state: 'interrupted' });
    child.go();
    await child.end;
    expect(await status('no such unit')).toEqual([]);
  });

  it('shows why a task failed, and a stamp that cannot be read, and a shared download with every unit', async () => {
    await run({ env_setup: { act: infra } });
    const failed = (await status()).find(({ task }) => task === 'env_setup');
    expect(failed).toMatchObject({ state: 'failed', outcome: null });
    expect(failed?.why).not.toBe('');
    writeFileSync(path.join(dir, 'envs', UNIT, 'local~x.stamp.json'), '{');
    expect((await status()).map(({ state }) => state)).toContain('broken');
    const { io: to, out } = io();
    await statusCommand({ dataDir: dir, id: null, json: false }, to);
    expect(out()).toContain(`${UNIT}\n  repo_dl  completed done`);
  });
});

describe('logs', () => {
  const options = (more = {}) => ({
    runsDir: rig.runsDir,
    id: 'a__b',
    task: 'env_setup' as const,
    run: null,
    list: false,
    json: false,
    ...more,
  });
  it('prints the newest logs of a task, and none are a usage error', async () => {
    const act = (text: string): Scripts => ({
      env_setup: {
        codeVersion: text.length,
        act: (work) => {
          writeFileSync(path.join(work.logDir, 'build.txt'), text);
          return Promise.resolve(undefined);
        },
      },
    });
    await run(act('one'));
    const second = await run(act('second'));
    const shown = io();
    expect(await logsCommand(options(), shown.io)).toBe(0);
    expect(shown.out()).toBe('==> build.txt <==\nsecond\n');
    const json = io();
    await logsCommand(options({ json: true }), json.io);
    expect(JSON.parse(json.out())).toMatchObject({
      run: second.runId,
      files: [{ name: 'build.txt', bytes: 6 }],
    });
    const none = io();
    expect(await logsCommand(options({ id: 'zzz' }), none.io)).toBe(2);
    expect(none.err()).toContain('no run of zzz has logs of env_setup');
  });
});

describe('graph', () => {
  it('prints text, mermaid, dot and JSON', async () => {
    for (const [format, text] of [
      ['text', '3  coding_agent'],
      ['mermaid', 'flowchart LR'],
      ['dot', 'digraph'],
    ] as const) {
      const shown = io();
      expect(await graphCommand({ tasks: rig.tasks(), format, json: false }, shown.io)).toBe(0);
      expect(shown.out()).toContain(text);
    }
    const json = io();
    await graphCommand({ tasks: rig.tasks(), format: 'text', json: true }, json.io);
    const { tasks } = JSON.parse(json.out()) as { tasks: { id: string; level: number }[] };
    expect(tasks.map(({ level }) => level)).toEqual([0, 1, 2, 2, 3, 4, 4]);
  });
});

describe('clean', () => {
  const clean = async (more: Partial<CleanOptions>) => {
    const shown = io();
    const code = await cleanCommand(
      {
        dataDir: dir,
        dryRun: false,
        removeOrphans: null,
        results: null,
        keepRuns: null,
        json: true,
        ...more,
      },
      shown.io,
    );
    const { removed, kept } = JSON.parse(shown.out()) as {
      removed: { kind: string; name: string }[];
      kept: unknown[];
    };
    return { code, removed, kept };
  };

  it('shows in a dry run what it would remove, then removes just that', async () => {
    await run();
    await startChild(bundle, {
      dataDir: dir,
      variant: 'w',
      killAt: { task: 'coding_agent', step: 'work-done' },
    }).end;
    const before = readdirSync(dir, { recursive: true });
    const dry = await clean({ dryRun: true });
    expect(readdirSync(dir, { recursive: true })).toEqual(before);
    expect(dry.removed.map(({ kind }) => kind)).toContain('lock');
    const done = await clean({ removeOrphans: () => Promise.resolve(ok(['container-1'])) });
    expect(done.removed).toContainEqual({ kind: 'container', name: 'container-1' });
    const left = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => /\.running$|\.(tmp|scratch)-|\.lock$/.test(name))).toEqual([]);
    expect((await run()).runId).toBeNull();
    expect((await clean({})).removed).toEqual([]);
  });

  it('removes temporary folders that no lock names any more', async () => {
    const stray = path.join(dir, 'trajectories', UNIT, 'v.tmp-0123456789ab');
    mkdirSync(stray, { recursive: true });
    expect((await clean({})).removed).toMatchObject([{ kind: 'temporary' }]);
    expect(existsSync(stray)).toBe(false);
  });

  it('removes chosen results whole, by task and variant', async () => {
    await run();
    await run({}, 'w');
    const results = { unit: 'a__b', tasks: ['coding_agent' as const], variant: 'w' };
    expect((await clean({ results })).removed).toEqual([{ kind: 'result', name: `trajectories/${UNIT}/w` }]);
    expect(readdirSync(path.join(dir, 'trajectories', UNIT))).toEqual(['v', 'v.stamp.json']);
    expect((await run()).runId).toBeNull();
    rig.ran.length = 0;
    await run({}, 'w');
    expect(rig.ran).toEqual(['coding_agent']);
  });

  it('keeps what a living process is making, and says so with exit 5', async () => {
    const child = startChild(bundle, { dataDir: dir, holdAt: 'env_setup' });
    await child.said((line) => line['at'] === 'env_setup');
    const all = await clean({ results: { unit: null, tasks: ['env_setup'], variant: null }, keepRuns: 0 });
    expect(all.code).toBe(5);
    expect(all.kept).toMatchObject([
      { kind: 'result', busy: child.process.pid },
      { kind: 'run', busy: child.process.pid },
    ]);
    child.go();
    const end = await child.end;
    expect(end.ran).toEqual(ALL);
  });

  it('removes all but the newest runs', async () => {
    const first = await run();
    await run({}, 'w');
    expect((await clean({ keepRuns: 1 })).removed).toEqual([{ kind: 'run', name: first.runId }]);
  });
});
