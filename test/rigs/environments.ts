import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findInterpreters, lineOf } from '../../src/environments/interpreters.ts';
import type { EnvironmentArtefact } from '../../src/model/artefacts.ts';
import type { Failure } from '../../src/model/failure.ts';
import { unitId } from '../../src/model/ids.ts';
import type { Library } from '../../src/model/library.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Result } from '../../src/model/result.ts';
import type { Completion } from '../../src/pipeline/task.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { defineEnvSetup } from '../../src/tasks/env-setup.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { BASE_IMAGE } from './engine.ts';
import { scratchFolder } from './scratch.ts';

export const CACHE = path.join(os.tmpdir(), 'mig-pipeline-test-cache');
export const LIMITS = {
  memoryBytes: 2 ** 31,
  cpus: 2,
  pids: 256,
  wallMs: 240_000,
  idleMs: null,
  outputBytes: 2 ** 26,
};
const interpreters = await findInterpreters(CACHE, []);
const python = interpreters.map(lineOf).find((line) => ['3.11', '3.12', '3.10'].includes(line)) ?? 'auto';

export const library = (
  name: string,
  version: string | null,
  provenance: Library['provenance'],
): Library => ({
  name,
  importNames: [name],
  version,
  constraint: null,
  provenance,
});
export const MIGRATION: Migration = {
  id: unitId('optparse__argparse__local@tally__00000000'),
  benchmark: 'test',
  source: [library('optparse', null, 'stdlib')],
  target: [library('argparse', null, 'stdlib')],
  kind: 'swap',
  owner: 'local',
  repo: 'tally',
  sha8: '00000000',
  before: { kind: 'path', dir: 'before' },
  after: { kind: 'path', dir: 'after' },
  date: '2024-06-01',
  python,
  requirements: { both: [], before: [], after: [] },
  pythonpath: null,
  tests: { paths: null, args: [] },
  labels: 'derived',
  domain: null,
  entry: { file: 'x.yaml', text: '' },
};

/** How making the environments of a migration ended. */
export interface Made {
  readonly result: Result<Completion, Failure>;
  readonly artefact: EnvironmentArtefact | null;
}

/** Makes the environments of a small tree with one test, in a data folder that goes with the test (or in `dir`). */
export async function makeEnvironment(
  runtime: Runtime,
  migration: Migration,
  cacheDir = CACHE,
  dir = scratchFolder(),
): Promise<Made> {
  const tree = path.join(dir, 'tree');
  mkdirSync(path.join(tree, 'tests'), { recursive: true });
  writeFileSync(
    path.join(tree, 'setup.py'),
    "from setuptools import setup\nsetup(name='tally', version='1.2')\n",
  );
  writeFileSync(path.join(tree, 'tests', 'test_tally.py'), 'def test_it():\n    pass\n');
  const repo = path.join(dir, 'repo.git');
  await initRepository(repo);
  const id = await treeOfFolder(repo, tree);
  if (!id.ok) throw new Error(failureMessage(id.failure));
  const storeDir = path.join(dir, 'envs');
  const task = defineEnvSetup({
    migration,
    outputDir: path.join(storeDir, 'unit', runtime.platform),
    storeDir,
    cacheDir,
    runtimeKind: runtime.kind,
    acceptAnyRuntime: false,
    runtime: () => Promise.resolve({ ok: true, value: runtime }),
    limits: LIMITS,
    interpreters: [],
    overrides: {},
    labels: {},
  });
  const [work, scratch] = [`${task.outputDir}.tmp-1`, `${task.outputDir}.scratch-1`];
  for (const folder of [work, scratch]) mkdirSync(folder, { recursive: true });
  const result = await task.run({
    dir: work,
    scratchDir: scratch,
    logDir: path.join(dir, 'logs'),
    runId: 'test',
    signal: new AbortController().signal,
    artefact: () =>
      ({ dir: repo, beforeTree: id.value, afterTree: id.value, date: null, missing: [] }) as never,
    progress: () => undefined,
    warn: () => undefined,
    limited: (_scarce, job) => job(),
  });
  const loaded = result.ok ? task.load(work) : null;
  return { result, artefact: loaded?.ok === true ? loaded.value : null };
}

export async function openRuntime(requested: 'docker' | 'local'): Promise<Runtime> {
  const runtime = await chooseRuntime({ requested, unsafeLocal: true, baseImage: BASE_IMAGE });
  if (!runtime.ok) throw new Error(failureMessage(runtime.failure));
  return runtime.value;
}
