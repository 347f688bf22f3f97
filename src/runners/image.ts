import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { isDockerRuntime } from '../runtimes/docker.ts';
import type { Engine } from '../runtimes/engine.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { sha256, sha256File } from '../workspace/disk.ts';
import { hostVariables } from '../workspace/host-environment.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { parseDockerfile, substitute, words, type Instruction } from './dockerfile.ts';
import { buildImage } from './image-build.ts';

export const DEFAULT_BASE_IMAGE = 'mig-pipeline-base:bookworm';
/** Name of agents' images; the tag is a digest of what they are made of. */
export const AGENT_REPOSITORY = 'mig-pipeline-agent';
const BUILD_REPOSITORY = 'mig-pipeline-build';

export interface ImageOptions {
  readonly signal?: AbortSignal;
  /** Told what takes long. */
  readonly onProgress?: (doing: string) => void;
}

/** What an agent's sandbox is made of. Neither: the base image. */
export interface AgentImage {
  /** The agent's folder: the Dockerfile's context. */
  readonly dir: string;
  readonly dockerfile: string | null;
  readonly image: string | null;
}

/**
 * Digest of the base image. Where the engine has none: the default one is made by `scripts/base-image.sh` (from a
 * registry, else from this machine's package mirror), any other is pulled. Fails `image-missing`.
 */
export async function ensureBaseImage(
  engine: Engine,
  image: string,
  options: ImageOptions = {},
): Promise<Result<string, RuntimeFailure>> {
  const present = await engine.imageId(image);
  if (!present.ok) return present;
  if (present.value !== null) return ok(present.value);
  options.onProgress?.(`making image ${image}`);
  const detail =
    image === DEFAULT_BASE_IMAGE
      ? await runScript(engine.address, options.signal)
      : await pull(engine, image);
  if (options.signal?.aborted === true) return fail({ class: 'cancelled', reason: 'run-cancelled' });
  const made = await engine.imageId(image);
  if (!made.ok) return made;
  return made.value === null
    ? fail({ class: 'infra', reason: 'image-missing', image, detail })
    : ok(made.value);
}

/**
 * Image id of an agent: a ready image as it is (pulled where missing), a Dockerfile built on the base image once per
 * digest of its text, its base and what it copies, or the base image itself. Without an engine there are no images.
 */
export async function ensureAgentImage(
  runtime: Runtime,
  agent: AgentImage,
  options: ImageOptions = {},
): Promise<Result<string, RuntimeFailure>> {
  if (!isDockerRuntime(runtime)) return ok(runtime.base);
  if (agent.dockerfile !== null)
    return await ensureBuilt(
      runtime.engine,
      runtime.base,
      path.join(agent.dir, agent.dockerfile),
      agent.dir,
      AGENT_REPOSITORY,
      options,
    );
  if (agent.image !== null) return await ensureBaseImage(runtime.engine, agent.image, options);
  return ok(runtime.base);
}

/**
 * Image id of the base image with compilers and header packages, for source distributions; made when first asked for
 * (about a minute and a gigabyte). The local runtime compiles with what the machine has.
 */
export async function ensureBuildImage(
  runtime: Runtime,
  options: ImageOptions = {},
): Promise<Result<string, RuntimeFailure>> {
  if (!isDockerRuntime(runtime)) return ok(runtime.base);
  const dir = path.join(packageRoot(), 'config/images');
  return await ensureBuilt(
    runtime.engine,
    runtime.base,
    path.join(dir, 'build.Dockerfile'),
    dir,
    BUILD_REPOSITORY,
    options,
  );
}

async function ensureBuilt(
  engine: Engine,
  base: string,
  file: string,
  context: string,
  repository: string,
  options: ImageOptions,
): Promise<Result<string, RuntimeFailure>> {
  const text = readText(file);
  if (text === undefined)
    return fail({
      class: 'config',
      reason: 'dockerfile-unsupported',
      file,
      line: 1,
      problem: 'the file cannot be read',
    });
  const parsed = parseDockerfile(text);
  if (!parsed.ok) return fail({ class: 'config', reason: 'dockerfile-unsupported', file, ...parsed.failure });
  const from = await baseOf(engine, base, parsed.value, options);
  if (!from.ok) return from;
  const digest = sha256([text, from.value, ...copiedFiles(context, parsed.value)].join('\0'));
  const tag = digest.slice(0, 12);
  const present = await engine.imageId(`${repository}:${tag}`);
  if (!present.ok) return present;
  if (present.value !== null) return ok(present.value);
  options.onProgress?.(`building image ${repository}:${tag}`);
  const { signal } = options;
  return await buildImage(engine, {
    file,
    instructions: parsed.value,
    from: from.value,
    context,
    repository,
    tag,
    args: { BASE_IMAGE: base },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** `FROM ${BASE_IMAGE}` is the configured base image; another name is that image. */
async function baseOf(
  engine: Engine,
  base: string,
  instructions: readonly Instruction[],
  options: ImageOptions,
): Promise<Result<string, RuntimeFailure>> {
  const from = instructions.find(({ name }) => name === 'FROM')?.rest ?? '';
  const name = substitute(from, { BASE_IMAGE: base });
  return name === base ? ok(base) : await ensureBaseImage(engine, name, options);
}

/** Path, mode and content of everything that COPY reads, in a stable order. */
function copiedFiles(context: string, instructions: readonly Instruction[]): string[] {
  const found: string[] = [];
  const visit = (relative: string): void => {
    const full = path.join(context, relative);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true)
      for (const name of readdirSync(full).sort()) visit(path.join(relative, name));
    else if (stat !== undefined) found.push(`${relative} ${stat.mode & 0o777} ${sha256File(full)}`);
  };
  for (const { name, rest } of instructions)
    if (name === 'COPY')
      for (const word of words(rest)
        .filter((each) => !each.startsWith('--'))
        .slice(0, -1))
        visit(word);
  return found;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function pull(engine: Engine, image: string): Promise<string> {
  const pulled = await engine.pull(image);
  return pulled.ok || pulled.failure.reason !== 'engine-failed'
    ? 'it is not there after pulling'
    : pulled.failure.detail;
}

/** Runs the script for that engine; answers its last line, the reason when it made nothing. */
function runScript(address: string, signal: AbortSignal | undefined): Promise<string> {
  const script = path.join(packageRoot(), 'scripts/base-image.sh');
  const env = { ...hostVariables(['']), DOCKER_HOST: address };
  return new Promise((resolve) => {
    execFile(
      'bash',
      [script],
      { env, timeout: 600_000, ...(signal === undefined ? {} : { signal }) },
      (error, _out, err) => {
        const last = err.trim().split('\n').at(-1) ?? '';
        resolve(last === '' ? (error?.message ?? 'no reason given') : last);
      },
    );
  });
}
