import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { sha } from '../../src/model/ids.ts';
import type { Task } from '../../src/pipeline/task.ts';
import type { UnitTestScore } from '../../src/scoring/unit-test-score.ts';
import type { SuiteMakerContext } from '../../src/tasks/testing-session.ts';
import { defineUnitTestEval } from '../../src/tasks/unit-test-eval.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { diffTrees } from '../../src/workspace/patch.ts';
import { pytestFolder, suiteRuntime, writeFiles } from './pytest-suite.ts';
import { taskWork } from './task-work.ts';

/** A tiny migration in a real repository and environment, and what runs its tasks. */
export async function suiteWorld(
  dir: string,
  block: 'blocked' | 'gone',
  before: Record<string, string>,
  after: Record<string, string>,
) {
  const repo = path.join(dir, 'repo');
  const made = await initRepository(repo);
  expect(made.ok).toBe(true);
  const treeOf = async (name: string, files: Record<string, string>) => {
    const tree = await treeOfFolder(repo, writeFiles(path.join(dir, name), files));
    if (!tree.ok) throw new Error(tree.failure.detail);
    return tree.value;
  };
  const env = path.join(dir, 'envs', 'e');
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', env], { timeout: 60_000 });
  const version = execFileSync(
    '/usr/bin/python3',
    ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'],
    { encoding: 'utf8' },
  );
  const packages = path.join(env, 'lib', version.trim(), 'site-packages');
  cpSync(pytestFolder('8.3.5'), packages, { recursive: true });
  writeFileSync(path.join(packages, 'newlib.py'), 'def read():\n    return 1\n');
  const b = path.join(dir, 'envs', 'b');
  if (block === 'gone') {
    cpSync(env, b, { recursive: true, verbatimSymlinks: true });
    rmSync(path.join(b, 'lib', version.trim(), 'site-packages', 'oldlib.py'));
  }
  const library = (name: string) => ({
    name,
    importNames: [name],
    version: null,
    constraint: null,
    provenance: 'unknown',
  });
  const runtime = await suiteRuntime();
  const context = {
    migration: {
      id: 'unit',
      source: [library('oldlib')],
      target: [library('newlib')],
      labels: 'derived',
      kind: 'swap',
      owner: 'local',
      repo: 'app',
      before: { kind: 'path', dir: path.join(dir, 'before') },
      after: { kind: 'path', dir: path.join(dir, 'after') },
    },
    variant: 'existing',
    outputDir: dir,
    runtimeKind: 'local',
    anyRuntime: false,
    runtime: () => Promise.resolve({ ok: true, value: runtime }),
    limits: { memoryBytes: 2 ** 30, cpus: 2, pids: 128, wallMs: 60_000, idleMs: null, outputBytes: 2 ** 26 },
    testSeconds: 20,
    fileSeconds: 20,
    testing: null,
  } as unknown as SuiteMakerContext;
  const artefacts: Record<string, unknown> = {
    repo_dl: { dir: repo, beforeTree: await treeOf('before', before), afterTree: await treeOf('after', after), date: null, missing: [] },
    env_setup: {
      dir: path.join(dir, 'envs'),
      record: {
        status: 'ready', why: '', roles: { a: 'e', b: block === 'gone' ? 'b' : 'e', work: 'e' }, block,
        source: [library('oldlib')], target: [library('newlib')], pythonpath: ['.'], testsCwd: '.', testPaths: ['tests'],
        testArgs: [], dropped: [], environments: [], interpreter: { version: '3.11.2', origin: 'path', why: '' },
      },
    },
  }; // prettier-ignore
  let count = 0;
  const run = async <A>(task: Task<A>): Promise<{ artefact: A; outcome: string; dir: string }> => {
    const work = taskWork(path.join(dir, `task-${count++}`));
    const done = await task.run({
      ...work,
      artefact: ((id: string) => artefacts[id]) as typeof work.artefact,
    });
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    const loaded = task.load(work.dir);
    if (!loaded.ok) throw new Error(loaded.failure);
    return { artefact: loaded.value, outcome: done.value.outcome, dir: work.dir };
  };
  const patched = async (files: Record<string, string>): Promise<UnitTestScore> => {
    const folder = path.join(dir, `patch-${count++}`);
    const tree = await treeOf(`candidate-${count}`, files);
    const { beforeTree } = artefacts['repo_dl'] as { beforeTree: string };
    const patch = await diffTrees(repo, sha(beforeTree), tree);
    if (!patch.ok) throw new Error('diff');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'migration.patch'), patch.value.patch);
    artefacts['coding_agent'] = { dir: folder, outcome: 'patch', exitCode: 0, trust: 'sealed', why: '' };
    return (await run(defineUnitTestEval(context))).artefact;
  };
  return { context, artefacts, run, patched };
}
