import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli } from '../rigs/cli.ts';
import { copyOf, preparedData } from '../rigs/data-folder.ts';
import { scratchFolder } from '../rigs/scratch.ts';

interface Trial {
  readonly works: boolean;
  readonly outcome: string;
  readonly calls: number | null;
  readonly usage: { readonly inputTokens: number } | null;
  readonly editF1: number | null;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly found: string }[];
}
const stateOf = (trial: Trial, name: string): string | undefined =>
  trial.checks.find((check) => check.name === name)?.state;

describe('agent new', () => {
  test.each(['model', 'program'])('writes a %s that is an agent at once', async (template) => {
    const cwd = scratchFolder();
    const made = await cli(['agent', 'new', 'mine', '--template', template], { cwd });
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('mig-pipeline agent try mine --agents-dir agents');
    expect(readdirSync(path.join(cwd, 'agents', 'mine')).sort()).toEqual(['agent.yaml', 'run.py']);
    const listed = await cli(['list-agents', '--json', '--agents-dir', 'agents'], { cwd });
    expect(listed.code, listed.stderr).toBe(0);
    expect(listed.stdout).toContain('"name": "mine"');
  });

  test('overwrites nothing, and takes no name that is no folder', async () => {
    const cwd = scratchFolder();
    await cli(['agent', 'new', 'mine'], { cwd });
    writeFileSync(path.join(cwd, 'agents', 'mine', 'run.py'), 'mine');
    const again = await cli(['agent', 'new', 'mine', '--template', 'program'], { cwd });
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toMatch(/was not made .*it is there already/);
    expect(readFileSync(path.join(cwd, 'agents', 'mine', 'run.py'), 'utf8')).toBe('mine');
    expect(await cli(['agent', 'new', '../x'], { cwd })).toMatchObject({ code: 2 });
    expect(existsSync(path.join(cwd, 'x'))).toBe(false);
  });
});

describe('agent try', () => {
  const attempt = async (
    data: string,
    cwd: string,
    name: string,
    ...more: string[]
  ): Promise<{ code: number | null; trial: Trial }> => {
    const flags = ['--agents-dir', 'agents', '--runtime', 'local', '--data-dir', data, '--json'];
    const done = await cli(['agent', 'try', name, ...flags, ...more], { cwd });
    expect(done.stdout, done.stderr).not.toBe('');
    return { code: done.code, trial: JSON.parse(done.stdout) as Trial };
  };

  test('a new agent works as it is, and says what it used', async () => {
    const cwd = scratchFolder();
    const data = copyOf(await preparedData('local'));
    await cli(['agent', 'new', 'mine'], { cwd });
    const { code, trial } = await attempt(data, cwd, 'mine');
    expect(trial).toMatchObject({ works: true, outcome: 'patch', calls: 4, editF1: 1 });
    expect(trial.usage).toMatchObject({ inputTokens: 4000 });
    expect(['edits', 'droppings', 'tokens', 'key'].map((name) => stateOf(trial, name))).toEqual(
      Array(4).fill('ok'),
    );
    expect(code).toBe(0);
  }, 240_000);

  test('one that forgets to edit, drops a file, or never calls is told so', async () => {
    const cwd = scratchFolder();
    const data = copyOf(await preparedData('local'));
    await cli(['agent', 'new', 'mine'], { cwd });
    const program = path.join(cwd, 'agents', 'mine', 'run.py');
    const text = readFileSync(program, 'utf8');
    writeFileSync(program, text.replace('result = run(', 'result = str('));
    const idle = await attempt(data, cwd, 'mine');
    expect(idle).toMatchObject({ code: 1, trial: { works: false, outcome: 'no-patch' } });
    expect(stateOf(idle.trial, 'edits')).toBe('bad');

    writeFileSync(program, text.replace('def main():', 'def main():\n    open("left.log", "w").write("x")'));
    const dropped = await attempt(data, cwd, 'mine');
    expect(dropped).toMatchObject({ code: 0 });
    expect(dropped.trial.checks.find(({ name }) => name === 'droppings')).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('left.log') as string,
    });

    writeFileSync(program, text.replace('"trajectory.jsonl"', '"steps.jsonl"'));
    const silent = await attempt(data, cwd, 'mine');
    expect(silent.trial.checks.find(({ name }) => name === 'output')).toMatchObject({
      state: 'warning',
      found: 'not left: trajectory.jsonl; left: steps.jsonl',
    });

    writeFileSync(program, 'print("hello")\n');
    const deaf = await attempt(data, cwd, 'mine');
    expect(deaf.code).toBe(3);
    expect(deaf.trial.works).toBe(false);
    expect(deaf.trial.checks[0]?.found).toMatch(/without calling its model once.*hello/);
  }, 240_000);

  test('the reference agent', async () => {
    const cwd = scratchFolder();
    const data = copyOf(await preparedData('local'));
    mkdirSync(path.join(cwd, 'agents'));
    const { code, trial } = await attempt(data, cwd, 'coding-agent');
    expect(trial).toMatchObject({ works: true, outcome: 'patch', editF1: 1 });
    expect(code).toBe(0);
  }, 240_000);

  test('an unknown agent is a matter of usage', async () => {
    const data = copyOf(await preparedData('local'));
    const flags = ['--runtime', 'local', '--data-dir', data, '--json'];
    const done = await cli(['agent', 'try', 'coding-agnt', ...flags]);
    expect(done).toMatchObject({ code: 2 });
    expect(done.stdout).toContain('coding-agent');
  }, 240_000);
});
