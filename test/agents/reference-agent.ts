import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { scriptFromPatch } from '../../src/gateway/scripted/from-patch.ts';
import { modelScript, type ModelScript, type ScriptText } from '../../src/gateway/scripted/script.ts';
import { type ScriptedModel, startScriptedModel } from '../../src/gateway/scripted/server.ts';
import { shownFolder } from '../../src/runners/agent-folder.ts';
import { readAgent } from '../../src/runners/agents.ts';
import { pytestFolder } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
export const examples = path.join(root, 'config', 'benchmarks', 'examples');
export const agents = path.join(root, 'agents');

/** The system's interpreter with pytest beside it, as an environment has it. */
export function pythonWithPytest(): string {
  const python = path.join(scratchFolder(), 'python');
  const at = pytestFolder('7.4.4');
  writeFileSync(
    python,
    `#!/bin/sh\nPYTHONPATH=${at}\${PYTHONPATH:+:$PYTHONPATH} exec /usr/bin/python3 "$@"\n`,
  );
  chmodSync(python, 0o755);
  return python;
}

export type Line = Readonly<Record<string, unknown>> & { readonly step: string; readonly reason?: string };

export interface AgentRun {
  readonly code: number;
  readonly last: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly workspace: string;
  readonly output: string;
  readonly trajectory: readonly Line[];
  readonly usage: Readonly<Record<string, unknown>>;
  readonly model: ScriptedModel;
}

export interface Asked {
  readonly agent: 'coding-agent' | 'testing-agent';
  readonly python: string;
  readonly form?: 'openai' | 'anthropic';
  /** Name of the example. */
  readonly example?: string;
  readonly source?: string;
  readonly target?: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly wallSeconds?: number;
  readonly mode?: 'helper' | 'eval';
  readonly helpers?: readonly string[];
  /** Variables that are set otherwise. */
  readonly variables?: Readonly<Record<string, string>>;
}

const TOKEN = 'token-of-this-start';

/** Starts a reference agent on an example with a model that follows a script, without a sandbox. */
export async function runAgent(
  script: Omit<ScriptText, 'schema'> | ModelScript,
  asked: Asked,
): Promise<AgentRun> {
  const model = await startScriptedModel({ script: modelScript.parse({ schema: 1, ...script }), key: TOKEN });
  onTestFinished(() => model.close());
  const { agent, python, example = 'wordtally', mode } = asked;
  const top = scratchFolder();
  const at = (name: string): string => path.join(top, name);
  for (const name of ['workspace', 'output', 'input', 'home']) mkdirSync(at(name));
  cpSync(path.join(examples, example, 'before'), at('workspace'), { recursive: true });
  execFileSync('git', ['init', '--quiet'], { cwd: at('workspace') });
  const helpers = asked.helpers ?? [];
  mkdirSync(at('input/helper-tests'));
  for (const id of helpers) {
    const [file = ''] = id.split('::');
    cpSync(path.join(examples, example, 'before', file), at(`input/helper-tests/${file}`));
  }
  if (mode === 'eval') {
    for (const side of ['before', 'after'])
      cpSync(path.join(examples, example, side), at(`input/ground-truth/${side}`), { recursive: true });
    writeFileSync(at('input/ground-truth/patch.diff'), patchOf(example));
    writeFileSync(at('input/ground-truth/labels.json'), '{"schema": 1, "files": []}');
  }
  const library = (name: string): unknown => ({
    name,
    version: 'stdlib',
    constraint: null,
    importNames: [name],
  });
  const task = {
    schema: 1,
    kind: 'swap',
    ...(mode === undefined ? {} : { mode, groundTruth: mode === 'eval' ? at('input/ground-truth') : null }),
    source: [library(asked.source ?? 'optparse')],
    target: [library(asked.target ?? 'argparse')],
    instructions: 'Migrate it, as the task says.',
    environment: { python, oldPython: null, version: '3.11', packages: [], pythonpath: [at('workspace')] },
    environmentWhy: '',
    tests: { command: [python, '-m', 'pytest', 'tests'], folder: at('workspace') },
    helperTests: { folder: at('input/helper-tests'), ids: helpers },
    budget: { wallSeconds: asked.wallSeconds ?? 300 },
    ...(mode === undefined ? {} : { parameters: asked.parameters ?? {} }),
  };
  writeFileSync(at('input/task.json'), JSON.stringify(task));
  const lines = Object.entries(asked.parameters ?? {}).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(at('input/config.yaml'), lines.length === 0 ? '{}\n' : lines.join(''));
  writeFileSync(at('input/prompt.md'), 'Migrate it, as the prompt says.\n');
  const manifest = readAgent(path.join(agents, agent), 'packaged');
  if (!manifest.ok) throw new Error(manifest.failure.problem);
  const shown = shownFolder(manifest.value, at('agent'));
  const child = spawn(
    '/usr/bin/python3',
    [path.join(shown, 'agent.py'), '--workspace', at('workspace'), '--output', at('output')],
    {
      cwd: at('workspace'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        HOME: at('home'),
        TASK_PATH: at('input/task.json'),
        CONFIG_PATH: at('input/config.yaml'),
        PROMPT_PATH: at('input/prompt.md'),
        MODEL: 'scripted-1',
        MODEL_FORM: asked.form ?? 'openai',
        GATEWAY_URL: model.url,
        GATEWAY_TOKEN: TOKEN,
        PYTHONDONTWRITEBYTECODE: '1',
        ...asked.variables,
      },
    },
  );
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => (said.stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said.stderr += piece.toString()));
  const [code] = (await once(child, 'close')) as [number];
  const read = (name: string): string => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
  return {
    code,
    ...said,
    last: said.stdout.trim().split('\n').at(-1) ?? '',
    workspace: at('workspace'),
    output: at('output'),
    trajectory: read('output/trajectory.jsonl').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Line), // prettier-ignore
    usage: JSON.parse(read('output/usage.json') || '{}') as AgentRun['usage'],
    model,
  };
}

/** The developers' migration of an example, as git has it. */
export function patchOf(example: string): string {
  const dir = scratchFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: dir,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  cpSync(path.join(examples, example, 'before'), dir, { recursive: true });
  git('add', '.');
  git('commit', '-qm', 'before');
  cpSync(path.join(examples, example, 'after'), dir, { recursive: true });
  git('add', '.');
  return git('diff', '--cached');
}

/** A model that makes the developers' migration. */
export function competent(example: string, how: 'edits' | 'shell' = 'edits'): ModelScript {
  const script = scriptFromPatch(patchOf(example), how);
  if (!script.ok) throw new Error(script.failure);
  return script.value;
}

/** What differs between a workspace and one side of its example; empty: nothing. */
export function differs(workspace: string, example: string, side: 'before' | 'after'): string {
  const other = path.join(examples, example, side);
  const words = ['-r', '-x', '.git', '-x', '__pycache__', workspace, other];
  return spawnSync('diff', words, { encoding: 'utf8' }).stdout;
}
