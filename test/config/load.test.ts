import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { scratchFolder } from '../rigs/scratch.ts';

function folder(files: Record<string, string>): string {
  const dir = scratchFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}
const load = (
  cwd: string,
  variables: Record<string, string> = {},
  flags: Record<string, unknown> = {},
  repository?: { owner: string; repo: string },
) => loadConfig({ cwd, variables, flags }, repository);

test('each layer beats the weaker ones, and every value says where it comes from', () => {
  const cwd = folder({
    'config/pipeline.yaml': 'agent: from-file\nruntime: local\nlimits:\n  testRun:\n    wallSeconds: 11\n',
    'config/repos/o_r.yaml': 'limits:\n  testRun:\n    wallSeconds: 22\npython: "3.9"\n',
  });
  const loaded = load(cwd, { MIG_RUNTIME: 'docker' }, { agent: 'from-flag' }, { owner: 'o', repo: 'r' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
  const { config, origins, overrides } = loaded.value;
  expect(config.agent).toBe('from-flag');
  expect(origins['agent']?.layer).toBe('flag');
  expect(config.runtime).toBe('docker');
  expect(origins['runtime']?.layer).toBe('environment');
  expect(config.limits.testRun.wallSeconds).toBe(22);
  expect(origins['limits.testRun.wallSeconds']?.layer).toBe('repository');
  expect(config.limits.testRun.memoryMiB).toBe(2048);
  expect(origins['limits.testRun.memoryMiB']?.layer).toBe('default');
  expect(overrides.python).toBe('3.9');
});

test('an empty or fully commented file is no configuration', () => {
  expect(load(folder({ 'config/pipeline.yaml': '# nothing yet\n' })).ok).toBe(true);
});

test('an unknown key of the file names file, line, column and the nearest key', () => {
  const cwd = folder({ 'config/pipeline.yaml': 'agent: codemod\nruntme: docker\n' });
  const loaded = load(cwd);
  expect(loaded).toMatchObject({
    ok: false,
    failure: { reason: 'config-invalid', line: 2, column: 1, key: 'runtme', nearest: 'runtime' },
  });
});

test('an ill-typed key of a repository file names its place', () => {
  const cwd = folder({ 'config/repos/o_r.yaml': 'python: auto\nrequirements: pytest\n' });
  const loaded = load(cwd, {}, {}, { owner: 'o', repo: 'r' });
  expect(loaded).toMatchObject({ ok: false, failure: { line: 2, key: 'requirements' } });
});

test.each([
  ['MIG_RUNTME', 'docker', { key: 'MIG_RUNTME', nearest: 'MIG_RUNTIME' }],
  ['MIG_UNSAFE_LOCAL', 'perhaps', { key: 'MIG_UNSAFE_LOCAL' }],
  ['MIG_RUNTIME', 'podman', { key: 'MIG_RUNTIME' }],
])('environment %s=%s is refused', (name, value, failure) => {
  expect(load(folder({}), { [name]: value })).toMatchObject({ ok: false, failure });
});

test('a flag of the wrong kind is refused', () => {
  expect(load(folder({}), {}, { 'concurrency.container': 0 })).toMatchObject({
    ok: false,
    failure: { file: 'command line', key: 'concurrency.container' },
  });
});

test('relative folders are taken against the working folder', () => {
  const cwd = folder({});
  const loaded = load(cwd, { MIG_MIRROR: 'mirrors:/abs' });
  expect(loaded.ok && loaded.value.config.mirrors).toEqual([path.join(cwd, 'mirrors'), '/abs']);
  expect(loaded.ok && loaded.value.config.dataDir).toBe(path.join(cwd, 'data'));
});
