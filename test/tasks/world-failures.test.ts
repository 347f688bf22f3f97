import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/model/failure.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { FrozenTest } from '../../src/model/tests.ts';
import { failureOf } from '../../src/pipeline/data-folder.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import type { UnitTestScore } from '../../src/scoring/unit-test-score.ts';
import { EVAL_SUITE_FILE, type EvalSuite } from '../../src/tasks/eval-suite.ts';
import { defineUnitTestEval } from '../../src/tasks/unit-test-eval.ts';
import { applyPatch } from '../../src/workspace/patch.ts';
import { engineSocket } from '../rigs/engine.ts';
import { openRuntime } from '../rigs/environments.ts';
import { hasPython, suiteRuntime, writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { suiteWorld } from '../rigs/suite-world.ts';
import { taskWork } from '../rigs/task-work.ts';

const BEFORE = {
  'app.py': 'import oldlib\n\n\ndef value():\n    return oldlib.load()\n',
  'tests/test_app.py': `import time
import app


def test_value():
    time.sleep(float(app.SECONDS) if hasattr(app, 'SECONDS') else 0)
    assert app.value() == 1


def test_more():
    assert app.value() == 1
`,
};
const GOLD = { ...BEFORE, 'app.py': 'import newlib\n\n\ndef value():\n    return newlib.read()\n' };
const SLOW = { ...GOLD, 'app.py': `${GOLD['app.py']}\n\nSECONDS = 4\n` };

const frozen = (name: string): FrozenTest => ({
  id: `tests/test_app.py::${name}`,
  origin: 'developers-before',
  class: 'preserved',
  before: 'passed',
  after: 'passed',
  blocked: 'collection_error',
  relevant: true,
  twin: false,
  hidden: false,
});
const SUITE: EvalSuite = {
  schema: 2,
  tests: [frozen('test_more'), frozen('test_value')],
  oracle: { status: 'valid', why: '' },
  reasons: [],
  gates: [],
  strength: null,
  mutants: [],
  known: { integrity: [], watched: [] },
  doctests: {},
  falsifySeed: '',
  testingAgent: null,
  kept: [],
  migratedTests: [],
  settings: { before: {}, after: {} },
  runs: [],
};

type Run = Runtime['run'];
let world: Awaited<ReturnType<typeof suiteWorld>>;
let real: Runtime;
let count = 0;
let dir = '';

/** Scores a candidate with a runtime of which every call goes through `run`. */
async function score(
  files: Record<string, string>,
  run: (real: Run, call: number) => Run,
): Promise<Result<UnitTestScore, Failure>> {
  // the world's own way of making a patch scores it, too: that is not what is looked at here
  let calls = 0;
  const runtime: Runtime = { ...real, run: (spec) => run((one) => real.run(one), calls++)(spec) };
  const context = { ...world.context, runtime: () => Promise.resolve(ok(runtime)) };
  const task = defineUnitTestEval(context);
  const work = taskWork(path.join(dir, `world-${count++}`));
  world.artefacts['coding_agent'] = { ...patches.get(files), trust: 'sealed' };
  const done = await task.run({
    ...work,
    artefact: ((id: string) => world.artefacts[id]) as typeof work.artefact,
  });
  if (!done.ok) return done;
  const loaded = task.load(work.dir);
  if (!loaded.ok) throw new Error(loaded.failure);
  return loaded;
}
const patches = new Map<object, object>();

describe.skipIf(!hasPython)('failures of the world while a candidate is scored', () => {
  beforeAll(async () => {
    dir = scratchFolder();
    real = await suiteRuntime();
    world = await suiteWorld(dir, 'blocked', BEFORE, GOLD);
    const suite = path.join(dir, 'suite');
    mkdirSync(suite);
    writeFileSync(path.join(suite, EVAL_SUITE_FILE), JSON.stringify(SUITE));
    world.artefacts['eval_test'] = { dir: suite, tests: SUITE.tests, oracle: SUITE.oracle };
    for (const files of [GOLD, SLOW]) {
      await world.patched(files);
      patches.set(files, world.artefacts['coding_agent'] as object);
    }
  }, 240_000);

  test('an engine that goes away is no score, and the next run gives one', { timeout: 120_000 }, async () => {
    const gone = fail({
      class: 'infra',
      reason: 'engine-unreachable',
      socket: '/x',
      detail: 'gone',
    } as const);
    expect(await score(GOLD, () => () => Promise.resolve(gone))).toEqual(gone);
    const again = await score(GOLD, (run) => run);
    expect(again).toMatchObject({ ok: true, value: { grade: { passRate: 1, resolved: true } } });
  });

  test('a sandbox that somebody takes away is no score', { timeout: 120_000 }, async () => {
    const done = await score(GOLD, (run) => async (spec) => {
      const exit = await run(spec);
      return exit.ok ? ok({ ...exit.value, code: null, ended: 'killed' as const }) : exit;
    });
    expect(done).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'engine-failed' } });
  });

  test(
    'a process that is killed from outside is run again, and its tests count as they end then',
    { timeout: 120_000 },
    async () => {
      const killing =
        (run: Run): Run =>
        (spec) => {
          const script = '"$@" & p=$!; sleep 2.5; kill -9 $p; wait $p';
          return run({ ...spec, command: ['sh', '-c', script, 'sh', ...spec.command] });
        };
      const done = await score(SLOW, (run, call) => (call === 0 ? killing(run) : run));
      expect(done).toMatchObject({
        ok: true,
        value: { tampered: [], grade: { passRate: 1, resolved: true } },
      });
    },
  );

  test(
    'a runner that gets no time to come up is no score, and nobody is accused',
    { timeout: 120_000 },
    async () => {
      let calls = 0;
      const done = await score(GOLD, () => (spec) => {
        calls++;
        for (const file of [spec.stdout, spec.stderr]) writeFileSync(file, '');
        return Promise.resolve(ok({ code: null, ended: 'idle' as const, seconds: 1, outputBytes: 0 }));
      });
      expect(done).toMatchObject({ ok: false, failure: { reason: 'runner-broken' } });
      expect(calls).toBe(2);
    },
  );

  test(
    'a file in the place of the folder of the tests does not keep the runner down',
    { timeout: 120_000 },
    async () => {
      const { record, ...setup } = world.artefacts['env_setup'] as { record: object };
      world.artefacts['env_setup'] = { ...setup, record: { ...record, testsCwd: 'app.py' } };
      const done = await score(GOLD, (run) => run);
      world.artefacts['env_setup'] = { ...setup, record };
      expect(done).toMatchObject({ ok: true, value: { grade: { passRate: 1 } } });
    },
  );

  test.skipIf(engineSocket === null)(
    'a container that is killed from outside costs no score, one that is removed gives none',
    { timeout: 240_000 },
    async () => {
      const unit = `killed-${process.pid}`;
      const engine = (...args: string[]): string =>
        execFileSync('docker', args, {
          env: { ...process.env, DOCKER_HOST: engineSocket! },
          encoding: 'utf8',
        });
      const doing =
        (...verb: string[]) =>
        (run: Run): Run =>
        async (spec) => {
          const running = run({ ...spec, labels: { ...spec.labels, unit } });
          const until = performance.now() + 60_000;
          const named = (): string =>
            engine('ps', '-q', '--filter', `label=mig-pipeline.unit=${unit}`).trim();
          while (named() === '' && performance.now() < until) await afterMs(100);
          // its slow test is under way by then
          await afterMs(2500);
          engine(...verb, named());
          return await running;
        };
      const local = real;
      real = await openRuntime('docker');
      try {
        const killed = await score(SLOW, (run, call) => (call === 0 ? doing('kill')(run) : run));
        expect(killed).toMatchObject({
          ok: true,
          value: { tampered: [], grade: { passRate: 1, resolved: true } },
        });
        const removed = await score(SLOW, (run, call) => (call === 0 ? doing('rm', '-f')(run) : run));
        expect(removed).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'engine-failed' } });
      } finally {
        real = local;
      }
    },
  );

  /** A file system of a few blocks; only root can make one. */
  function tinyDisk(): string {
    const at = scratchFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at]);
    return at;
  }
  const canMount = process.getuid?.() === 0 && tryMount();

  test.runIf(canMount)(
    'a full disk is the world’s doing: while a patch goes on, and while trees are laid out',
    async () => {
      const full = tinyDisk();
      try {
        const text = Array.from({ length: 9000 }, (_, at) => `+line ${at} ${Math.sin(at)}`).join('\n');
        const patch = `diff --git a/big.txt b/big.txt\nnew file mode 100644\n--- /dev/null\n+++ b/big.txt\n@@ -0,0 +1,9000 @@\n${text}\n`;
        const { dir: repo, beforeTree } = world.artefacts['repo_dl'] as { dir: string; beforeTree: never };
        writeFileSync(path.join(full, 'filler'), Buffer.alloc(150 << 10, 1));
        const applied = await applyPatch(repo, beforeTree, Buffer.from(patch), path.join(full, 'scratch'));
        expect(applied).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'git-failed' } });
        let thrown: unknown;
        try {
          writeFiles(full, { 'more.txt': 'x'.repeat(1 << 20) });
        } catch (error) {
          thrown = error;
        }
        expect(failureOf(thrown, full)).toMatchObject({ class: 'infra', reason: 'data-folder-unusable' });
      } finally {
        execFileSync('umount', [full]);
      }
    },
  );
});

const afterMs = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

function tryMount(): boolean {
  const at = scratchFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' });
    execFileSync('umount', [at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
