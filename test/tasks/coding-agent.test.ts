import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RepoArtefact } from '../../src/model/artefacts.ts';
import { sha, unitId } from '../../src/model/ids.ts';
import { fail } from '../../src/model/result.ts';
import type { Task, TaskWork } from '../../src/pipeline/task.ts';
import { requireAgent } from '../../src/runners/agents.ts';
import { type CodingAgentContext, defineCodingAgent } from '../../src/tasks/coding-agent.ts';
import { defineGold, defineNoop } from '../../src/tasks/stand-ins.ts';
import { applyPatch } from '../../src/workspace/patch.ts';
import { scratchFolder } from '../rigs/scratch.ts';

function agent(name: string): Extract<ReturnType<typeof requireAgent>, { ok: true }>['value'] {
  const found = requireAgent(name, 'coding', []);
  if (!found.ok) throw new Error(found.failure.reason);
  return found.value;
}

/** A repository with a tree before and a tree after. */
function repository(): RepoArtefact {
  const dir = path.join(scratchFolder(), 'repo');
  mkdirSync(dir);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      encoding: 'utf8',
    });
  git('init', '-q', '-b', 'main');
  const tree = (text: string): RepoArtefact['beforeTree'] => {
    writeFileSync(path.join(dir, 'app.py'), text);
    git('add', '-A');
    git('commit', '-qm', 'x');
    return sha(git('rev-parse', 'HEAD^{tree}').trim());
  };
  return {
    dir,
    beforeTree: tree('import toml\n'),
    afterTree: tree('import tomli\n'),
    date: null,
    missing: [],
  };
}

function work(repo: RepoArtefact, dir = scratchFolder()): TaskWork {
  return {
    dir,
    scratchDir: scratchFolder(),
    logDir: scratchFolder(),
    runId: 'r',
    signal: new AbortController().signal,
    artefact: ((task: string) => {
      if (task !== 'repo_dl') throw new Error(`not needed: ${task}`);
      return repo;
    }) as TaskWork['artefact'],
    progress: () => undefined,
    warn: () => undefined,
    limited: (_scarce, job) => job(),
  };
}

const standIn = (name: string): Parameters<typeof defineGold>[0] => ({
  unit: unitId('u'),
  variant: name,
  outputDir: '/nowhere',
  agent: agent(name),
});

async function completed(
  task: Task,
  on: TaskWork,
): Promise<{ outcome: string; patch: string; port: string }> {
  const done = await task.run(on);
  if (!done.ok) throw new Error(done.failure.reason);
  expect(task.load(on.dir)).toMatchObject({ ok: true, value: { outcome: done.value.outcome } });
  for (const file of done.value.files) readFileSync(path.join(on.dir, file));
  const patch = readFileSync(path.join(on.dir, 'migration.patch'), 'utf8');
  return { outcome: done.value.outcome, patch, port: done.value.ports['patch'] ?? '' };
}

test("gold's patch makes the tree after out of the tree before", async () => {
  const repo = repository();
  const on = work(repo);
  expect((await completed(defineGold(standIn('gold')), on)).outcome).toBe('patch');
  const patch = readFileSync(path.join(on.dir, 'migration.patch'));
  const applied = await applyPatch(repo.dir, repo.beforeTree, patch, scratchFolder());
  expect(applied).toMatchObject({ ok: true, value: { tree: repo.afterTree, how: 'strict' } });
});

test('gold names the hidden tree among its needs, noop and agents never do', () => {
  const hidden = (task: Task): boolean =>
    task.needs.some(({ port }) => ['after', 'labels', 'eval-suite'].includes(port));
  expect(hidden(defineGold(standIn('gold')))).toBe(true);
  expect(hidden(defineNoop(standIn('noop')))).toBe(false);
  expect(hidden(defineCodingAgent(context()))).toBe(false);
});

test('noop has no patch, and that is an outcome', async () => {
  const first = await completed(defineNoop(standIn('noop')), work(repository()));
  expect(first).toMatchObject({ outcome: 'no-patch', patch: '' });
  expect((await completed(defineNoop(standIn('noop')), work(repository()))).port).toBe(first.port);
});

test('an output that was cut does not load', async () => {
  const on = work(repository());
  await completed(defineGold(standIn('gold')), on);
  writeFileSync(path.join(on.dir, 'migration.patch'), 'half');
  expect(defineGold(standIn('gold')).load(on.dir)).toMatchObject({ ok: false });
  writeFileSync(path.join(on.dir, 'attempt.json'), '{"schema": 1');
  expect(defineGold(standIn('gold')).load(on.dir)).toMatchObject({ ok: false });
});

function context(change: Partial<CodingAgentContext> = {}): CodingAgentContext {
  const library = {
    name: 'toml',
    importNames: ['toml'],
    version: '0.10.2',
    constraint: null,
    provenance: 'pinned' as const,
  };
  return {
    unit: unitId('u'),
    variant: 'codemod',
    outputDir: '/nowhere',
    migration: {
      kind: 'swap',
      source: [library],
      target: [{ ...library, name: 'tomli', importNames: ['tomli'] }],
      owner: 'local',
      repo: 'app',
      before: { kind: 'path', dir: '/nowhere/before' },
      after: { kind: 'path', dir: '/nowhere/after' },
    },
    agent: agent('codemod'),
    parameters: {},
    model: null,
    access: null,
    attempt: 1,
    limits: { memoryBytes: 1, cpus: 1, pids: 1, wallMs: 1, idleMs: null, outputBytes: 1 },
    runtimeKind: 'local',
    anyRuntime: true,
    runtime: () =>
      Promise.resolve(fail({ class: 'infra', reason: 'engine-unreachable', socket: 's', detail: 'd' })),
    dataDir: '/data',
    cacheDir: '/data/cache',
    hidden: [],
    evalTests: '/nowhere/eval-tests',
    hostVariables: { SECRET_TOKEN: 'abc' },
    ...change,
  };
}

describe("what enters an agent's key", () => {
  const key = (change: Partial<CodingAgentContext>): string =>
    JSON.stringify(defineCodingAgent(context(change)).params);
  const base = key({});

  test.each<[string, Partial<CodingAgentContext>]>([
    ['a parameter', { parameters: { steps: 3 } }],
    ['the model', { model: 'm' }],
    ['the attempt', { attempt: 2 }],
    ['the runtime', { runtimeKind: 'docker' }],
    ['the agent', { agent: { ...agent('codemod'), name: 'other' } }],
    ['what lies in its folder', { agent: { ...agent('codemod'), dir: agent('noop').dir } }],
    ['the libraries', { migration: { ...context().migration, kind: 'upgrade' } }],
  ])('%s', (_, change) => expect(key(change)).not.toBe(base));

  test.each<[string, Partial<CodingAgentContext>]>([
    ['limits', { limits: { ...context().limits, wallMs: 5 } }],
    [
      'places',
      {
        dataDir: '/elsewhere',
        cacheDir: '/elsewhere/cache',
        outputDir: '/elsewhere/out',
        evalTests: '/elsewhere/tests',
      },
    ],
    [
      'the ground truth',
      { migration: { ...context().migration, after: { kind: 'path', dir: '/elsewhere/after' } } },
    ],
    ['variables of the host', { hostVariables: { SECRET_TOKEN: 'xyz' } }],
  ])('not %s', (_, change) => {
    expect(key(change)).toBe(base);
    expect(base).not.toMatch(/abc|\/data|\/nowhere/);
  });
});

test('an engine that is away is a failure of the world, never an outcome', async () => {
  const done = await defineCodingAgent(context()).run(work(repository()));
  expect(done).toMatchObject({ ok: false, failure: { class: 'infra' } });
});
