import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, type CliResult } from '../rigs/cli.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const examples = path.join(root, 'config/benchmarks/examples');
const anExample = readdirSync(examples)
  .find((name) => name.endsWith('.yaml'))!
  .replace(/\.yaml$/, '');
const folder = (): string => mkdtempSync(path.join(tmpdir(), 'mig-bad-'));
const write = (dir: string, name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  writeFileSync(path.join(dir, name), text);
};

/** One clear message, the right code, no stack trace. */
function refused(result: CliResult, code: number, ...words: string[]): void {
  expect(result.stderr + result.stdout).not.toMatch(/\n\s+at .*[(:]\d+/);
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.code).toBe(code);
}

describe('what a user types', () => {
  test('an unknown id suggests the nearest ones', async () => {
    const typo = anExample.replace('__local', '__lcoal');
    refused(await cli(['run', typo, '--data-dir', folder()]), 2, anExample);
  });
  test('an ambiguous part lists the candidates', async () => {
    refused(await cli(['run', '__local@', '--data-dir', folder()]), 2, anExample);
  });
  test('an unknown flag, command, task and agent are usage errors', async () => {
    refused(await cli(['run', anExample, '--runtme', 'local']), 2, '--runtime');
    refused(await cli(['rnu', anExample]), 2, 'run');
    refused(await cli(['run', anExample, '--until', 'coding']), 2, 'coding_agent');
    refused(await cli(['run', anExample, '--agent', 'codmod', '--data-dir', folder()]), 2, 'codemod');
    refused(await cli(['run', anExample, '--fail-under', 'much', '--data-dir', folder()]), 2, '--fail-under');
    refused(await cli([]), 2, 'Usage');
  });
  test('with --json an early error is one line of JSON', async () => {
    const result = await cli(['run', 'no-such-id-anywhere', '--json', '--data-dir', folder()]);
    const lines = result.stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ event: 'error', code: 'migration-unknown' });
    expect(result.code).toBe(2);
  });
});

describe('what a user configures', () => {
  test('an unknown key of config/pipeline.yaml names file, line, column and the nearest key', async () => {
    const cwd = folder();
    write(cwd, 'config/pipeline.yaml', 'agent: codemod\nruntme: local\n');
    refused(await cli(['run', anExample], { cwd }), 2, 'pipeline.yaml:2:1', 'runtme', 'runtime');
  });
  test('an ill-typed key of a repository file', async () => {
    const cwd = folder();
    const [owner, repo] = anExample.split('__')[2]!.split('@');
    write(cwd, `config/repos/${owner}_${repo}.yaml`, 'python: auto\nrequirements: 3\n');
    refused(await cli(['run', anExample], { cwd }), 2, `${owner}_${repo}.yaml:2`, 'requirements');
  });
  test('an unknown MIG_ variable', async () => {
    refused(await cli(['run', anExample], { cwd: folder(), env: { MIG_RUNTME: 'x' } }), 2, 'MIG_RUNTIME');
  });
  test('an agent manifest with an unknown key', async () => {
    const dir = folder();
    write(dir, 'mine/agent.yaml', 'role: coding\nversion: "1"\ndescription: x\ncomand: [/agent/run]\n');
    const args = ['run', anExample, '--agents-dir', dir, '--agent', 'mine', '--data-dir', folder()];
    refused(await cli(args), 2, 'agent.yaml:4', 'comand', 'command');
  });
  test('an agent manifest whose command does not exist', async () => {
    const dir = folder();
    write(dir, 'mine/agent.yaml', 'role: coding\nversion: "1"\ndescription: x\ncommand: [/agent/run]\n');
    const args = ['run', anExample, '--agents-dir', dir, '--agent', 'mine', '--data-dir', folder()];
    refused(await cli(args), 2, 'agent.yaml:4', '/agent/run');
  });
  test('a migration manifest with an unknown key', async () => {
    const dir = folder();
    cpSync(examples, dir, { recursive: true });
    const file = path.join(dir, `${anExample}.yaml`);
    write(dir, `${anExample}.yaml`, 'sorce: {library: a}\ntarget: {library: b}\n');
    const args = ['run', anExample, '--benchmark', 'mine', '--benchmark-dir', dir, '--data-dir', folder()];
    refused(await cli(args), 2, `${path.basename(file)}:1`, 'sorce', 'source');
  });
});

describe('what is unusable outside', () => {
  test('engine down with --runtime docker: 3, and the engine is named', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const result = await cli(['run', anExample, '--runtime', 'docker', '--data-dir', folder()], { env });
    refused(result, 3, '/nowhere/docker.sock');
  });
  test('a data folder below a file', async () => {
    const dir = folder();
    writeFileSync(path.join(dir, 'file'), '');
    refused(await cli(['run', anExample, '--data-dir', path.join(dir, 'file', 'data')]), 3, 'file');
  });
  test.skipIf(process.getuid?.() === 0)('a read-only data folder with work to do', async () => {
    const dir = folder();
    chmodSync(dir, 0o555);
    refused(await cli(['run', anExample, '--data-dir', dir]), 3, dir);
  });
  test('a benchmark folder that is not there', async () => {
    const args = ['list-migrations', '--benchmark', 'pymigbench', '--benchmark-dir', '/nowhere/at/all'];
    refused(await cli(args), 3, '/nowhere/at/all');
  });
});
