import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findInterpreters, lineOf } from '../../src/environments/interpreters.ts';
import type { EnvironmentRecord } from '../../src/model/environment.ts';
import { unitId } from '../../src/model/ids.ts';
import type { Library } from '../../src/model/library.ts';
import type { Migration } from '../../src/model/migration.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { defineEnvSetup } from '../../src/tasks/env-setup.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const CACHE = path.join(os.tmpdir(), 'mig-pipeline-test-cache');
const lines = (await findInterpreters(CACHE, [])).map(lineOf);
const python = lines.find((line) => ['3.11', '3.12', '3.10'].includes(line)) ?? 'auto';
const library = (name: string): Library => ({
  name,
  importNames: [name],
  version: null,
  constraint: null,
  provenance: 'stdlib',
});

/** What `env_setup` records for a tree of these files. */
async function recordOf(
  files: Readonly<Record<string, string>>,
  both: readonly string[] = [],
): Promise<EnvironmentRecord> {
  const dir = scratchFolder();
  const tree = path.join(dir, 'tree');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), text);
  }
  const repo = path.join(dir, 'repo.git');
  await initRepository(repo);
  const id = await treeOfFolder(repo, tree);
  if (!id.ok) throw new Error(failureMessage(id.failure));
  const requested = engineSocket === null ? 'local' : 'docker';
  const runtime = await chooseRuntime({ requested, unsafeLocal: true, baseImage: BASE_IMAGE });
  if (!runtime.ok) throw new Error(failureMessage(runtime.failure));
  const migration: Migration = {
    id: unitId('optparse__argparse__local@tally__00000000'),
    benchmark: 'test',
    source: [library('optparse')],
    target: [library('argparse')],
    kind: 'swap',
    owner: 'local',
    repo: 'tally',
    sha8: '00000000',
    before: { kind: 'path', dir: 'before' },
    after: { kind: 'path', dir: 'after' },
    date: '2024-06-01',
    python,
    requirements: { both, before: [], after: [] },
    pythonpath: null,
    tests: { paths: null, args: [] },
    labels: 'derived',
    domain: null,
    entry: { file: 'x.yaml', text: '' },
  };
  const storeDir = path.join(dir, 'envs');
  const task = defineEnvSetup({
    migration,
    outputDir: path.join(storeDir, 'unit', runtime.value.platform),
    storeDir,
    cacheDir: CACHE,
    runtimeKind: runtime.value.kind,
    acceptAnyRuntime: false,
    runtime: () => Promise.resolve(runtime),
    limits: { memoryBytes: 2 ** 31, cpus: 2, pids: 256, wallMs: 240_000, idleMs: null, outputBytes: 2 ** 26 },
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
  if (!result.ok) throw new Error(failureMessage(result.failure));
  const loaded = task.load(work);
  if (!loaded.ok) throw new Error(loaded.failure);
  return loaded.value.record;
}

const ENGINE = 'def start():\n    return 1\n';
const TEST = 'import engine\n\n\ndef test_it():\n    assert engine.start() == 1\n';

describe('collecting the tests of a made environment', { timeout: 300_000 }, () => {
  it('puts the folder of a missing module on the path and records it', async () => {
    const record = await recordOf({
      'code/deep/engine.py': ENGINE,
      'tests/test_it.py': TEST,
    });
    expect(record.status).toBe('ready');
    expect(record.pythonpath).toEqual(['.', 'code/deep']);
    expect(record.ladder[0]?.repairs).toEqual(['code/deep on the import path: it has engine']);
  });

  it('runs the tests in the folder beside whose files they lie', async () => {
    const record = await recordOf({
      'tests/data/a.txt': 'x\n',
      'tests/test_it.py': 'TEXT = open("data/a.txt").read()\n\n\ndef test_it():\n    assert TEXT == "x\\n"\n',
    });
    expect(record.testsCwd).toBe('tests');
    expect(record.ladder[0]?.repairs).toEqual(['tests run in tests/: they open files relative to it']);
  });

  it('says what is left', async () => {
    const record = await recordOf({
      'tests/test_it.py': 'import a_name_that_nobody_knows\n\n\ndef test_it():\n    pass\n',
      'tests/test_other.py': 'def test_it(warehouse):\n    pass\n',
    });
    expect(record.status).toBe('ready');
    expect(record.ladder[0]?.repairs).toEqual([
      'no distribution is known for module a_name_that_nobody_knows',
      'no plug-in is known for fixture warehouse',
      expect.stringMatching(/^1 tests are collected, 1 files are not: tests\/test_it\.py: /),
    ]);
  });

  it('changes nothing where the migration states the test runner', async () => {
    const record = await recordOf({ 'code/deep/engine.py': ENGINE, 'tests/test_it.py': TEST }, ['pytest']);
    expect(record.pythonpath).toEqual(['.']);
    expect(record.ladder[0]?.repairs).toEqual([]);
  });
});
