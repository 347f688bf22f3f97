import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../src/model/failure.ts';
import type { Migration } from '../../src/model/migration.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { mountEnvironment } from '../../src/runners/environment.ts';
import { fetchTools } from '../../src/runners/tools.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { environmentDigest } from '../../src/tasks/env-setup.ts';
import { engineSocket } from '../rigs/engine.ts';
import { LIMITS, library, makeEnvironment, MIGRATION, openRuntime } from '../rigs/environments.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const kinds = engineSocket === null ? (['local'] as const) : (['docker', 'local'] as const);

describe.each(kinds)('environments in the %s runtime', { timeout: 300_000 }, (kind) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('of a tree that asks for nothing need no network after the first, and run tests as an ordinary user', async () => {
    const runtime = await openRuntime(kind);
    const first = await makeEnvironment(runtime, MIGRATION);
    expect(first.result).toMatchObject({ ok: true, value: { outcome: 'ready' } });
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
    vi.stubEnv('UV_DEFAULT_INDEX', 'http://127.0.0.1:9/simple');
    const { artefact } = await makeEnvironment(runtime, MIGRATION);
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
    const { artefact } = await makeEnvironment(await openRuntime(kinds[0]), swap);
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
    const { artefact } = await makeEnvironment(await openRuntime(kinds[0]), upgrade);
    expect(artefact?.record).toMatchObject({ block: 'none', roles: { a: 'a', b: 'b', work: 'b' } });
    expect(artefact?.record.source[0]?.version).toBe('1.0.0');
    expect(artefact?.record.target[0]?.version).toBe('2.0.1');
  });

  it('that cannot be made are a result that says why on every rung', async () => {
    const { artefact, result } = await makeEnvironment(await openRuntime(kinds[0]), {
      ...swap,
      source: [library('toml', '99.0', 'pinned')],
    });
    expect(result).toMatchObject({ ok: true, value: { outcome: 'failed' } });
    expect(artefact?.record.ladder.every(({ held, why }) => !held && why.includes('toml'))).toBe(true);
  });
});

it('a Python that is not at hand is refused without starting anything', async () => {
  const { artefact, result } = await makeEnvironment(await openRuntime('local'), {
    ...MIGRATION,
    python: '3.3',
  });
  expect(result).toMatchObject({ ok: true, value: { outcome: 'refused' } });
  expect(artefact?.record.why).toContain('no Python 3.3 at hand');
});

it('without tools and without a network the failure names what is missing, and exits 3', async () => {
  const cache = path.join(scratchFolder(), 'cache');
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
  const { result } = await makeEnvironment(await openRuntime('local'), MIGRATION, cache);
  vi.unstubAllEnvs();
  if (result.ok) throw new Error('it was made');
  expect(result.failure.reason).toBe('tools-missing');
  expect(exitCodeOf(result.failure)).toBe(3);
  expect(failureMessage(result.failure)).toContain('uv could not be fetched');
  expect(existsSync(path.join(cache, 'tools', 'uv'))).toBe(false);
}, 60_000);

describe('packages without wheels', { timeout: 300_000 }, () => {
  const BUILT: Migration = {
    ...MIGRATION,
    python: '3.11',
    date: '2024-06-01',
    requirements: { both: ['netifaces==0.11.0'], before: [], after: [] },
  };

  it.skipIf(engineSocket === null)(
    'are compiled in the image with compilers, and the record says so',
    async () => {
      const { artefact } = await makeEnvironment(await openRuntime('docker'), BUILT);
      expect(artefact?.record.status).toBe('ready');
      expect(artefact?.record.ladder[0]?.repairs).toContain('built with compilers: netifaces');
    },
  );

  it('are not built where nothing holds their code: a failure that names the flag, with exit code 2', async () => {
    const { result } = await makeEnvironment(plain(), BUILT);
    if (result.ok) throw new Error('it was made');
    expect([result.failure.reason, exitCodeOf(result.failure)]).toEqual(['unsafe-local-needed', 2]);
    expect(failureMessage(result.failure)).toContain('--unsafe-local');
  });

  it('and none else need the flag: wheels alone are installed as plain processes', async () => {
    const { artefact } = await makeEnvironment(plain(), MIGRATION);
    expect(artefact?.record.status).toBe('ready');
    expect(artefact?.record.ladder[0]?.repairs).toContain(
      'the tests were not collected: nothing holds foreign code here',
    );
  });
});

it('what is locked is fetched whole or named, and what is there is not fetched again', async () => {
  const cache = path.join(scratchFolder(), 'cache');
  const first = await fetchTools(cache);
  expect(first.ok && first.value.every((folder) => existsSync(folder))).toBe(true);
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
  expect(await fetchTools(cache)).toEqual(first);
  const none = await fetchTools(path.join(scratchFolder(), 'cache'));
  vi.unstubAllEnvs();
  const missing = none.ok || none.failure.reason !== 'tools-missing' ? [] : none.failure.tools;
  expect(missing).toEqual(expect.arrayContaining(['uv', 'ast-grep', 'pytest']));
}, 120_000);

function plain(): Runtime {
  const runtime = createLocalRuntime({
    platform: 'local~test',
    base: 'test',
    unsafeLocal: false,
    isolation: 'process',
  });
  if (!runtime.ok) throw new Error(failureMessage(runtime.failure));
  return runtime.value;
}
