import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { pyMigBenchText } from '../benchmarks/entries.ts';
import { cli } from '../rigs/cli.ts';
import { refused } from '../rigs/refusal.ts';
import { scratchFolder as folder } from '../rigs/scratch.ts';
import { TINY, tinyBenchmark, tinyFlags } from '../rigs/tiny-migration.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const examples = path.join(root, 'config/benchmarks/examples');
const anExample = readdirSync(examples)
  .find((name) => name.endsWith('.yaml'))!
  .replace(/\.yaml$/, '');
const write = (dir: string, name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  writeFileSync(path.join(dir, name), text);
};

describe('what a user types', () => {
  test('an unknown id suggests the nearest ones', async () => {
    const typo = anExample.replace('__local', '__lcoal');
    const dir = folder();
    refused(await cli(['run', typo, '--data-dir', path.join(dir, 'data')]), 2, anExample);
    expect(readdirSync(dir)).toEqual([]);
  });
  test('an ambiguous part lists the candidates', async () => {
    refused(await cli(['run', '__local@', '--data-dir', folder()]), 2, anExample, 'wordtally');
  });
  test.each([
    [['run', anExample, '--runtme', 'local'], '--runtime'],
    [['rnu', anExample], 'run'],
    [['run', anExample, '--until', 'coding'], 'coding_agent'],
    [['run', anExample, '--agent', 'codmod'], 'codemod'],
    [['run', anExample, '--testing-agent', 'exsting'], 'existing'],
    [['run', anExample, '--fail-under', 'much'], '--fail-under'],
    [['run', anExample, '--runtime', 'podman'], 'docker'],
    [['run', anExample, '--concurrency', '0'], '--concurrency'],
    [['run', anExample, '--attempt', 'x'], '--attempt'],
    [['run', anExample, '--param', 'steps'], 'name=value'],
    [['run', anExample, '--param', 'stpes=3'], 'stpes'],
    [['run', anExample, '--benchmark', 'exampels'], 'examples'],
    [['run'], 'id'],
    [['logs', anExample, 'coding'], 'coding_agent'],
    [[], 'Usage'],
  ])('%j is a usage error that names %s', async (args, word) => {
    const env = { MIG_DATA_DIR: folder() };
    refused(await cli(args, { env }), 2, word);
    expect(readdirSync(env.MIG_DATA_DIR)).toEqual([]);
  });
  test('with --json an early error is one line of JSON', async () => {
    const result = await cli(['run', 'no-such-id-anywhere', '--json', '--data-dir', folder()]);
    const lines = result.stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ event: 'error', code: 'migration-unknown' });
    expect(result).toMatchObject({ code: 2, stderr: '' });
  });
});

describe('what a user configures', () => {
  test('an unknown key of config/pipeline.yaml names file, line, column and the nearest key', async () => {
    const cwd = folder();
    write(cwd, 'config/pipeline.yaml', 'agent: codemod\nruntme: local\n');
    refused(await cli(['run', anExample], { cwd }), 2, 'pipeline.yaml:2:1', 'runtme', 'runtime');
  });
  test('an ill-typed key of config/pipeline.yaml, at its depth', async () => {
    const cwd = folder();
    write(cwd, 'config/pipeline.yaml', 'agent: codemod\nlimits:\n  build:\n    cpus: many\n');
    refused(await cli(['run', anExample], { cwd }), 2, 'pipeline.yaml:4', 'limits.build.cpus');
  });
  test('config/pipeline.yaml that is no YAML', async () => {
    const cwd = folder();
    write(cwd, 'config/pipeline.yaml', 'agent: codemod\nmirrors: [a, b\n');
    refused(await cli(['run', anExample], { cwd }), 2, 'pipeline.yaml:');
  });
  test('an unknown and an ill-typed key of a repository file', async () => {
    const cwd = folder();
    const [owner, repo] = anExample.split('__')[2]!.split('@');
    const file = `${owner}_${repo}.yaml`;
    write(cwd, `config/repos/${file}`, 'python: auto\nrequirements: 3\n');
    refused(await cli(['run', anExample], { cwd }), 2, `${file}:2`, 'requirements');
    write(cwd, `config/repos/${file}`, 'python: auto\nrequirments: [x]\n');
    refused(await cli(['run', anExample], { cwd }), 2, `${file}:2:1`, 'requirments', 'requirements');
  });
  test.each([
    [{ MIG_RUNTME: 'x' }, 'MIG_RUNTIME'],
    [{ MIG_RUNTIME: 'podman' }, 'MIG_RUNTIME'],
  ])('the variable %j', async (env, word) => {
    refused(await cli(['run', anExample], { cwd: folder(), env }), 2, word);
  });
  test('an agent manifest with an unknown key', async () => {
    const dir = folder();
    const text = 'schema: 1\nrole: coding\nversion: "1"\ndescription: x\ncomand: [/agent/run]\n';
    write(dir, 'mine/agent.yaml', text);
    const args = ['run', anExample, '--agents-dir', dir, '--agent', 'mine', '--data-dir', folder()];
    refused(await cli(args), 2, 'agent.yaml:5', 'comand', 'command');
  });
  test('an agent manifest with an ill-typed key', async () => {
    const dir = folder();
    const text = 'schema: 1\nrole: coding\nversion: 1\ndescription: x\ncommand: [sh]\n';
    write(dir, 'mine/agent.yaml', text);
    const args = ['run', anExample, '--agents-dir', dir, '--agent', 'mine', '--data-dir', folder()];
    refused(await cli(args), 2, 'agent.yaml:3', 'version');
  });
  test('an agent manifest whose command does not exist', async () => {
    const dir = folder();
    const text = 'schema: 1\nrole: coding\nversion: "1"\ndescription: x\ncommand: [/agent/run]\n';
    write(dir, 'mine/agent.yaml', text);
    const args = ['run', anExample, '--agents-dir', dir, '--agent', 'mine', '--data-dir', folder()];
    refused(await cli(args), 2, 'agent.yaml:5', '/agent/run');
  });
  test('a migration manifest with an unknown key', async () => {
    const dir = folder();
    cpSync(examples, dir, { recursive: true });
    write(dir, `${anExample}.yaml`, 'sorce: {library: a}\ntarget: {library: b}\n');
    const args = ['run', anExample, '--benchmark', 'mine', '--benchmark-dir', dir, '--data-dir', folder()];
    refused(await cli(args), 2, `${anExample}.yaml:1:1`, 'sorce', 'source');
  });
  test('a migration manifest with an ill-typed key', async () => {
    const dir = tinyBenchmark(folder());
    const file = path.join(dir, `${TINY}.yaml`);
    write(dir, `${TINY}.yaml`, readFileSync(file, 'utf8').replace('"3.11"', '3.11'));
    const args = ['run', TINY, ...tinyFlags(dir), '--data-dir', folder()];
    refused(await cli(args), 2, `${TINY}.yaml:7`, 'python', 'quotes');
  });
});

describe('a corrupt entry of a benchmark', () => {
  const other = `${anExample.slice(0, -8)}00000000`;
  function benchmark(): string {
    const dir = folder();
    cpSync(examples, dir, { recursive: true });
    write(dir, `${other}.yaml`, 'source: {library: a}\ntarget: [oops\n');
    return dir;
  }
  test('is named with file and line, the others are listed, and the exit code is 3', async () => {
    const flags = ['--benchmark', 'mine', '--benchmark-dir', benchmark()];
    const listed = await cli(['list-migrations', ...flags]);
    refused(listed, 3, `${other}.yaml:`);
    expect(listed.stderr).toMatch(/00000000\.yaml:\d+:\d+/);
    expect(listed.stdout.trim().split('\n')).toHaveLength(5);
    const counted = await cli(['list-migrations', ...flags, '--count']);
    expect(counted).toMatchObject({ code: 3, stdout: '5 of 6\n' });
  });
  test('does not keep the others from running', async () => {
    const flags = ['--benchmark', 'mine', '--benchmark-dir', benchmark(), '--data-dir', folder()];
    expect(await cli(['run', 'wordtally', ...flags, '--until', 'repo_dl'])).toMatchObject({ code: 0 });
  });
  test.each(['../x/y', 'own/er/repo', '/etc', 'owner/..', 'owner'])(
    'a repository named %s is refused and touches nothing outside',
    async (repo) => {
      const dir = folder();
      const id = 'toml__tomli__owner@repo__01234567';
      write(dir, `bench/${id}.yaml`, pyMigBenchText({ repo }));
      const flags = ['--benchmark', 'pymigbench', '--benchmark-dir', path.join(dir, 'bench')];
      const result = await cli(['run', id, ...flags, '--data-dir', path.join(dir, 'data')]);
      refused(result, result.code === 2 ? 2 : 3, `${id}.yaml:1`, 'repo');
      expect(readdirSync(dir)).toEqual(['bench']);
      refused(await cli(['list-migrations', ...flags]), 3, `${id}.yaml:1`);
    },
  );
  test('an id that climbs out of the data folder is refused', async () => {
    const dir = tinyBenchmark(folder());
    const text = readFileSync(path.join(dir, `${TINY}.yaml`), 'utf8');
    write(dir, `${TINY}.yaml`, text.replace('local@tiny', '..@..'));
    const args = ['run', TINY, ...tinyFlags(dir), '--data-dir', path.join(dir, 'data')];
    refused(await cli(args), 2, `${TINY}.yaml:1`, 'id');
    expect(readdirSync(dir)).not.toContain('data');
  });
});
