import { mkdirSync, readFileSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Limits, Mount, NetworkPolicy, RunExit, Runtime } from '../runtimes/runtime.ts';
import { sandboxUser } from '../runtimes/ownership.ts';
import type { Interpreter } from './interpreters.ts';
import type { Registry } from './registry.ts';

/** Everything that the steps of one environment share. */
export interface Workshop {
  readonly runtime: Runtime;
  readonly limits: Limits;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Folder of the static uv binary. */
  readonly toolsDir: string;
  /** Asked of the host's tools at the first step that needs a network. */
  readonly registry: () => Promise<Registry>;
  readonly interpreter: Interpreter;
  /** The store: uv's cache and all environments, one mount, so that files can be hard links. */
  readonly storeDir: string;
  /** Output folder of the task, below the store. */
  readonly outDir: string;
  /** Private folder of this task, where foreign code may write. */
  readonly scratchDir: string;
  readonly logDir: string;
  /** Id of the image with compilers and headers, made when first asked for. Null: whatever the machine has. */
  readonly buildImage: (() => Promise<Result<string, Failure>>) | null;
  progress(doing: string): void;
  limited<T>(job: () => Promise<T>): Promise<T>;
}

export interface Step {
  /** Names the logs: `<name>.out`, `<name>.err`. */
  readonly name: string;
  readonly script: string;
  readonly mounts: readonly Mount[];
  readonly network: NetworkPolicy;
  /** Whether code of packages runs in it. */
  readonly foreign: boolean;
  /** Default: the base image. */
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface StepEnd {
  readonly exit: RunExit;
  readonly out: string;
  readonly err: string;
  readonly log: string;
}

export const STORE = '/store';
export const TOOLS = '/tools';
export const BUILD = '/build';

/** Mount of the interpreter: its own folder at its own path, where it is one that can be mounted. */
export function interpreterMounts(interpreter: Interpreter): Mount[] {
  return interpreter.mount === null ? [] : [{ host: interpreter.mount, at: interpreter.mount, mode: 'ro' }];
}

/** Runs one script by `sh` in the base image. Variables `UV`, `PY` name uv and the interpreter. */
export async function runStep(workshop: Workshop, step: Step): Promise<Result<StepEnd, Failure>> {
  mkdirSync(workshop.logDir, { recursive: true });
  const log = freeName(workshop.logDir, step.name);
  const reach = step.network === 'registries' ? await workshop.registry() : null;
  const mounts: Mount[] = [
    { host: workshop.toolsDir, at: TOOLS, mode: 'ro' },
    ...interpreterMounts(workshop.interpreter),
    ...(reach?.mounts ?? []),
    ...step.mounts,
  ];
  const at = (place: string): string => workshop.runtime.pathOf(mounts, place);
  const registry = Object.fromEntries(
    Object.entries(reach?.variables ?? {}).map(([name, value]) => [
      name,
      value.startsWith('/registry/') ? at(value) : value,
    ]),
  );
  const stdout = path.join(workshop.logDir, `${log}.out`);
  const stderr = path.join(workshop.logDir, `${log}.err`);
  const ended = await workshop.limited(() =>
    workshop.runtime.run({
      role: `env-${step.name}`,
      image: step.image ?? null,
      command: ['sh', '-c', step.script],
      cwd: '/',
      mounts,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        UV: `${at(TOOLS)}/uv`,
        PY: workshop.interpreter.executable,
        UV_NO_CONFIG: '1',
        UV_NO_PROGRESS: '1',
        UV_PYTHON_DOWNLOADS: 'never',
        UV_PREVIEW_FEATURES: 'pylock',
        UV_HTTP_TIMEOUT: '60',
        UV_NO_MANAGED_PYTHON: '1',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        ...registry,
        ...step.env,
      },
      limits: workshop.limits,
      network: step.network,
      foreign: step.foreign,
      stdout,
      stderr,
      labels: workshop.labels,
      signal: workshop.signal,
    }),
  );
  if (!ended.ok) return ended;
  return ok({ exit: ended.value, out: textOf(stdout), err: textOf(stderr), log });
}

/** A path of the store or of a mount as the sandbox's command sees it. */
export function seen(workshop: Workshop, mounts: readonly Mount[], place: string): string {
  return workshop.runtime.pathOf(mounts, place);
}

/** The store: handed over is what this task made alone, since what is there grows with every environment. */
export function storeMount(workshop: Workshop): Mount {
  const { storeDir, outDir, scratchDir } = workshop;
  const user = sandboxUser().uid;
  // Of another owner: new, or of a data folder that was copied.
  const others = ['.uv-cache', '.bytecode']
    .map((name) => path.join(storeDir, name))
    .filter((dir) => (statSync(dir, { throwIfNoEntry: false })?.uid ?? user) !== user);
  return { host: storeDir, at: STORE, mode: 'rw', handOver: [outDir, scratchDir, ...others] };
}

/** Where a folder below the store is seen in the sandbox. */
export function inStore(workshop: Workshop, dir: string): string {
  const below = path.relative(workshop.storeDir, dir);
  if (below.startsWith('..') || path.isAbsolute(below)) throw new Error(`${dir} is not below the store`);
  return seen(workshop, [storeMount(workshop)], STORE) + (below === '' ? '' : `/${below}`);
}

/** The words of a shell command, each quoted. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function freeName(dir: string, name: string): string {
  for (let count = 1; ; count++) {
    const log = count === 1 ? name : `${name}-${count}`;
    if (!existsSync(path.join(dir, `${log}.out`))) return log;
  }
}
