import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { bundleRig, startChild } from '../rigs/child-process.ts';
import { ALL, makeRig, UNIT } from '../rigs/scripted-tasks.ts';

let bundle: string;
let dir: string;
beforeAll(async () => {
  bundle = await bundleRig('pipeline-child');
});
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-place-'));
  chmodSync(dir, 0o755);
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', dir]);
  rmSync(dir, { recursive: true, force: true });
});
const about = { id: UNIT, agent: 'a', variant: 'v', runtime: null };
const isRoot = process.getuid?.() === 0;
/** Root may write anywhere: the child then runs as nobody. */
const reader = isRoot ? { uid: 65534 } : {};

describe('a data folder', () => {
  it('that may not be written serves a run that has nothing to do, and fails one that has', async () => {
    const data = path.join(dir, 'data');
    await new DAGExecutor({ ...makeRig(data), about, tasks: makeRig(data).tasks() }).run();
    for (const name of ['.', ...readdirSync(data, { recursive: true, encoding: 'utf8' })]) {
      const file = path.join(data, name);
      chmodSync(file, statSync(file).isDirectory() ? 0o555 : 0o444);
    }
    const cached = await startChild(bundle, { dataDir: data, ...reader }).end;
    expect(cached.stderr).toBe('');
    expect(cached.code).toBe(0);
    expect(cached.outcome?.tasks.map(({ state }) => state)).toEqual(ALL.map(() => 'cached'));
    const forced = await startChild(bundle, { dataDir: data, ...reader, options: { forceAll: true } }).end;
    expect(forced.code).toBe(3);
    expect(forced.outcome?.failure).toMatchObject({ class: 'infra', reason: 'data-folder-unusable' });
    const again = await startChild(bundle, { dataDir: data, ...reader }).end;
    expect(again.code).toBe(0);
  });

  it('below a file is a failure of the place, in one sentence', async () => {
    writeFileSync(path.join(dir, 'file'), '');
    const rig = makeRig(path.join(dir, 'file', 'data'));
    const outcome = await new DAGExecutor({ ...rig, about, tasks: rig.tasks() }).run();
    expect(outcome.exitCode).toBe(3);
    expect(outcome.failure).toMatchObject({ reason: 'data-folder-unusable', detail: 'lies below a file' });
    expect(outcome.failure === null ? '' : failureMessage(outcome.failure)).toContain('--data-dir');
  });

  it.skipIf(!canMount())(
    'that is full fails the task, keeps what is done and goes on when there is room',
    async () => {
      const data = path.join(dir, 'data');
      mkdirSync(data);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', data]);
      try {
        const rig = makeRig(data);
        const run = async (content: string) => {
          const executor = new DAGExecutor({ ...rig, about, tasks: rig.tasks({ env_setup: { content } }) });
          const outcome = await executor.run();
          // An open event log would keep the file system from being unmounted.
          await executor.close();
          return outcome;
        };
        const full = await run('x'.repeat(600_000));
        expect(full.exitCode).toBe(3);
        expect(full.tasks[0]?.state).toBe('completed');
        expect(full.tasks[1]).toMatchObject({
          state: 'failed',
          failure: { reason: 'data-folder-unusable', detail: 'has no space left' },
        });
        const left = readdirSync(data, { recursive: true, encoding: 'utf8' });
        expect(left.filter((name) => /\.running$|\.(tmp|scratch|old)-|\.lock$/.test(name))).toEqual([]);
        rig.ran.length = 0;
        const again = await run('small');
        expect(again.exitCode).toBe(0);
        expect(rig.ran).toEqual(ALL.slice(1));
      } finally {
        execFileSync('umount', [data]);
      }
    },
  );
});

function canMount(): boolean {
  const place = mkdtempSync(path.join(tmpdir(), 'mig-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
