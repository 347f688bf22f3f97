import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AgentFailure } from '../model/failures/agent.ts';
import type { ConfigFailure } from '../model/failures/config.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { nearestOf } from '../model/nearest.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { digestJson, sha256File } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';
import { parseYaml } from '../workspace/yaml.ts';
import { agentFiles, includeProblem } from './agent-folder.ts';
import { agentManifest, type AgentManifest } from './agent-manifest.ts';

/** An agent at hand: a folder with an `agent.yaml` that holds. */
export interface Agent {
  readonly name: string;
  readonly dir: string;
  /** `packaged`: came with the pipeline, so its code is ours. */
  readonly origin: 'packaged' | 'folder';
  readonly manifest: AgentManifest;
}

/** A folder that should be an agent and is not. */
export interface BrokenAgent {
  readonly name: string;
  readonly dir: string;
  readonly failure: ConfigFailure;
}

export interface AgentShelf {
  readonly agents: readonly Agent[];
  readonly broken: readonly BrokenAgent[];
}

/**
 * The agents of the given folders and those that come with the pipeline, by name. Of two with one name the
 * folder named first wins; names of built-in agents cannot be taken. Fails when a given folder is not there.
 */
export function discoverAgents(dirs: readonly string[]): Result<AgentShelf, AgentFailure> {
  const agents = new Map<string, Agent>();
  const broken: BrokenAgent[] = [];
  const packaged = path.join(packageRoot(), 'agents');
  for (const dir of [...dirs, packaged]) {
    const origin = dir === packaged ? 'packaged' : 'folder';
    const names = agentFolders(dir);
    if (names === undefined) return fail({ class: 'config', reason: 'agents-folder-missing', folder: dir });
    for (const name of names) {
      const read = readAgent(path.join(dir, name), origin);
      if (!read.ok) broken.push({ name, dir: path.join(dir, name), failure: read.failure });
      else if (!agents.has(name) || read.value.manifest.builtIn) agents.set(name, read.value);
    }
  }
  const sorted = [...agents.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ok({ agents: sorted, broken });
}

/**
 * The agent to run in a role. Fails, before anything is started, when there is none of that name (nearest
 * ones named), its manifest is broken, it plays another role, or it needs what cannot be given.
 */
export function requireAgent(
  name: string,
  role: AgentManifest['role'],
  dirs: readonly string[],
  reader: StrictReader = readAnew,
): Result<Agent, AgentFailure | ConfigFailure> {
  const named = readNamed(name, dirs, reader);
  if (!named.ok) return named;
  const agent = named.value;
  if (agent === undefined) {
    const shelf = discoverAgents(dirs);
    if (!shelf.ok) return shelf;
    const { agents } = shelf.value;
    const known = agents.filter(({ manifest }) => manifest.role === role).map((known) => known.name);
    return fail({ class: 'config', reason: 'agent-unknown', name, nearest: nearestOf(name, known) });
  }
  if (agent.manifest.role !== role) {
    const { role: played } = agent.manifest;
    return fail({ class: 'config', reason: 'agent-role', name, role: played, wanted: role });
  }
  return ok(agent);
}

/** The agent of that name: the packaged one where it is built in, else of the folder named first. */
function readNamed(
  name: string,
  dirs: readonly string[],
  reader: StrictReader,
): Result<Agent | undefined, AgentFailure | ConfigFailure> {
  const missing = dirs.find((dir) => agentFolders(dir) === undefined);
  if (missing !== undefined)
    return fail({ class: 'config', reason: 'agents-folder-missing', folder: missing });
  const packaged = path.join(packageRoot(), 'agents');
  const holders = [...dirs, packaged].filter((dir) => agentFolders(dir)?.includes(name));
  const first = holders[0];
  if (first === undefined) return ok(undefined);
  if (first !== packaged && holders.includes(packaged)) {
    const own = readAgent(path.join(packaged, name), 'packaged', reader);
    if (own.ok && own.value.manifest.builtIn) return own;
  }
  return readAgent(path.join(first, name), first === packaged ? 'packaged' : 'folder', reader);
}

function agentFolders(dir: string): string[] | undefined {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  return readdirSync(dir)
    .filter((name) => existsSync(path.join(dir, name, 'agent.yaml')))
    .sort();
}

/** Reads one agent's folder. Fails with file, line, column and key. */
export function readAgent(
  dir: string,
  origin: Agent['origin'],
  reader: StrictReader = readAnew,
): Result<Agent, ConfigFailure> {
  const file = path.join(dir, 'agent.yaml');
  const wrong = (key: string, problem: string, text = ''): { ok: false; failure: ConfigFailure } => {
    const parsed = parseYaml(text, file);
    const place = parsed.ok ? parsed.value.locate(key.split('.')) : undefined;
    return fail({ class: 'config', reason: 'config-invalid', file, ...place, key, problem });
  };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return wrong('', `cannot be read (${(error as Error).message})`);
  }
  const read = reader('agent', agentManifest, text, file);
  if (!read.ok) return read;
  const manifest = read.value;
  if (manifest.builtIn && origin !== 'packaged') {
    return wrong('builtIn', 'is only for agents that come with the pipeline', text);
  }
  for (const [index, word] of (manifest.command ?? []).entries()) {
    if (!word.startsWith('/agent/')) continue;
    const target = path.join(dir, word.slice('/agent/'.length));
    if (statSync(target, { throwIfNoEntry: false }) === undefined) {
      return wrong(`command.${index}`, `names ${word}, but there is no ${target}`, text);
    }
    if (index === 0 && !isExecutable(target)) {
      return wrong(`command.${index}`, `starts ${target}, which is not executable`, text);
    }
  }
  const dockerfile =
    manifest.image !== undefined && 'dockerfile' in manifest.image ? manifest.image.dockerfile : null;
  if (dockerfile !== null && statSync(path.join(dir, dockerfile), { throwIfNoEntry: false }) === undefined) {
    return wrong('image.dockerfile', `names ${dockerfile}, which is not in ${dir}`, text);
  }
  const { install, installFiles } = manifest;
  for (const [key, name] of [
    ['install', install],
    ...installFiles.map((each, at) => [`installFiles.${at}`, each]),
  ])
    if (key !== undefined && name !== undefined && !existsSync(path.join(dir, name)))
      return wrong(key, `names ${name}, which is not in ${dir}`, text);
  for (const [at, from] of Object.entries(manifest.include)) {
    const problem = includeProblem(dir, origin, from);
    if (problem !== undefined) return wrong(`include.${at}`, problem, text);
  }
  return ok({ name: path.basename(dir), dir, origin, manifest });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Digest of everything that an agent's folder holds when it is shown (names, executable bits, content): a changed agent is another agent. */
export function agentDigest(agent: Agent): Digest {
  return digestJson(
    agentFiles(agent).map(({ name, file }) => [name, (statSync(file).mode & 0o100) !== 0, sha256File(file)]),
  );
}

/** Values of an agent's parameters: all of them, and those that are not the default. */
export interface ChosenParameters {
  readonly all: Readonly<Record<string, Json>>;
  readonly changed: Readonly<Record<string, Json>>;
}

/**
 * Fills in defaults. Texts are read as the parameter's type (`"3"` for an integer, `"true"` for a boolean).
 * Fails on a name that the manifest does not have, and on a value of another type.
 */
export function chooseParameters(
  agent: Agent,
  given: Readonly<Record<string, Json>>,
): Result<ChosenParameters, AgentFailure> {
  const known = agent.manifest.parameters;
  const all: Record<string, Json> = {};
  const changed: Record<string, Json> = {};
  const wrong = (parameter: string, problem: string, nearest: readonly string[] = []): AgentFailure => ({
    class: 'config',
    reason: 'agent-parameter',
    name: agent.name,
    parameter,
    problem,
    nearest,
  });
  for (const name of Object.keys(given)) {
    if (!(name in known)) return fail(wrong(name, 'does not exist', nearestOf(name, Object.keys(known))));
  }
  for (const [name, { type, default: standard }] of Object.entries(known)) {
    const value = name in given ? typed(type, given[name] ?? null) : standard;
    if (value === undefined) return fail(wrong(name, `must be of type ${type}`));
    all[name] = value;
    if (value !== standard) changed[name] = value;
  }
  return ok({ all, changed });
}

function typed(type: 'string' | 'integer' | 'number' | 'boolean', value: Json): Json | undefined {
  if (type === 'string') return typeof value === 'string' ? value : undefined;
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return type === 'integer' && !Number.isInteger(number) ? undefined : number;
}
