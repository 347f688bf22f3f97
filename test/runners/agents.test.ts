import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { listAgentsCommand } from '../../src/commands/list-agents.ts';
import {
  agentDigest,
  chooseParameters,
  discoverAgents,
  readAgent,
  requireAgent,
} from '../../src/runners/agents.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { FIXTURES } from '../rigs/agent-rig.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const GOOD = `schema: 1
role: coding
version: "1"
description: An agent.
command: [python3, /agent/run.py]
`;

/** A folder of agents with one agent `mine`. */
function shelf(manifest: string, files: Record<string, string> = { 'run.py': '' }): string {
  const dir = scratchFolder();
  mkdirSync(path.join(dir, 'mine'));
  writeFileSync(path.join(dir, 'mine', 'agent.yaml'), manifest);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, 'mine', name), text);
  return dir;
}

test('the agents that come with the pipeline are found, and hold', () => {
  const found = discoverAgents([]);
  expect(found).toMatchObject({ ok: true, value: { broken: [] } });
  const names = found.ok ? found.value.agents.map(({ name }) => name) : [];
  expect(names).toEqual(expect.arrayContaining(['codemod', 'gold', 'noop']));
});

test('an agent of a given folder is found beside them, without a change anywhere else', () => {
  const agent = requireAgent('mine', 'coding', [shelf(GOOD)]);
  expect(agent).toMatchObject({ ok: true, value: { name: 'mine', origin: 'folder' } });
});

test('a name of a built-in agent cannot be taken', () => {
  const dir = scratchFolder();
  mkdirSync(path.join(dir, 'gold'));
  writeFileSync(path.join(dir, 'gold', 'agent.yaml'), GOOD);
  writeFileSync(path.join(dir, 'gold', 'run.py'), '');
  expect(requireAgent('gold', 'coding', [dir])).toMatchObject({ ok: true, value: { origin: 'packaged' } });
});

test.each([
  ['an unknown key', `${GOOD}netwrok: none\n`, { line: 6, column: 1, key: 'netwrok', nearest: 'network' }],
  ['a wrong type', GOOD.replace('"1"', '1'), { line: 3, key: 'version' }],
  ['a wrong role', GOOD.replace('coding', 'codign'), { line: 2, key: 'role' }],
  ['a doubled key', `${GOOD}role: coding\n`, { line: 6 }],
  ['no YAML', `${GOOD}  - [`, {}],
  ['no command', GOOD.replace(/command.*\n/, ''), { key: 'command' }],
  [
    'a missing default',
    `${GOOD}parameters:\n  steps: { type: integer }\n`,
    { line: 7, key: 'parameters.steps.default' },
  ],
  ['a default of another type', `${GOOD}parameters:\n  steps: { type: integer, default: x }\n`, { line: 7 }],
  ['a way out of the folder', `${GOOD}image: { dockerfile: ../Dockerfile }\n`, { line: 6 }],
  ['a file that is not there', GOOD.replace('run.py', 'gone.py'), { line: 5, column: 20, key: 'command.1' }],
  ['a program that may not be run', GOOD.replace('python3, ', ''), { line: 5, key: 'command.0' }],
  ['a builtIn of its own', GOOD.replace(/command.*\n/, 'builtIn: true\n'), { line: 5, key: 'builtIn' }],
])('%s in a manifest is named with its place', (_, text, expected) => {
  const dir = shelf(text);
  chmodSync(path.join(dir, 'mine', 'run.py'), 0o644);
  const found = requireAgent('mine', 'coding', [dir]);
  const file = path.join(dir, 'mine', 'agent.yaml');
  expect(found).toMatchObject({ ok: false, failure: { reason: 'config-invalid', file, ...expected } });
  const others = discoverAgents([dir]);
  expect(others).toMatchObject({ ok: true, value: { broken: [{ name: 'mine' }] } });
  expect(others.ok && others.value.agents.length).toBeGreaterThan(2);
});

test('an unknown name suggests the nearest; another role is refused with a sentence; one that calls a model is an agent like others', () => {
  const unknown = requireAgent('codmod', 'coding', []);
  expect(unknown).toMatchObject({
    ok: false,
    failure: { reason: 'agent-unknown', nearest: ['codemod', 'codex'] },
  });
  const role = requireAgent('mine', 'testing', [shelf(GOOD)]);
  expect(role).toMatchObject({ ok: false, failure: { reason: 'agent-role' } });
  const model = requireAgent('mine', 'coding', [
    shelf(`${GOOD}network: model\nmodel: { forms: [openai] }\n`),
  ]);
  expect(model).toMatchObject({ ok: true, value: { manifest: { model: { forms: ['openai'] } } } });
  for (const failed of [unknown, role]) {
    expect(failed.ok ? '' : failureMessage(failed.failure)).toMatch(/^[A-Z].* agent .*\.$/s);
  }
});

test('a folder of agents that is not there is an error', () => {
  expect(discoverAgents(['/nowhere/agents'])).toMatchObject({
    ok: false,
    failure: { reason: 'agents-folder-missing' },
  });
});

test('every changed byte, mode and name of its folder makes another agent', () => {
  const digestOf = (change: (dir: string) => void): string => {
    const dir = shelf(GOOD);
    change(path.join(dir, 'mine'));
    const agent = readAgent(path.join(dir, 'mine'), 'folder');
    return agent.ok ? agentDigest(agent.value) : 'broken';
  };
  const digests = [
    digestOf(() => undefined),
    digestOf((dir) => writeFileSync(path.join(dir, 'run.py'), ' ')),
    digestOf((dir) => chmodSync(path.join(dir, 'run.py'), 0o755)),
    digestOf((dir) => writeFileSync(path.join(dir, 'more.py'), '')),
  ];
  expect(new Set(digests).size).toBe(4);
  expect(digestOf(() => undefined)).toBe(digests[0]);
  expect(
    digestOf((dir) =>
      cpSync(path.join(FIXTURES, 'loud'), path.join(dir, '__pycache__'), { recursive: true }),
    ),
  ).toBe(digests[0]);
});

describe('parameters', () => {
  const manifest = `${GOOD}parameters:
  steps: { type: integer, default: 3 }
  heat: { type: number, default: 0.5 }
  fast: { type: boolean, default: false }
  style: { type: string, default: plain }
`;
  const agent = (): Parameters<typeof chooseParameters>[0] => {
    const read = requireAgent('mine', 'coding', [shelf(manifest)]);
    if (!read.ok) throw new Error('manifest');
    return read.value;
  };

  test('defaults are filled in, and only what differs from them is changed', () => {
    expect(chooseParameters(agent(), { steps: '3', heat: '1', fast: 'true' })).toEqual({
      ok: true,
      value: { all: { steps: 3, heat: 1, fast: true, style: 'plain' }, changed: { heat: 1, fast: true } },
    });
  });

  test.each([
    [{ stepz: 1 }, /"stepz".*does not exist.*steps/],
    [{ steps: '1.5' }, /must be of type integer/],
    [{ fast: 'yes' }, /must be of type boolean/],
    [{ style: 3 }, /must be of type string/],
  ])('%j is refused', (given, sentence) => {
    const chosen = chooseParameters(agent(), given);
    expect(chosen.ok ? '' : failureMessage(chosen.failure)).toMatch(sentence);
  });
});

describe('list-agents', () => {
  const run = async (dirs: string[], json: boolean): Promise<{ code: number; out: string; err: string }> => {
    const text = { out: '', err: '' };
    const io = {
      stdout: { write: (piece: string) => (text.out += piece) },
      stderr: { write: (piece: string) => (text.err += piece) },
      env: {},
      cwd: scratchFolder(),
    };
    const code = await listAgentsCommand({ flags: dirs.length === 0 ? {} : { agentsDirs: dirs }, json }, io);
    return { code, ...text };
  };

  test('text: one line an agent, with role and description', async () => {
    const { code, out } = await run([shelf(GOOD)], false);
    expect(code).toBe(0);
    expect(out).toMatch(/^gold +coding +Stand-in/m);
    expect(out).toMatch(/^mine +coding +An agent\.$/m);
  });

  test('a broken manifest is named with file, line and column, and the rest is still listed', async () => {
    const dir = shelf(`${GOOD}netwrok: none\n`);
    const text = await run([dir], false);
    expect(text.code).toBe(2);
    expect(text.err).toContain(
      `${path.join(dir, 'mine', 'agent.yaml')}:6:1: "netwrok" unknown key. Did you mean "network"?`,
    );
    expect(text.out).toMatch(/^codemod /m);
    const json = await run([dir], true);
    const document = JSON.parse(json.out) as { schema: number; agents: unknown[]; problems: unknown[] };
    expect(document).toMatchObject({
      schema: 1,
      problems: [{ name: 'mine', line: 6, column: 1, key: 'netwrok' }],
    });
    expect(document.agents.length).toBeGreaterThan(2);
  });
});

test('what the README of agents shows as a manifest is one', () => {
  const readme = readFileSync(
    path.join(path.dirname(path.dirname(import.meta.dirname)), 'agents', 'README.md'),
    'utf8',
  );
  const example = /```yaml\n([^]*?)```/.exec(readme)?.[1] ?? '';
  const dir = shelf(example, { 'run.py': '', Dockerfile: 'FROM x\n' });
  // what it includes lies beside it
  mkdirSync(path.join(dir, 'other', 'kit'), { recursive: true });
  writeFileSync(path.join(dir, 'other', 'kit', 'tools.py'), '');
  expect(requireAgent('mine', 'coding', [dir])).toMatchObject({ ok: true });
});
