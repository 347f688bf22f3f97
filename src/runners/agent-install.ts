import {
  chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync,
} from 'node:fs'; // prettier-ignore
import os from 'node:os';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { digest, type Digest } from '../model/ids.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { isDockerRuntime, type DockerRuntime } from '../runtimes/docker.ts';
import { hostNetwork, SYSTEM_BUNDLE } from '../runtimes/host-network.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree, sha256, sha256File, writeAtomically } from '../workspace/disk.ts';
import type { Agent } from './agents.ts';
import { writeHostSettings } from './host-settings.ts';
import { AGENT_REPOSITORY, ensureAgentImage } from './image.ts';
import { buildImage, CONTEXT, HOST } from './image-build.ts';
import { INSTALL, readInstallEnd } from './install-script.ts';
import { AT } from './mounts.ts';
import { redactSettings } from './settings-values.ts';

/** Where an installed agent lies: in an image of its own, or in a folder that is mounted. */
export interface Installed {
  readonly image: string | null;
  readonly installed: readonly Mount[];
}

export interface InstallOptions {
  /** `<data>/cache`. */
  readonly cacheDir: string;
  /** Does a job while nobody else does it for the same folder of the data folder. */
  readonly locked: <T>(folder: string, job: () => Promise<Result<T, Failure>>) => Promise<Result<T, Failure>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doing: string) => void;
}

const LIMITS: Limits = {
  memoryBytes: 4 * 1024 ** 3, cpus: 2, pids: 512, wallMs: 1900_000, idleMs: 1900_000, outputBytes: 16 << 20,
}; // prettier-ignore
/** Written when everything is there; its time is that of the last use. */
const DONE = 'installed.json';

/**
 * The agent as its install script leaves it, made once per content of the script, its files and what it stands on. Fails
 * `agent-install-failed` with the line and the end of what it wrote, `agent-install-settings` where it kept settings of
 * this machine, `unsafe-local-needed` on a runtime that holds nothing.
 */
export async function ensureInstalled(
  agent: Agent,
  runtime: Runtime,
  options: InstallOptions,
): Promise<Result<Installed, Failure>> {
  const script = agent.manifest.install ?? '';
  if (isDockerRuntime(runtime)) return await ensureImage(agent, script, runtime, options);
  const key = installDigest(agent, `${runtime.platform} ${runtime.isolation}`).slice(0, 16);
  const dir = path.join(options.cacheDir, 'agents', `${agent.name}-${key}`);
  const given = (): Result<Installed, Failure> => {
    utimesSync(path.join(dir, DONE), new Date(), new Date());
    return ok({ image: null, installed: [{ host: path.join(dir, 'prefix'), at: AT.installed, mode: 'ro' }] });
  };
  if (existsSync(path.join(dir, DONE))) return given();
  return await options.locked(dir, async () => {
    if (existsSync(path.join(dir, DONE))) return given();
    const made = await installBelow(dir, agent, script, runtime, options);
    return made.ok ? given() : made;
  });
}

/** Digest of the script, of the files that it may read (names, executable bits, content), and of what it stands on. */
export function installDigest(agent: Agent, base: string): Digest {
  const parts = installedFiles(agent).map((name) => {
    const file = path.join(agent.dir, name);
    return `${name} ${(statSync(file).mode & 0o100) !== 0} ${sha256File(file)}`;
  });
  return digest(sha256([INSTALL, agent.manifest.install ?? '', base, ...parts].join('\0')));
}

function installedFiles(agent: Agent): string[] {
  const { install, installFiles } = agent.manifest;
  const below = (name: string): string[] =>
    statSync(path.join(agent.dir, name)).isDirectory()
      ? readdirSync(path.join(agent.dir, name)).flatMap((each) => below(path.join(name, each)))
      : [name];
  return [...new Set([install ?? '', ...installFiles].flatMap(below))].sort();
}

async function ensureImage(
  agent: Agent,
  script: string,
  runtime: DockerRuntime,
  options: InstallOptions,
): Promise<Result<Installed, Failure>> {
  const { engine } = runtime;
  const given = agent.manifest.image;
  const from = await ensureAgentImage(
    runtime,
    {
      dir: agent.dir,
      dockerfile: given !== undefined && 'dockerfile' in given ? given.dockerfile : null,
      image: given !== undefined && 'ready' in given ? given.ready : null,
    },
    options,
  );
  if (!from.ok) return from;
  const name = agent.name.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, '-');
  const tag = `${name}-${installDigest(agent, from.value).slice(0, 12)}`;
  const present = async (): Promise<Result<string | null, Failure>> =>
    await engine.imageId(`${AGENT_REPOSITORY}:${tag}`);
  const found = await present();
  if (!found.ok) return found;
  if (found.value !== null) return ok({ image: found.value, installed: [] });
  return await options.locked(path.join(options.cacheDir, 'agents', tag), async () => {
    const again = await present();
    if (!again.ok) return again;
    if (again.value !== null) return ok({ image: again.value, installed: [] });
    options.onProgress?.(`installing ${agent.name}`);
    return await withStage(agent, async (stage) => {
      const command = ['/bin/sh', '-c', INSTALL, 'install', AT.installed, CONTEXT, script, `${HOST}/values`];
      const { values } = writeHostSettings(stage.settings, HOST, hostNetwork(SYSTEM_BUNDLE));
      const built = await buildImage(engine, {
        file: path.join(agent.dir, script),
        instructions: [{ line: 1, name: 'RUN', rest: JSON.stringify(command) }],
        from: from.value,
        context: stage.files,
        repository: AGENT_REPOSITORY,
        tag,
        args: {},
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      if (built.ok) return ok({ image: built.value, installed: [] });
      if (built.failure.reason !== 'image-build-failed') return built;
      return fail(failureOf(agent, script, built.failure.log, values));
    });
  });
}

/** On the local runtime: into a folder beside, which takes its place when it is whole. */
async function installBelow(
  dir: string,
  agent: Agent,
  script: string,
  runtime: Runtime,
  options: InstallOptions,
): Promise<Result<null, Failure>> {
  options.onProgress?.(`installing ${agent.name}`);
  removeTree(dir);
  // where nothing can be mounted, paths in what is installed are those of the place where it stays
  const making = runtime.isolation === 'process' ? dir : `${dir}.making`;
  removeTree(making);
  const prefix = path.join(making, 'prefix');
  mkdirSync(prefix, { recursive: true });
  const done = await withStage(agent, async (stage): Promise<Result<null, Failure>> => {
    const mounts: Mount[] = [
      { host: prefix, at: AT.installed, mode: 'rw' },
      { host: stage.files, at: CONTEXT, mode: 'ro' },
      { host: stage.settings, at: HOST, mode: 'ro' },
    ];
    const at = (place: string): string => runtime.pathOf(mounts, place);
    const settings = writeHostSettings(stage.settings, at(HOST), hostNetwork(SYSTEM_BUNDLE));
    const stdout = path.join(stage.logs, 'stdout');
    const ran = await runtime.run({
      role: 'agent-install',
      image: null,
      command: [
        '/bin/sh',
        '-c',
        INSTALL,
        'install',
        at(AT.installed),
        at(CONTEXT),
        script,
        `${at(HOST)}/values`,
      ],
      cwd: at(CONTEXT),
      mounts,
      env: settings.env,
      limits: LIMITS,
      network: 'registries',
      foreign: true,
      stdout,
      stderr: path.join(stage.logs, 'stderr'),
      labels: {},
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!ran.ok) return ran;
    if (ran.value.code === 0) return ok(null);
    const output =
      readFileSync(stdout, 'utf8') + (ran.value.ended === 'exited' ? '' : `\nended: ${ran.value.ended}`);
    return fail(failureOf(agent, script, output, settings.values));
  });
  if (!done.ok) {
    removeTree(making);
    return done;
  }
  const { version } = agent.manifest;
  writeAtomically(path.join(making, DONE), `${JSON.stringify({ schema: 1, agent: agent.name, version })}\n`);
  if (making !== dir) renameSync(making, dir);
  return done;
}

interface Stage {
  /** The script and its files, and nothing else. */
  readonly files: string;
  readonly settings: string;
  readonly logs: string;
}

async function withStage<T>(agent: Agent, job: (stage: Stage) => Promise<T>): Promise<T> {
  const top = mkdtempSync(path.join(os.tmpdir(), 'mig-pipeline-install-'));
  const folder = (name: string): string => {
    const dir = path.join(top, name);
    mkdirSync(dir);
    return dir;
  };
  try {
    chmodSync(top, 0o755);
    const stage = { files: folder('files'), settings: folder('settings'), logs: folder('logs') };
    for (const name of installedFiles(agent))
      cpSync(path.join(agent.dir, name), path.join(stage.files, name));
    writeFileSync(path.join(stage.logs, 'stdout'), '');
    return await job(stage);
  } finally {
    removeTree(top);
  }
}

function failureOf(agent: Agent, script: string, output: string, values: readonly string[]): Failure {
  const file = path.join(agent.dir, script);
  const end = readInstallEnd(output);
  const { name } = agent;
  if (end !== null && 'kept' in end)
    return { class: 'config', reason: 'agent-install-settings', name, file, kept: end.kept };
  const { line, step, log } = end ?? { line: 1, step: 'its start', log: output.trim().slice(-2000) };
  return {
    class: 'infra',
    reason: 'agent-install-failed',
    name,
    file,
    line,
    step: redactSettings(step, values),
    log: redactSettings(log, values),
  };
}
