import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findInterpreters, lineOf } from '../../src/environments/interpreters.ts';
import type { EnvironmentArtefact } from '../../src/model/artefacts.ts';
import { exitCodeOf, type Failure } from '../../src/model/failure.ts';
import { unitId } from '../../src/model/ids.ts';
import type { Library } from '../../src/model/library.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Result } from '../../src/model/result.ts';
import type { Completion } from '../../src/pipeline/task.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { mountEnvironment } from '../../src/runners/environment.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { defineEnvSetup, environmentDigest } from '../../src/tasks/env-setup.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const CACHE = path.join(os.tmpdir(), 'mig-pipeline-test-cache');
const LIMITS = {
  memoryBytes: 2 ** 31,
  cpus: 2,
  pids: 256,
  wallMs: 240_000,
  idleMs: null,
  outputBytes: 2 ** 26,
};
const interpreters = await findInterpreters(CACHE, []);
const python = interpreters.map(lineOf).find((line) => ['3.11', '3.12', '3.10'].includes(line)) ?? 'auto';

const library = (name: string, version: string | null, provenance: Library['provenance']): Library => ({
  name,
  importNames: [name],
  version,
  constraint: null,
  provenance,
});
const MIGRATION: Migration = {
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

interface Made {
  readonly result: Result<Completion, Failure>;
  readonly artefact: EnvironmentArtefact | null;
}

async function make(runtime: Runtime, migration: Migration, cacheDir = CACHE): Promise<Made> {
  const dir = scratchFolder();
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

async function open(requested: 'docker' | 'local'): Promise<Runtime> {
  const runtime = await chooseRuntime({ requested, unsafeLocal: true, baseImage: BASE_IMAGE });
  if (!runtime.ok) throw new Error(failureMessage(runtime.failure));
  return runtime.value;
}

const kinds = engineSocket === null ? (['local'] as const) : (['docker', 'local'] as const);

describe.each(kinds)('environments in the %s runtime', { timeout: 300_000 }, (kind) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('of a tree that asks for nothing need no network after the first, and run tests as an ordinary user', async () => {
    const runtime = await open(kind);
    const first = await make(runtime, MIGRATION);
    expect(first.result).toMatchObject({ ok: true, value: { outcome: 'ready' } });
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
    vi.stubEnv('UV_DEFAULT_INDEX', 'http://127.0.0.1:9/simple');
    const { artefact } = await make(runtime, MIGRATION);
    expect(artefact?.record).toMatchObject({
      status: 'ready',
      block: 'blocked',
      roles: { a: 'ab', b: 'ab', work: 'ab' },
    });
    expect(artefact?.record.testPaths).toEqual(['tests']);
    expect(artefact && environmentDigest(artefact.record)).toBe(
      first.artefact && environmentDigest(first.artefact.record),
    );
    const dir = scratchFolder();
    const mounted = mountEnvironment(artefact!, 'ab', runtime);
    const run = await runtime.run({
      role: 'test',
      image: null,
      command: [
        mounted.python,
        '-c',
        'import importlib.metadata as m, pytest; print(m.version("tally"), pytest.__version__)',
      ],
      cwd: '/',
      mounts: mounted.mounts,
      env: mounted.variables,
      limits: LIMITS,
      network: 'none',
      foreign: false,
      stdout: path.join(dir, 'out'),
      stderr: path.join(dir, 'err'),
      labels: {},
    });
    expect(run).toMatchObject({ ok: true, value: { code: 0 } });
  });
});

describe('environments from the package index', { timeout: 300_000 }, () => {
  const swap: Migration = {
    ...MIGRATION,
    source: [library('toml', null, 'unknown')],
    target: [library('tomli', null, 'unknown')],
    date: '2021-07-15',
    requirements: { both: [], before: [], after: [] },
  };

  it('are dated, and A is gone where nothing else needs it', async () => {
    const { artefact } = await make(await open(kinds[0]), swap);
    expect(artefact?.record).toMatchObject({
      status: 'ready',
      block: 'gone',
      roles: { a: 'ab', b: 'b', work: 'ab' },
    });
    expect(artefact?.record.target[0]?.version).toBe('1.0.4');
    const [, without] = artefact?.record.environments ?? [];
    expect(without?.resolved.map(({ name }) => name)).not.toContain('toml');
  });

  it('are two for an upgrade', async () => {
    const upgrade: Migration = {
      ...MIGRATION,
      kind: 'upgrade',
      source: [library('tomli', '1.0.0', 'pinned')],
      target: [library('tomli', '2.0.1', 'pinned')],
    };
    const { artefact } = await make(await open(kinds[0]), upgrade);
    expect(artefact?.record).toMatchObject({ block: 'none', roles: { a: 'a', b: 'b', work: 'b' } });
    expect(artefact?.record.source[0]?.version).toBe('1.0.0');
    expect(artefact?.record.target[0]?.version).toBe('2.0.1');
  });

  it('that cannot be made are a result that says why on every rung', async () => {
    const { artefact, result } = await make(await open(kinds[0]), {
      ...swap,
      source: [library('toml', '99.0', 'pinned')],
    });
    expect(result).toMatchObject({ ok: true, value: { outcome: 'failed' } });
    expect(artefact?.record.ladder.every(({ held, why }) => !held && why.includes('toml'))).toBe(true);
  });
});

it('a Python that is not at hand is refused without starting anything', async () => {
  const { artefact, result } = await make(await open('local'), { ...MIGRATION, python: '3.3' });
  expect(result).toMatchObject({ ok: true, value: { outcome: 'refused' } });
  expect(artefact?.record.why).toContain('no Python 3.3 at hand');
});

it('without tools and without a network the failure names what is missing, and exits 3', async () => {
  const cache = path.join(scratchFolder(), 'cache');
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
  const { result } = await make(await open('local'), MIGRATION, cache);
  vi.unstubAllEnvs();
  if (result.ok) throw new Error('it was made');
  expect(result.failure.reason).toBe('tools-missing');
  expect(exitCodeOf(result.failure)).toBe(3);
  expect(failureMessage(result.failure)).toContain('uv could not be fetched');
  expect(existsSync(path.join(cache, 'tools', 'uv'))).toBe(false);
}, 60_000);
