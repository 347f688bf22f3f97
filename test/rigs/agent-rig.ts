import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { NOTHING_HIDDEN } from '../../src/audit/answer.ts';
import type { EnvironmentArtefact } from '../../src/model/artefacts.ts';
import type { Failure } from '../../src/model/failure.ts';
import { digest, type Sha, sha } from '../../src/model/ids.ts';
import type { Library } from '../../src/model/library.ts';
import type { Result } from '../../src/model/result.ts';
import { readAgent } from '../../src/runners/agents.ts';
import type { AttemptRecord } from '../../src/runners/attempt.ts';
import { makeWorkspace } from '../../src/runners/agent-workspace.ts';
import { type CodingRequest, runCodingAgent } from '../../src/runners/coding-agent.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { applyPatch } from '../../src/workspace/patch.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { BASE_IMAGE } from './engine.ts';
import { scratchFolder } from './scratch.ts';

export const FIXTURES = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');

/** bubblewrap and plain processes, as far as this machine has them. */
export function localRuntimes(): [string, Runtime][] {
  return (['bubblewrap', 'process'] as const).flatMap((isolation) => {
    const made = createLocalRuntime({ platform: 'local~test', base: 'test', unsafeLocal: true, isolation });
    return made.ok ? [[isolation, made.value] as [string, Runtime]] : [];
  });
}

export async function dockerRuntime(): Promise<Runtime> {
  const chosen = await chooseRuntime({ requested: 'docker', unsafeLocal: false, baseImage: BASE_IMAGE });
  if (!chosen.ok) throw new Error(JSON.stringify(chosen.failure));
  return chosen.value;
}

const library = (name: string): Library => ({
  name,
  version: '1.0',
  importNames: [name],
  constraint: null,
  provenance: 'pinned',
});

const NO_ENVIRONMENT: EnvironmentArtefact['record'] = {
  status: 'refused',
  why: 'not needed here',
  runtime: 'local',
  base: 'test',
  interpreter: null,
  date: null,
  roles: null,
  environments: [],
  block: 'none',
  source: [],
  target: [],
  pythonpath: ['.'],
  metadata: null,
  testsCwd: '.',
  testPaths: [],
  testArgs: [],
  ladder: [],
  dropped: [],
  seconds: 0,
};

/** One attempt as it went: the record, the files left in the output folder, and the tree that the patch makes. */
export interface Played {
  readonly result: Result<AttemptRecord, Failure>;
  readonly dir: string;
  readonly scratchDir: string;
  patch(): string;
  /** `mode path` of every file after the patch, and its content. */
  files(): Promise<Map<string, string>>;
}

/** Files of the tree before, as every scripted agent finds it. */
export const BEFORE: Record<string, string> = {
  'app.py': "import toml\n\nprint(toml.loads('a = 1'))\n",
  'crlf.py': 'import toml\r\nx = 1\r\n',
  'bare.py': 'import toml',
  'data.bin': '\0\u0001\u0002',
};

/** Lets a scripted agent play on a small repository; `change` alters the request. */
export async function play(
  agentName: string,
  runtime: Runtime,
  change: (request: CodingRequest) => CodingRequest = (request) => request,
  before = BEFORE,
): Promise<Played> {
  const top = scratchFolder();
  const { repo, tree } = repository(path.join(top, 'repo'), before);
  const folder = (name: string): string => {
    const dir = path.join(top, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  };
  const agent = readAgent(path.join(FIXTURES, agentName), 'folder');
  if (!agent.ok) throw new Error(JSON.stringify(agent.failure));
  const helper = folder('helper/tests');
  writeFileSync(path.join(helper, 'helper_probe.py'), 'def test():\n    pass\n');
  const dir = folder('data/out');
  const scratchDir = folder('data/scratch');
  const workspace = path.join(top, 'data', 'workspace');
  const made = await makeWorkspace(repo, tree, workspace);
  if (!made.ok) throw new Error(made.failure.detail);
  const request: CodingRequest = {
    agent: agent.value,
    digest: digest('0'.repeat(64)),
    parameters: {},
    name: 'attempt',
    model: null,
    access: null,
    runtime,
    image: null,
    tools: {},
    before: { repo, tree },
    workspace,
    environment: { dir: folder('env'), record: NO_ENVIRONMENT },
    helperSuite: { dir: path.dirname(helper), ids: ['helper_probe.py::test'], why: null },
    kind: 'swap',
    source: [library('toml')],
    target: [library('tomli')],
    limits: {
      memoryBytes: 512 << 20,
      cpus: 1,
      pids: 128,
      wallMs: 60_000,
      idleMs: 60_000,
      outputBytes: 64 << 20,
    },
    variables: {},
    bounds: { dataDir: path.join(top, 'data'), hidden: [path.join(top, 'hidden')] },
    hidden: NOTHING_HIDDEN,
    secrets: [],
    dir,
    scratchDir,
    logDir: folder('logs'),
    labels: { run: 'test', unit: 'test', task: 'coding_agent' },
    signal: new AbortController().signal,
    progress: () => undefined,
  };
  const result = await runCodingAgent(change(request));
  return {
    result,
    dir,
    scratchDir,
    patch: () => readFileSync(path.join(dir, 'migration.patch'), 'latin1'),
    files: async () => {
      const bytes = readFileSync(path.join(dir, 'migration.patch'));
      const applied = await applyPatch(repo, tree, bytes, path.join(top, 'applied'));
      if (!applied.ok) throw new Error(applied.failure.detail);
      return filesOf(applied.value.objects, applied.value.tree);
    },
  };
}

export function recordOf(played: Played): AttemptRecord {
  expect(played.result).toMatchObject({ ok: true });
  if (!played.result.ok) throw new Error('unreachable');
  return played.result.value;
}

function repository(dir: string, files: Record<string, string>): { repo: string; tree: Sha } {
  mkdirSync(dir);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), content);
    chmodSync(path.join(dir, name), 0o644);
  }
  const git = (...args: string[]): string => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'base');
  return { repo: dir, tree: sha(git('rev-parse', 'HEAD^{tree}').trim()) };
}

function filesOf(repo: string, tree: Sha): Map<string, string> {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repo, ...args], { encoding: 'latin1' });
  const entries = git('ls-tree', '-r', '-z', tree)
    .split('\0')
    .filter((line) => line !== '');
  return new Map(
    entries.map((line) => {
      const [mode = '', , id = ''] = line.split('\t')[0]!.split(' ');
      return [`${mode} ${line.slice(line.indexOf('\t') + 1)}`, git('cat-file', 'blob', id)];
    }),
  );
}
