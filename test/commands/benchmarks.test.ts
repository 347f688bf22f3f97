import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmarkGetCommand, benchmarkListCommand } from '../../src/commands/benchmark.ts';
import type { Io } from '../../src/commands/io.ts';
import { listMigrationsCommand, type ListMigrationsOptions } from '../../src/commands/list-migrations.ts';
import { showCommand } from '../../src/commands/show.ts';
import { benchmarkOf, PYMIGBENCH_ID, pyMigBenchText } from '../benchmarks/entries.ts';

interface Heard {
  readonly io: Io;
  out: string;
  err: string;
}

function hear(cwd = mkdtempSync(path.join(tmpdir(), 'cwd-'))): Heard {
  const heard = { out: '', err: '' } as Heard;
  const io: Io = {
    stdout: { write: (text) => (heard.out += text) },
    stderr: { write: (text) => (heard.err += text) },
    env: {},
    cwd,
  };
  return Object.assign(heard, { io });
}

const all: ListMigrationsOptions = {
  config: {},
  benchmark: null,
  benchmarkDir: null,
  library: null,
  source: null,
  target: null,
  repository: null,
  domain: null,
  verdict: null,
  count: false,
  json: false,
};
const other = 'requests__httpx__Some@Thing__01234567';
const good = {
  [`${PYMIGBENCH_ID}.yaml`]: pyMigBenchText(),
  [`${other}.yaml`]: pyMigBenchText({
    repo: 'Some/Thing',
    source: 'requests',
    target: 'httpx',
    domain: 'HTTP Clients',
  }),
};

describe('list-migrations', () => {
  it('prints the ids of every bundled benchmark, one a line', async () => {
    const heard = hear();
    expect(await listMigrationsCommand(all, heard.io)).toBe(0);
    expect(heard.out).toMatch(/^optparse__argparse__local@wordtally__[0-9a-f]{8}$/m);
    expect(heard.out).toMatch(/^toml__tomli__pypi@check-manifest__[0-9a-f]{8}$/m);
    expect(heard.err).toBe('');
  });

  it.each([
    [{ library: 'TOML' }, [PYMIGBENCH_ID]],
    [{ library: 'httpx' }, [other]],
    [{ source: 'httpx' }, []],
    [{ target: 'httpx' }, [other]],
    [{ repository: 'some/' }, [other]],
    [{ domain: 'http' }, [other]],
    [{ library: 'toml', domain: 'http' }, []],
    [{}, [other, PYMIGBENCH_ID]],
  ])('filters by %j', async (filter, ids) => {
    const heard = hear();
    const { dir } = benchmarkOf('pymigbench', good);
    expect(await listMigrationsCommand({ ...all, benchmarkDir: dir, ...filter }, heard.io)).toBe(0);
    expect(heard.out.split('\n').filter(Boolean)).toEqual(ids);
  });

  it('counts', async () => {
    const heard = hear();
    const { dir } = benchmarkOf('pymigbench', good);
    expect(
      await listMigrationsCommand(
        { ...all, benchmarkDir: dir, benchmark: 'pymigbench', count: true },
        heard.io,
      ),
    ).toBe(0);
    expect(heard.out).toBe('2\n');
  });

  it('names a corrupt entry with its line, counts the others as so many of all, and ends with 3', async () => {
    const bad = 'a__b__c@d__01234567.yaml';
    const { dir } = benchmarkOf('pymigbench', { ...good, [bad]: pyMigBenchText({}, { line: 'x' }) });
    const options = { ...all, benchmarkDir: dir, benchmark: 'pymigbench' };
    const counted = hear();
    expect(await listMigrationsCommand({ ...options, count: true }, counted.io)).toBe(3);
    expect(counted.out).toBe('2 of 3\n');
    expect(counted.err).toMatch(/a__b__c@d__01234567\.yaml:\d+:\d+: /);
    const listed = hear();
    expect(await listMigrationsCommand(options, listed.io)).toBe(3);
    expect(listed.out.split('\n').filter(Boolean)).toEqual([other, PYMIGBENCH_ID]);
    const json = hear();
    expect(await listMigrationsCommand({ ...options, json: true }, json.io)).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({
      schema: 1,
      count: 2,
      total: 3,
      problems: [{ code: 'benchmark-entry-invalid' }],
    });
    expect(json.err).toBe('');
  });

  it('ends with 3 where the folder is absent and with 2 where the name is unknown, in one sentence or line of JSON', async () => {
    const absent = hear();
    expect(await listMigrationsCommand({ ...all, benchmark: 'pymigbench' }, absent.io)).toBe(3);
    expect(absent.err).toContain('benchmark get pymigbench');
    const unknown = hear();
    expect(await listMigrationsCommand({ ...all, benchmark: 'pymigbanch', json: true }, unknown.io)).toBe(2);
    expect(JSON.parse(unknown.out)).toMatchObject({ event: 'error', code: 'benchmark-unknown' });
  });

  it('reads benchmarks of the configuration', async () => {
    const heard = hear();
    const { dir } = benchmarkOf('pymigbench', good);
    mkdirSync(path.join(heard.io.cwd, 'config'));
    writeFileSync(
      path.join(heard.io.cwd, 'config', 'pipeline.yaml'),
      `benchmarks:\n- {name: mine, kind: pymigbench, dir: ${JSON.stringify(dir)}}\n`,
    );
    expect(await listMigrationsCommand({ ...all, repository: 'some/thing' }, heard.io)).toBe(0);
    expect(heard.out).toBe(`${other}\n`);
  });
});

describe('show', () => {
  const flags = { config: {}, benchmark: null, benchmarkDir: null };

  it('tells libraries, sources, labels and every path, and makes nothing', async () => {
    const heard = hear();
    expect(await showCommand('check-manifest', { ...flags, json: false }, heard.io)).toBe(0);
    for (const words of [
      'toml (0.10.2',
      'release 0.48 of check-manifest',
      'derived',
      'trajectories',
      'unit_test_eval',
    ]) {
      expect(heard.out).toContain(words);
    }
    expect(readdirSync(heard.io.cwd)).toEqual([]);
  });

  it('as JSON is one document', async () => {
    const heard = hear();
    expect(await showCommand('wordtally', { ...flags, json: true }, heard.io)).toBe(0);
    const document = JSON.parse(heard.out) as { config: { paths: object } };
    expect(document).toMatchObject({ schema: 1, migration: { kind: 'swap', repo: 'wordtally' } });
    expect(Object.keys(document.config.paths)).toHaveLength(7);
  });

  it('of an unknown id suggests the nearest and ends with 2', async () => {
    const heard = hear();
    expect(await showCommand('wordtaly', { ...flags, json: false }, heard.io)).toBe(2);
    expect(heard.err).toContain('wordtally');
    expect(heard.out).toBe('');
  });
});

describe('benchmark', () => {
  it('list tells which are at hand', async () => {
    const heard = hear();
    expect(await benchmarkListCommand({ config: {}, json: true }, heard.io)).toBe(0);
    expect(JSON.parse(heard.out)).toMatchObject({
      benchmarks: [
        { name: 'examples', kind: 'manifest', why: null },
        { name: 'pypi', kind: 'manifest', why: null },
        { name: 'generated', kind: 'manifest', why: null },
        { name: 'pymigbench', kind: 'pymigbench', count: null },
      ],
    });
  });

  it('get clones a repository, once, after which its migrations are found', async () => {
    const heard = hear();
    const { dir } = benchmarkOf('pymigbench', { [`data/migration/${PYMIGBENCH_ID}.yaml`]: pyMigBenchText() });
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
        cwd: dir,
        stdio: 'ignore',
      });
    };
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'x');
    const options = { config: {}, json: false, from: dir };
    expect(await benchmarkGetCommand('pymigbench', options, heard.io)).toBe(0);
    const clone = path.join(heard.io.cwd, 'data/benchmarks/pymigbench');
    expect(existsSync(path.join(clone, '.git'))).toBe(true);
    expect(readdirSync(path.dirname(clone))).toEqual(['pymigbench']);
    expect(await benchmarkGetCommand('pymigbench', options, heard.io)).toBe(0);
    expect(heard.out).toMatch(/1 entries fetched to .*\n.*already in/);
    const found = hear(heard.io.cwd);
    expect(
      await showCommand(
        PYMIGBENCH_ID,
        { config: {}, benchmark: null, benchmarkDir: null, json: false },
        found.io,
      ),
    ).toBe(0);
  });

  it('get copies a folder of entries that is no repository', async () => {
    const heard = hear();
    const { dir } = benchmarkOf('pymigbench', good);
    expect(await benchmarkGetCommand('pymigbench', { config: {}, json: true, from: dir }, heard.io)).toBe(0);
    expect(JSON.parse(heard.out)).toMatchObject({ count: 2, fetched: true });
  });

  it.each([
    ['nobody answers', 'http://127.0.0.1:9/x.git'],
    ['there is nothing', '/nowhere/at/all'],
    ['there are no entries', mkdtempSync(path.join(tmpdir(), 'empty-'))],
  ])('get ends with 3 and leaves nothing where %s', async (_, from) => {
    const heard = hear();
    expect(await benchmarkGetCommand('pymigbench', { config: {}, json: false, from }, heard.io)).toBe(3);
    expect(heard.err).toContain('could not be fetched');
    expect(heard.err.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(readdirSync(path.join(heard.io.cwd, 'data/benchmarks'))).toEqual([]);
  });

  it('get does not touch what lies in its place', async () => {
    const heard = hear();
    const place = path.join(heard.io.cwd, 'data/benchmarks/pymigbench');
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'mine.txt'), 'x');
    expect(await benchmarkGetCommand('pymigbench', { config: {}, json: false, from: null }, heard.io)).toBe(
      3,
    );
    expect(readdirSync(place)).toEqual(['mine.txt']);
  });

  it('get of a data folder that cannot be written ends with 3', async () => {
    const heard = hear();
    writeFileSync(path.join(heard.io.cwd, 'data'), 'a file');
    expect(await benchmarkGetCommand('pymigbench', { config: {}, json: false, from: '/x' }, heard.io)).toBe(
      3,
    );
  });

  it('get of another name ends with 2', async () => {
    const heard = hear();
    expect(await benchmarkGetCommand('swe', { config: {}, json: false, from: null }, heard.io)).toBe(2);
  });
});
