import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Library } from '../model/library.ts';
import { ok, type Result } from '../model/result.ts';
import { lockName } from '../pipeline/folder-names.ts';
import { newNonce } from '../pipeline/run-folder.ts';
import type { InputFile } from '../pipeline/task.ts';
import { takeLock } from '../pipeline/wait-lock.ts';
import type { Installed, InstallOptions } from '../runners/agent-install.ts';
import type { Agent } from '../runners/agents.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { thisProcess } from '../workspace/process-owner.ts';
import { toolsLockFile } from '../workspace/package-root.ts';

/** What every start of an agent's command is given besides its folders: `image` null is the base image. */
export interface AgentNeeds extends Installed {
  readonly tools: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

export interface AgentHost {
  /** `<data>/cache`. */
  readonly cacheDir: string;
  readonly hostVariables: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Told what takes long. */
  readonly progress?: (doing: string) => void;
}

/** Installs it or makes its image, fetches the tools that it names, and picks the variables it may see. */
export async function agentNeeds(
  agent: Agent,
  runtime: Runtime,
  host: AgentHost,
): Promise<Result<AgentNeeds, Failure>> {
  const { ensureTool } = await import('../runners/tools.ts');
  const tools: Record<string, string> = {};
  for (const name of agent.manifest.tools) {
    const dir = await ensureTool(name, host.cacheDir);
    if (!dir.ok) return dir;
    tools[name] = dir.value;
  }
  const sandbox = await sandboxOf(agent, runtime, host);
  if (!sandbox.ok) return sandbox;
  return ok({ ...sandbox.value, tools, variables: allowedVariables(agent, host.hostVariables) });
}

/** What of an agent enters a task's key. */
export function agentParams(
  agent: Agent,
  digest: Digest,
  parameters: Readonly<Record<string, Json>>,
): Record<string, Json> {
  return { agent: agent.name, agentVersion: agent.manifest.version, agentDigest: digest, parameters };
}

/** What the locked tools of an agent are is decided by their lock. */
export function agentInputFiles(agent: Agent): readonly InputFile[] {
  return agent.manifest.tools.length === 0 ? [] : [{ name: 'tools.lock', path: toolsLockFile() }];
}

/** Libraries as a parameter of a task. */
export function librariesJson(libraries: readonly Library[]): Json {
  return libraries.map(({ name, version, constraint, importNames }) => ({
    name,
    version,
    constraint,
    importNames: [...importNames],
  }));
}

async function sandboxOf(
  agent: Agent,
  runtime: Runtime,
  host: AgentHost,
): Promise<Result<Installed, Failure>> {
  const { image, install } = agent.manifest;
  const { signal, progress } = host;
  const told = {
    ...(signal === undefined ? {} : { signal }),
    ...(progress === undefined ? {} : { onProgress: progress }),
  };
  if (install !== undefined) {
    const { ensureInstalled } = await import('../runners/agent-install.ts');
    const { cacheDir } = host;
    return await ensureInstalled(agent, runtime, {
      cacheDir,
      locked: lockedBelow(path.dirname(cacheDir), host),
      ...told,
    });
  }
  if (image === undefined || runtime.kind === 'local') return ok({ image: null, installed: [] });
  const { ensureAgentImage } = await import('../runners/image.ts');
  const made = await ensureAgentImage(
    runtime,
    {
      dir: agent.dir,
      dockerfile: 'dockerfile' in image ? image.dockerfile : null,
      image: 'ready' in image ? image.ready : null,
    },
    told,
  );
  return made.ok ? ok({ image: made.value, installed: [] }) : made;
}

/** Waits for whoever makes the same thing in this data folder. */
function lockedBelow(dataDir: string, host: AgentHost): InstallOptions['locked'] {
  return async (out, job) => {
    const folder = path.relative(dataDir, out).split(path.sep).join('/');
    const since = new Date().toISOString();
    const owner = { ...thisProcess(), nonce: newNonce(), run: 'install', since, folder };
    const taken = await takeLock(path.join(dataDir, '.locks', lockName(dataDir, out)), owner, {
      waitMs: Infinity,
      signal: host.signal ?? new AbortController().signal,
      onWait: () => host.progress?.('waiting for another process that installs the agent'),
    });
    if (!taken.ok) return taken;
    try {
      return await job();
    } finally {
      taken.value.release();
    }
  };
}

/** Versions as installed where the benchmark states none. */
export function withFoundVersions(
  libraries: readonly Library[],
  found: readonly { readonly name: string; readonly version: string | null }[],
): readonly Library[] {
  return libraries.map((library) => ({
    ...library,
    version: library.version ?? found.find(({ name }) => name === library.name)?.version ?? null,
  }));
}

function allowedVariables(
  agent: Agent,
  host: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const values = agent.manifest.environment.map((name) => [name, host[name]] as const);
  return Object.fromEntries(values.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
