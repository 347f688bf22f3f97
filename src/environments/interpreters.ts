import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { writeAtomically } from '../workspace/disk.ts';
import { hostEnvironment, hostVariables } from '../workspace/host-environment.ts';
import { comparePython, minorName, pythonVersion } from './version.ts';

/** A Python at hand. */
export interface Interpreter {
  /** Full version, `3.8.18`. */
  readonly version: string;
  readonly executable: string;
  /** Folder that holds it whole; mounted read-only at its own path. Null: part of the system or image. */
  readonly mount: string | null;
  readonly origin: 'configured' | 'pyenv' | 'uv' | 'path' | 'image';
}

/** What `PROBE` prints: version, base prefix, own path. */
export const PROBE =
  'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(getattr(sys, "real_prefix", getattr(sys, "base_prefix", sys.prefix))); print(sys.executable)';

const ORIGINS: readonly Interpreter['origin'][] = ['configured', 'pyenv', 'uv', 'path', 'image'];
/** Prefixes that cannot be mounted over a sandbox's own. */
const SYSTEM = new Set(['/', '/usr', '/usr/local']);

const known = z.record(
  z.string(),
  z.strictObject({ stamp: z.string(), answer: z.array(z.string()).length(3).nullable() }),
);

/**
 * Interpreters of the host: configured ones, pyenv's and uv's folders, and PATH; each is run once to learn its
 * version, and the answer is kept in `cacheDir`. One for each line (`X.Y`), newest line last.
 */
export async function findInterpreters(
  cacheDir: string,
  configured: readonly string[],
): Promise<Interpreter[]> {
  const cacheFile = path.join(cacheDir, 'interpreters.json');
  const cache = readCache(cacheFile);
  const before = JSON.stringify(cache);
  const candidates = candidatePaths(configured);
  const found = await Promise.all(
    candidates.map(async ({ file, origin }) => {
      const stamp = stampOf(file);
      if (stamp === null) return null;
      const answer = cache[file]?.stamp === stamp ? cache[file].answer : await ask(file);
      cache[file] = { stamp, answer };
      return answer === null ? null : interpreterOf(answer, origin);
    }),
  );
  if (JSON.stringify(cache) !== before) keep(cacheFile, cache);
  return onePerLine(found.filter((interpreter) => interpreter !== null));
}

/** What the probe's three lines say, as an interpreter. Null when the prefix holds no interpreter of that line. */
export function interpreterOf(answer: readonly string[], origin: Interpreter['origin']): Interpreter | null {
  const [version = '', prefix = '', executable = ''] = answer;
  const line = pythonVersion(version);
  if (line === null) return null;
  if (origin === 'image') return { version, executable, mount: null, origin };
  const own = path.join(prefix, 'bin', `python${minorName(line)}`);
  const real = existsSync(own) ? own : executable;
  return { version, executable: real, mount: SYSTEM.has(prefix) ? null : prefix, origin };
}

/** The one to use of every line: by origin, then the newest; ordered from the oldest line to the newest. */
export function onePerLine(all: readonly Interpreter[]): Interpreter[] {
  const best = new Map<string, Interpreter>();
  const ordered = [...all].sort(
    (a, b) =>
      ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin) || patchOf(b.version) - patchOf(a.version),
  );
  for (const interpreter of ordered) {
    const line = pythonVersion(interpreter.version);
    if (line !== null && !best.has(minorName(line))) best.set(minorName(line), interpreter);
  }
  const lineOf = (name: string): { major: number; minor: number } =>
    pythonVersion(name) ?? { major: 0, minor: 0 };
  return [...best.entries()].sort(([a], [b]) => comparePython(lineOf(a), lineOf(b))).map(([, one]) => one);
}

const patchOf = (version: string): number => Number(version.split('.')[2] ?? '0');

/** The line of an interpreter, `X.Y`. */
export function lineOf(interpreter: Interpreter): string {
  const line = pythonVersion(interpreter.version);
  return line === null ? interpreter.version : minorName(line);
}

function candidatePaths(configured: readonly string[]): { file: string; origin: Interpreter['origin'] }[] {
  const host = { ...hostEnvironment(), ...hostVariables(['PYENV_', 'UV_PYTHON_', 'XDG_DATA_']) };
  const home = host['HOME'] ?? '/nonexistent';
  const pyenv = path.join(host['PYENV_ROOT'] ?? path.join(home, '.pyenv'), 'versions');
  const data = host['XDG_DATA_HOME'] ?? path.join(home, '.local', 'share');
  const uv = host['UV_PYTHON_INSTALL_DIR'] ?? path.join(data, 'uv', 'python');
  const inFolder = (
    folder: string,
    origin: Interpreter['origin'],
  ): { file: string; origin: Interpreter['origin'] }[] =>
    list(folder).map((name) => ({ file: path.join(folder, name, 'bin', 'python'), origin }));
  const onPath = (host['PATH'] ?? '')
    .split(path.delimiter)
    .filter((dir) => path.isAbsolute(dir) && !dir.startsWith(path.join(path.dirname(pyenv), 'shims')))
    .flatMap((dir) =>
      list(dir)
        .filter((name) => /^python(\d(\.\d+)?)?$/.test(name))
        .map((name) => ({ file: path.join(dir, name), origin: 'path' as const })),
    );
  const all = [
    ...configured.map((file) => ({ file, origin: 'configured' as const })),
    ...inFolder(pyenv, 'pyenv'),
    ...inFolder(uv, 'uv'),
    ...onPath,
  ];
  const seen = new Set<string>();
  return all.filter(({ file }) => {
    const real = realOf(file);
    if (real === null || seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

function stampOf(file: string): string | null {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true ? `${status.size}:${Math.trunc(status.mtimeMs)}` : null;
}

async function ask(file: string): Promise<string[] | null> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-S', '-c', PROBE], {
      timeout: 20_000,
      env: { PATH: hostEnvironment()['PATH'] ?? '', HOME: hostEnvironment()['HOME'] ?? '/' },
    });
    const lines = stdout.trim().split(/\r?\n/);
    return lines.length === 3 ? lines : null;
  } catch {
    return null;
  }
}

function readCache(file: string): z.infer<typeof known> {
  try {
    return known.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** The cache only saves time: where it cannot be written, interpreters are asked again. */
function keep(file: string, cache: z.infer<typeof known>): void {
  try {
    writeAtomically(file, `${JSON.stringify(cache, null, 2)}\n`);
  } catch {
    return;
  }
}
