import type { Failure } from '../model/failure.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Library } from '../model/library.ts';
import { ok, type Result } from '../model/result.ts';
import type { InputFile } from '../pipeline/task.ts';
import type { Agent } from '../runners/agents.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { toolsLockFile } from '../workspace/package-root.ts';

/** What every start of an agent's command is given besides its folders. */
export interface AgentNeeds {
  /** Null: the base image. */
  readonly image: string | null;
  readonly tools: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes its image where there is an engine, fetches the tools that it names, and picks the variables it may see. */
export async function agentNeeds(
  agent: Agent,
  runtime: Runtime,
  host: {
    readonly cacheDir: string;
    readonly hostVariables: Readonly<Record<string, string | undefined>>;
  },
): Promise<Result<AgentNeeds, Failure>> {
  const { ensureTool } = await import('../runners/tools.ts');
  const tools: Record<string, string> = {};
  for (const name of agent.manifest.tools) {
    const dir = await ensureTool(name, host.cacheDir);
    if (!dir.ok) return dir;
    tools[name] = dir.value;
  }
  const image = await imageOf(agent, runtime);
  if (!image.ok) return image;
  return ok({ image: image.value, tools, variables: allowedVariables(agent, host.hostVariables) });
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

async function imageOf(agent: Agent, runtime: Runtime): Promise<Result<string | null, Failure>> {
  const { image } = agent.manifest;
  if (image === undefined || runtime.kind === 'local') return ok(null);
  const { ensureAgentImage } = await import('../runners/image.ts');
  return await ensureAgentImage(runtime, {
    dir: agent.dir,
    dockerfile: 'dockerfile' in image ? image.dockerfile : null,
    image: 'ready' in image ? image.ready : null,
  });
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
