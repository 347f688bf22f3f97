import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMIT_STEPS } from '../../src/pipeline/commit.ts';
import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { recoverFolder } from '../../src/pipeline/recovery.ts';
import { scanOutputs } from '../../src/pipeline/scan.ts';
import { bundleRig, startChild } from '../rigs/child-process.ts';
import { ALL, makeRig, UNIT, type Rig } from '../rigs/scripted-tasks.ts';

let bundle: string;
let dir: string;
let rig: Rig;
beforeAll(async () => {
  bundle = await bundleRig('pipeline-child');
});
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-kill-'));
  rig = makeRig(path.join(dir, 'data'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const about = { id: UNIT, agent: 'a', variant: 'v', runtime: null };
const executor = (options = {}) => new DAGExecutor({ ...rig, about, options, tasks: rig.tasks() });

/** Everything beside the data that a run must not leave. */
function traces(): string[] {
  return readdirSync(rig.dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.running$|\.(tmp|scratch|old|new|stamp\.json\.new)-|\.lock(\.|$)/.test(name),
  );
}
const COMMITTED = new Set(['committed', 'old-removed', 'running-removed']);
/** The coding agent's scripted patch comes out the same, so that patch_eval is not disturbed. */
const READ_ENVIRONMENT = ['helper_test', 'eval_test', 'coding_agent', 'unit_test_eval'];
const envOutput = () => path.join(rig.dataDir, 'envs', UNIT, 'local~x');
const content = () => readFileSync(path.join(envOutput(), 'out.txt'), 'utf8');

describe('a process killed at a step of the commit', () => {
  it.each(COMMIT_STEPS)('%s, with no earlier result: told apart, then ended whole', async (step) => {
    const killed = await startChild(bundle, {
      dataDir: rig.dataDir,
      killAt: { task: 'env_setup', step },
    }).end;
    expect(killed.signal).toBe('SIGKILL');
    const state = scanOutputs(rig.dataDir).find(({ folder }) => folder.startsWith('envs/'))?.state;
    const done = COMMITTED.has(step);
    expect(state).toBe(done ? 'completed' : step === 'locked' ? undefined : 'interrupted');

    const plan = executor().plan();
    const planned = plan.ok ? plan.value.tasks.find(({ id }) => id === 'env_setup') : undefined;
    const reason = done ? null : step === 'locked' ? 'never-run' : 'interrupted';
    expect(planned).toMatchObject({ decision: done ? 'fresh' : 'stale', reason, changes: [] });

    const outcome = await executor().run();
    expect(outcome.exitCode).toBe(0);
    expect(outcome.tasks.find(({ id }) => id === 'env_setup')?.staleReason).toBe(reason);
    expect(rig.ran).toEqual(ALL.filter((id) => id !== 'repo_dl' && (!done || id !== 'env_setup')));
    expect(traces()).toEqual([]);
    expect(content()).toBe('env_setup\n');
  });

  it.each(COMMIT_STEPS)('%s, with an earlier result: it stays valid until the new one is', async (step) => {
    await executor().run();
    const killed = await startChild(bundle, {
      dataDir: rig.dataDir,
      killAt: { task: 'env_setup', step },
      options: { force: ['env_setup'] },
      contents: { env_setup: 'a new one\n' },
    }).end;
    expect(killed.signal).toBe('SIGKILL');
    const done = COMMITTED.has(step);
    rig.ran.length = 0;
    const plan = executor().plan();
    const decisions = plan.ok ? plan.value.tasks.map(({ decision }) => decision) : [];
    expect(decisions[1]).toBe('fresh');
    expect(decisions.filter((decision) => decision === 'stale').length > 0).toBe(done);
    const outcome = await executor().run();
    expect(outcome.exitCode).toBe(0);
    expect(content()).toBe(done ? 'a new one\n' : 'env_setup\n');
    expect(existsSync(path.join(envOutput(), 'sub', 'unlisted.txt'))).toBe(true);
    expect(rig.ran).toEqual(done ? READ_ENVIRONMENT : []);
    expect(traces()).toEqual([]);
  });

  it('and a power cut that took its mark: the earlier output comes back from aside', async () => {
    await executor().run();
    await startChild(bundle, {
      dataDir: rig.dataDir,
      killAt: { task: 'env_setup', step: 'old-aside' },
      options: { force: ['env_setup'] },
    }).end;
    rmSync(`${envOutput()}.running`);
    recoverFolder(envOutput());
    expect(content()).toBe('env_setup\n');
    rig.ran.length = 0;
    await executor().run();
    expect(rig.ran).toEqual([]);
    expect(traces()).toEqual([]);
  });

  it('is recovered by a run of another unit as well, and its state is still told', async () => {
    await startChild(bundle, { dataDir: rig.dataDir, killAt: { task: 'env_setup', step: 'work-done' } }).end;
    const other = new DAGExecutor({
      ...rig,
      about,
      tasks: rig.tasks().map((task) => ({ ...task, outputDir: `${task.outputDir}-other` })),
    });
    expect((await other.run()).exitCode).toBe(0);
    expect(traces()).toEqual([]);
    const states = scanOutputs(rig.dataDir).filter(({ folder }) => folder.endsWith('local~x'));
    expect(states.map(({ state }) => state)).toEqual(['interrupted']);
  });
});
