import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { pyMigBenchText } from '../benchmarks/entries.ts';
import { makeArchive } from '../rigs/archives.ts';
import { CLI, cli, type CliResult } from '../rigs/cli.ts';
import { sampleRepository } from '../rigs/git-repository.ts';
import { nothingMade, refused } from '../rigs/refusal.ts';
import { scratchFolder as folder } from '../rigs/scratch.ts';
import { simpleIndex } from '../rigs/simple-index.ts';
import { TINY, tinyBenchmark, tinyFlags } from '../rigs/tiny-migration.ts';

const ROOT = process.getuid?.() === 0;
const WORDTALLY = ['run', 'wordtally', '--until', 'repo_dl'];

describe('an engine that does not answer', () => {
  test('with --runtime docker: 3, and the engine is named', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const data = folder();
    const args = ['run', 'wordtally', '--agent', 'noop', '--runtime', 'docker', '--data-dir', data];
    const result = await cli(args, { env });
    refused(result, 3, '/nowhere/docker.sock');
    expect(existsSync(path.join(data, 'envs')) ? readdirSync(path.join(data, 'envs')) : []).not.toContain(
      'ab',
    );
  });
  test('a forced run loses nothing of what is there', async () => {
    const dir = folder();
    const run = [...WORDTALLY, '--data-dir', dir];
    expect(await cli(run)).toMatchObject({ code: 0 });
    const stamp = path.join(dir, 'repos', 'local@wordtally__c3315010.stamp.json');
    const before = readFileSync(stamp, 'utf8');
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const args = ['run', 'wordtally', '--runtime', 'docker', '--data-dir', dir, '--force', 'env_setup'];
    refused(await cli(args, { env }), 3, '/nowhere/docker.sock');
    expect(readFileSync(stamp, 'utf8')).toBe(before);
    expect(await cli(['plan', ...run.slice(1), '--exit-code'])).toMatchObject({ code: 0 });
  });
});

describe('a commit that is no migration', () => {
  /** A PyMigBench entry of a commit of a repository that only a mirror has. */
  function entry(choose: (repository: ReturnType<typeof sampleRepository>) => string) {
    const dir = folder();
    const repository = sampleRepository(path.join(dir, 'mirror', 'owner', 'repo'));
    const commit = choose(repository);
    const id = `toml__tomli__owner@repo__${commit.slice(0, 8)}`;
    mkdirSync(path.join(dir, 'bench'));
    const text = pyMigBenchText({ commit }).replace('src/a b/{x}.py', 'a.py');
    writeFileSync(path.join(dir, 'bench', `${id}.yaml`), text);
    const data = path.join(dir, 'data');
    const bench = ['--benchmark', 'pymigbench', '--benchmark-dir', path.join(dir, 'bench')];
    const args = ['run', id, ...bench, '--mirror', path.join(dir, 'mirror'), '--data-dir', data];
    return { args: [...args, '--until', 'repo_dl'], data, commit };
  }
  test('its single parent is the tree before', async () => {
    const { args, data } = entry(({ after }) => after);
    expect(await cli(args)).toMatchObject({ code: 0 });
    const [made] = readdirSync(path.join(data, 'repos')).filter((name) => !name.endsWith('.json'));
    const repo = path.join(data, 'repos', made!);
    const git = (...of: string[]): string => execFileSync('git', ['-C', repo, ...of], { encoding: 'utf8' });
    expect(git('show', 'main:a.py')).toBe('import old\nold.run()\n');
    expect(git('show', 'gt-patch:a.py')).toBe('import new\nnew.run()\n');
    expect(git('rev-list', '--all', '--count').trim()).toBe('2');
  });
  test.each(['merge', 'root'] as const)('a %s commit: 3, named with what it is', async (which) => {
    const { args, data, commit } = entry((repository) => repository[which]);
    refused(await cli(args), 3, commit, which);
    nothingMade(data);
  });
  test('a commit that a local repository does not have: 3, with where was looked', async () => {
    const dir = folder();
    const { before } = sampleRepository(path.join(dir, 'repo'));
    const missing = 'f'.repeat(40);
    const form = tinyBenchmark(path.join(dir, 'bench'));
    const file = path.join(form, `${TINY}.yaml`);
    const text = readFileSync(file, 'utf8')
      .replace('{path: before}', `{git: ../repo, commit: ${before}}`)
      .replace('{path: after}', `{git: ../repo, commit: ${missing}}`);
    writeFileSync(file, text);
    const data = path.join(dir, 'data');
    const args = ['run', TINY, ...tinyFlags(form), '--data-dir', data, '--until', 'repo_dl'];
    refused(await cli(args), 3, missing, path.join(dir, 'repo'));
    nothingMade(data);
  });
  test('a commit that the mirror does not have, of a host that does not answer: 3, with where was looked', async () => {
    const dir = folder();
    const { before } = sampleRepository(path.join(dir, 'mirror', 'owner+repo'));
    const form = tinyBenchmark(path.join(dir, 'bench'));
    const file = path.join(form, `${TINY}.yaml`);
    const git = 'http://127.0.0.1:9/owner/repo.git';
    const text = readFileSync(file, 'utf8')
      .replace('{path: before}', `{git: "${git}", commit: ${before}}`)
      .replace('{path: after}', `{git: "${git}", commit: ${'f'.repeat(40)}}`);
    writeFileSync(file, text);
    const [mirror, data] = [path.join(dir, 'mirror'), path.join(dir, 'data')];
    const args = ['run', TINY, ...tinyFlags(form), '--mirror', mirror, '--data-dir', data];
    refused(await cli([...args, '--until', 'repo_dl']), 3, 'owner+repo', git);
    nothingMade(data);
  });
});

test('the hash of a downloaded release differs: 3, both hashes told, nothing kept', async () => {
  const content = makeArchive([{ name: 'tiny-1.0/tally.py', content: 'import optparse\n' }], 'gz');
  const server = await simpleIndex('tiny', [{ filename: 'tiny-1.0.tar.gz', content }]);
  const dir = folder();
  const form = tinyBenchmark(path.join(dir, 'bench'));
  const file = path.join(form, `${TINY}.yaml`);
  const expected = '0'.repeat(64);
  const sdist = `{sdist: tiny, version: "1.0", sha256: "${expected}"}`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('{path: before}', sdist));
  const data = path.join(dir, 'data');
  const args = ['run', TINY, ...tinyFlags(form), '--data-dir', data, '--until', 'repo_dl'];
  const result = await cli(args, { env: { PIP_INDEX_URL: server.url, PIP_EXTRA_INDEX_URL: '' } });
  refused(result, 3, expected, 'tiny-1.0.tar.gz');
  nothingMade(data);
  const cached = existsSync(path.join(data, 'cache'))
    ? readdirSync(path.join(data, 'cache'), { recursive: true })
    : [];
  expect(cached.filter((name) => String(name).includes('.tar.gz'))).toEqual([]);
});

describe('a data folder that cannot be used', () => {
  /** Runs the command line in a mount namespace of its own, after `mount`; then lists what lies in `dir`. */
  function mounted(mount: string, dir: string, args: readonly string[]): Promise<CliResult> {
    const script = `${mount} || exit 99; shift; "$@"; code=$?; find "$0" -type f; exit $code`;
    const argv = [
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      dir,
      '-',
      process.execPath,
      CLI,
      ...args,
    ];
    return new Promise((resolve) => {
      const child = execFile('unshare', argv, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
  }
  test('below a file', async () => {
    const dir = folder();
    writeFileSync(path.join(dir, 'file'), '');
    refused(
      await cli([...WORDTALLY, '--data-dir', path.join(dir, 'file', 'data')]),
      3,
      path.join(dir, 'file'),
    );
    expect(readdirSync(dir)).toEqual(['file']);
  });
  test.runIf(ROOT)('read-only', async () => {
    const dir = folder();
    const mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"';
    const result = await mounted(mount, dir, [...WORDTALLY, '--data-dir', dir]);
    refused(result, 3, dir, 'read-only');
  });
  test.runIf(ROOT)('full', async () => {
    const dir = folder();
    const mount = 'mount -t tmpfs -o size=64k tmpfs "$0"';
    const result = await mounted(mount, dir, [...WORDTALLY, '--data-dir', dir, '--quiet']);
    refused(result, 3, dir, 'no space');
    expect(result.stdout).not.toMatch(/\.(running|lock)$|\.(tmp|scratch|old)-/m);
  });
  test.skipIf(ROOT)('not ours to write', async () => {
    refused(await cli([...WORDTALLY, '--data-dir', '/proc/1/data']), 3, '/proc/1/data');
  });
});

test('a stamp cut in half is told by plan and mended by run', async () => {
  const dir = folder();
  const run = [...WORDTALLY, '--data-dir', dir];
  expect(await cli(run)).toMatchObject({ code: 0 });
  const stamp = path.join(dir, 'repos', 'local@wordtally__c3315010.stamp.json');
  truncateSync(stamp, Math.floor(statSync(stamp).size / 2));
  const planned = await cli(['plan', ...run.slice(1), '--json']);
  const plan = JSON.parse(planned.stdout) as { tasks: { id: string; reason: string }[] };
  expect(plan.tasks.find(({ id }) => id === 'repo_dl')).toMatchObject({
    decision: 'stale',
    reason: 'stamp-unreadable',
  });
  expect(await cli(run)).toMatchObject({ code: 0 });
  expect(await cli(['plan', ...run.slice(1), '--exit-code'])).toMatchObject({ code: 0 });
});

test('a benchmark folder that is not there', async () => {
  const args = ['list-migrations', '--benchmark', 'pymigbench', '--benchmark-dir', '/nowhere/at/all'];
  refused(await cli(args), 3, '/nowhere/at/all');
});
