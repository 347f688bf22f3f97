import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type * as Entries from '../src/index.ts';
import { DIST } from './rigs/cli.ts';
import { copyOf, preparedData } from './rigs/data-folder.ts';
import { scratchFolder } from './rigs/scratch.ts';

type Entry = typeof Entries;
const README = path.join(path.dirname(import.meta.dirname), 'README.md');

/** The one TypeScript example of the README, as plain JavaScript (it has no types in it). */
function example(): string {
  const [, code] = /## As a library\n\n```ts\n([^]*?)```/.exec(readFileSync(README, 'utf8')) ?? [];
  if (code === undefined) throw new Error('the README has no example under "As a library"');
  return code;
}

test("the README's example runs as it stands, with the package as another one installs it", async () => {
  const dir = scratchFolder();
  mkdirSync(path.join(dir, 'node_modules'));
  symlinkSync(path.dirname(DIST), path.join(dir, 'node_modules', 'mig-pipeline'));
  writeFileSync(path.join(dir, 'example.mjs'), example().replaceAll("'check-manifest'", "'wordtally'"));
  const data = copyOf(await preparedData('local'));
  symlinkSync(data, path.join(dir, 'data'));
  const env = { ...process.env, MIG_RUNTIME: 'local' };
  const stdout = execFileSync(process.execPath, ['example.mjs'], { cwd: dir, env, encoding: 'utf8' });
  expect(stdout).toContain('coding_agent cached');
  expect(stdout).toContain('unit_test_eval cached');
  expect(stdout).toContain("outcome: 'no-patch'");
}, 300_000);

test('the entry offers what its documentation names', async () => {
  const entry = (await import(path.join(DIST, 'index.mjs'))) as Record<string, unknown>;
  const names = [
    'DAGExecutor',
    'ManifestBenchmark',
    'MigConfig',
    'PyMigBench',
    'buildPipeline',
    'openPipeline',
  ];
  expect(Object.keys(entry)).toEqual(expect.arrayContaining(names));
});

test('an unknown id is an answer with a message, not an exception', async () => {
  const { openPipeline } = (await import(path.join(DIST, 'index.mjs'))) as Entry;
  const opened = await openPipeline('wordtaly', { dataDir: scratchFolder(), env: {}, cwd: scratchFolder() });
  expect(opened).toMatchObject({ ok: false, failure: { reason: 'migration-unknown' } });
  expect(opened.ok ? '' : opened.message).toContain('wordtally');
});
