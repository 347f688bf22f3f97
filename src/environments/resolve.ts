import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { lacksCompiler, runBuild } from './compilers.ts';
import { WHEEL_ONLY } from './compiled.ts';
import { lineOf } from './interpreters.ts';
import type { Rung } from './ladder.ts';
import { parseLock, type LockedDistribution } from './lock.ts';
import { causeOf, type Wanted } from './repair.ts';
import { requirementText } from './requirement.ts';
import {
  BUILD,
  inStore,
  quoted,
  runStep,
  seen,
  storeMount,
  type StepEnd,
  type Workshop,
} from './workshop.ts';

/** A resolution that held. */
export interface Resolution {
  readonly distributions: readonly LockedDistribution[];
  /** The lock as uv wrote it, without its heading. */
  readonly text: string;
  /** Metadata could be had with compilers alone. */
  readonly compiled?: boolean;
}

/** The tool's own words where a resolution did not hold. */
export interface NotResolved {
  readonly error: string;
}

/** Distributions that a date before this one does not bind: they were deleted and uploaded again in July 2022. */
const LIFT_BEFORE = '2022-08-01T00:00:00Z';
const LIFTED_TO = '2023-06-30T23:59:59Z';
const NEVER_BOUND = [
  'pytest',
  'pluggy',
  'iniconfig',
  'packaging',
  'setuptools',
  'wheel',
  'attrs',
  'typing',
  'pathlib2',
  'atomicwrites',
  // what a pytest of that date needs: bound, they would hold it back below 3.6 without a word
  'py',
  'tomli',
  'importlib-metadata',
  'zipp',
  'exceptiongroup',
];

/** What a pytest below 3.6 does not bear in a later version: attrs lost what it calls. */
const BOUND_WITH_OLD_RUNNER = new Set(['attrs', 'pluggy', 'py']);

/**
 * uv's arguments that date a resolution: the instant for all, and the later ones of single packages. `asked` is
 * what the resolution is asked for: a test runner that is held below 3.6 is dated with what it needs. A and B
 * (`libraries`) are always dated: their versions are what is migrated.
 */
export function datingArguments(
  date: string | null,
  lifted: Wanted['lifted'],
  asked: Wanted['requirements'] = [],
  libraries: ReadonlySet<string> = new Set(),
): string[] {
  if (date === null) return [];
  const old = asked.some(
    ({ name, specifier }) =>
      name === 'pytest' && /(==|~=|<=?)(2\.|3\.[0-5](\.|,|$)|3\.6(\.0)?(,|$))/.test(specifier),
  );
  const free =
    Date.parse(date) < Date.parse(LIFT_BEFORE)
      ? NEVER_BOUND.filter((name) => !libraries.has(name) && (!old || !BOUND_WITH_OLD_RUNNER.has(name)))
      : [];
  const single = new Map<string, string | null>(free.map((name) => [name, LIFTED_TO]));
  for (const [name, until] of Object.entries(lifted)) single.set(name, until);
  return [
    `--exclude-newer=${date}`,
    ...[...single].map(([name, until]) => `--exclude-newer-package=${name}=${until ?? 'false'}`),
  ];
}

/**
 * Names whose newest allowed version a resolution without building passed over: uv went on searching the same
 * package without having selected a version of it. Read from uv's verbose log.
 */
export function passedOver(log: string): string[] {
  const open = new Set<string>();
  const passed = new Set<string>();
  for (const line of log.split('\n')) {
    const searching = /Searching for a compatible version of (\S+) \(/.exec(line)?.[1];
    const selecting = /Selecting: ([^=\s]+)==/.exec(line)?.[1];
    if (searching !== undefined) {
      if (open.has(searching)) passed.add(searching);
      open.add(searching);
    } else if (selecting !== undefined) {
      open.delete(selecting);
    }
  }
  return [...passed];
}

/**
 * Resolves by uv. First with the shared store and without building anything; where that is not the whole
 * answer (packages without wheels), again in a private folder where the packages' own code may run.
 */
export async function resolve(
  workshop: Workshop,
  name: string,
  rung: Rung,
  wanted: Wanted,
  wheelsOnly: string | null,
): Promise<Result<Resolution | NotResolved, Failure>> {
  workshop.progress(
    `resolving ${wanted.requirements.length} requirements on Python ${lineOf(workshop.interpreter)}`,
  );
  const input = `${wanted.requirements.map(requirementText).join('\n')}\n`;
  if (wheelsOnly !== null) return compileOffline(workshop, name, input, wheelsOnly);
  const quick = await compileInStore(workshop, name, input, rung, wanted);
  if (!quick.ok) return quick;
  const held = resolutionOf(quick.value, path.join(workshop.scratchDir, `pylock.${name}.toml`));
  if (held !== null && passedOver(quick.value.err).length === 0) return ok(held);
  const outside = outsideReason(quick.value.err);
  if (outside !== null) return fail(broken('resolving', outside, quick.value.log));
  return compileWithBuilding(workshop, name, input, rung, wanted);
}

async function compileInStore(
  workshop: Workshop,
  name: string,
  input: string,
  rung: Rung,
  wanted: Wanted,
): Promise<Result<StepEnd, Failure>> {
  writeFileSync(path.join(workshop.scratchDir, `${name}.in`), input);
  const dir = inStore(workshop, workshop.scratchDir);
  const words = [
    `--cache-dir=${inStore(workshop, workshop.storeDir)}/.uv-cache`,
    ...compileWords(
      dir,
      name,
      datingArguments(rung.date, wanted.lifted, wanted.requirements, wanted.libraries),
    ),
    '--no-build',
    '-v',
  ];
  return runStep(workshop, {
    name: `resolve-${name}`,
    script: `"$UV" ${quoted(words)} --python="$PY" >/dev/null`,
    mounts: [storeMount(workshop)],
    network: 'registries',
    foreign: false,
  });
}

async function compileOffline(
  workshop: Workshop,
  name: string,
  input: string,
  wheelsDir: string,
): Promise<Result<Resolution | NotResolved, Failure>> {
  writeFileSync(path.join(workshop.scratchDir, `${name}.in`), input);
  const mounts: Mount[] = [storeMount(workshop), { host: wheelsDir, at: '/wheels', mode: 'ro' }];
  const words = [
    `--cache-dir=${inStore(workshop, workshop.storeDir)}/.uv-cache`,
    ...compileWords(inStore(workshop, workshop.scratchDir), name, []),
    '--no-build',
    '--offline',
    '--no-index',
    `--find-links=${seen(workshop, mounts, '/wheels')}`,
  ];
  const ended = await runStep(workshop, {
    name: `resolve-${name}`,
    script: `"$UV" ${quoted(words)} --python="$PY" >/dev/null`,
    mounts,
    network: 'none',
    foreign: false,
  });
  if (!ended.ok) return ended;
  const held = resolutionOf(ended.value, path.join(workshop.scratchDir, `pylock.${name}.toml`));
  return ok(held ?? { error: errorOf(ended.value) });
}

async function compileWithBuilding(
  workshop: Workshop,
  name: string,
  input: string,
  rung: Rung,
  wanted: Wanted,
): Promise<Result<Resolution | NotResolved, Failure>> {
  const dir = path.join(workshop.scratchDir, 'build');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, `${name}.in`), input);
  writeFileSync(
    path.join(dir, 'build-constraints.txt'),
    buildConstraints(rung.date, lineOf(workshop.interpreter)),
  );
  const mounts: Mount[] = [{ host: dir, at: BUILD, mode: 'rw' }];
  const at = seen(workshop, mounts, BUILD);
  const words = [
    `--cache-dir=${at}/cache`,
    ...compileWords(
      at,
      name,
      datingArguments(rung.date, wanted.lifted, wanted.requirements, wanted.libraries),
    ),
    `--build-constraints=${at}/build-constraints.txt`,
    ...WHEEL_ONLY.map((name) => `--only-binary=${name}`),
  ];
  const step = {
    name: `resolve-building-${name}`,
    script: `"$UV" ${quoted(words)} --python="$PY" >/dev/null`,
    mounts,
    network: 'registries',
    foreign: true,
    env: { TMPDIR: at, HOME: at },
  } as const;
  const ended = await runBuild(workshop, step, ({ exit, err }) => exit.code !== 0 && lacksCompiler(err));
  if (!ended.ok) return ended;
  const held = resolutionOf(ended.value, path.join(dir, `pylock.${name}.toml`));
  if (held !== null) return ok({ ...held, compiled: ended.value.compiled });
  const outside = outsideReason(ended.value.err);
  if (outside !== null) return fail(broken('resolving', outside, ended.value.log));
  return ok({ error: errorOf(ended.value) });
}

function compileWords(dir: string, name: string, dating: readonly string[]): string[] {
  const out = `${dir}/pylock.${name}.toml`;
  return [
    'pip',
    'compile',
    `${dir}/${name}.in`,
    '--format=pylock.toml',
    `-o=${out}`,
    '--no-header',
    '--upgrade',
    ...dating,
  ];
}

function resolutionOf(ended: StepEnd, file: string): Resolution | null {
  if (ended.exit.code !== 0 || !existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').replace(/^(#.*\n)+/, '');
  const distributions = parseLock(text);
  return distributions === null ? null : { distributions, text };
}

function errorOf(ended: StepEnd): string {
  if (ended.exit.ended !== 'exited') return `ended by its limit: ${ended.exit.ended}`;
  return ended.err.slice(ended.err.search(/^(error|\s*×)/m)).slice(0, 20_000);
}

/** Build tools of the time: setuptools dropped `Feature` in 45, `use_2to3` in 58, and 3.12 needs a late one. */
export function buildConstraints(date: string | null, python: string): string {
  if (date === null || /^3\.1[2-9]$/.test(python)) return '';
  const at = Date.parse(date);
  if (at < Date.parse('2020-03-01T00:00:00Z') && /^3\.[5-8]$/.test(python)) return 'setuptools<45\n';
  if (at < Date.parse('2021-09-06T00:00:00Z')) return 'setuptools<58\n';
  return at < Date.parse('2023-07-17T00:00:00Z') ? 'cython<3\n' : '';
}

/** Network, disk or engine at fault, in the tool's own words; null when it is the requirements' own doing. */
export function outsideReason(error: string): string | null {
  const outside =
    /error sending request|dns error|tcp connect error|connection (refused|reset)|network is unreachable|operation timed out|HTTP status (server error|5\d\d)|status code 5\d\d|invalid peer certificate|No space left on device|Read-only file system|Could not connect|Temporary failure in name resolution/i.exec(
      error,
    );
  return outside === null ? null : causeOf(error);
}

export function broken(what: string, detail: string, log: string): Failure {
  return { class: 'infra', reason: 'environment-broken', what, detail, log };
}
