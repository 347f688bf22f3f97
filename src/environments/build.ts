import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { removeTree, sha256, sha256File } from '../workspace/disk.ts';
import { openPackageIndex } from '../workspace/package-index.ts';
import { lacksCompiler, runBuild } from './compilers.ts';
import { lineOf } from './interpreters.ts';
import type { Rung } from './ladder.ts';
import { suits, type LockedDistribution, type LockedFile } from './lock.ts';
import { normaliseName } from './requirement.ts';
import { broken, buildConstraints, datingArguments, outsideReason } from './resolve.ts';
import { pythonVersion } from './version.ts';
import { BUILD, quoted, seen, type Step, type Workshop } from './workshop.ts';

/** Distributions with a wheel each, or the one that could not be built and why. */
export type Wheels =
  | {
      readonly distributions: readonly LockedDistribution[];
      /** Names of those that were built with compilers. */
      readonly compiled: readonly string[];
    }
  | { readonly failed: string; readonly error: string };

/**
 * Gives every distribution a wheel that suits the interpreter: those of the lock, else one built before from
 * the same source (by hash), else builds it in a folder of its own, where its code sees nothing else.
 */
export async function wheelsFor(
  workshop: Workshop,
  rung: Rung,
  all: readonly LockedDistribution[],
): Promise<Result<Wheels, Failure>> {
  const line = pythonVersion(workshop.interpreter.version) ?? { major: 3, minor: 0 };
  const done: LockedDistribution[] = [];
  const open: { one: LockedDistribution; sdist: LockedFile }[] = [];
  for (const one of all) {
    const usable = one.wheels.filter((wheel) => suits(wheel.filename, line, process.arch));
    if (usable.length > 0) {
      done.push({ ...one, wheels: usable });
      continue;
    }
    if (one.sdist === null) {
      return ok({
        failed: one.name,
        error: `Failed to build \`${one.name}==${one.version}\`: no file suits`,
      });
    }
    const kept = keptWheel(workshop, rung, one.sdist);
    if (kept === null) open.push({ one, sdist: one.sdist });
    else done.push({ ...one, wheels: [kept] });
  }
  if (open.length === 0) return ok({ distributions: done, compiled: [] });
  workshop.progress(`building ${open.map(({ one }) => one.name).join(', ')}`);
  const built = await buildAll(workshop, rung, open);
  if (!built.ok) return built;
  for (const { one, sdist } of open) {
    const outcome = built.value.get(one.name);
    if (outcome?.wheel === undefined) {
      const error = outcome?.error ?? 'was not built';
      return ok({ failed: one.name, error: `Failed to build \`${one.name}==${one.version}\`\n${error}` });
    }
    done.push({ ...one, wheels: [keep(workshop, rung, sdist, outcome.wheel)] });
  }
  const compiled = open.map(({ one }) => one.name).filter((name) => built.value.get(name)?.compiled === true);
  return ok({ distributions: done, compiled });
}

interface Built {
  readonly wheel: string | undefined;
  readonly error: string;
  readonly compiled: boolean;
}

async function buildAll(
  workshop: Workshop,
  rung: Rung,
  open: readonly { one: LockedDistribution; sdist: LockedFile }[],
): Promise<Result<Map<string, Built>, Failure>> {
  const dir = path.join(workshop.scratchDir, 'build');
  mkdirSync(path.join(dir, 'sdists'), { recursive: true });
  for (const { one, sdist } of open) {
    const fetched = await fetchSource(one.name, sdist, path.join(dir, 'sdists', sdist.filename));
    if (!fetched.ok) return fetched;
  }
  const constraints = buildConstraints(rung.date, lineOf(workshop.interpreter));
  writeFileSync(path.join(dir, 'build-constraints.txt'), constraints);
  const mounts: Mount[] = [{ host: dir, at: BUILD, mode: 'rw' }];
  const at = seen(workshop, mounts, BUILD);
  const dating = constraints === '' ? [] : datingArguments(rung.date, {});
  const scriptOf = (some: typeof open): string =>
    some
      .map(({ one, sdist }) => {
        const words = [
          'build',
          '--wheel',
          `--cache-dir=${at}/cache`,
          `--out-dir=${at}/wheels/${one.name}`,
          ...dating,
        ];
        const more = [`--build-constraints=${at}/build-constraints.txt`, `${at}/sdists/${sdist.filename}`];
        return `"$UV" ${quoted([...words, ...more])} --python="$PY" >'${at}/${one.name}.log' 2>&1 || true`;
      })
      .join('\n');
  const textOf = (name: string): string | null => {
    const log = path.join(dir, `${name}.log`);
    return existsSync(log) ? readFileSync(log, 'utf8') : null;
  };
  const lacking = open.slice(0, 0);
  const stepOf = (some: typeof open): Step => ({
    name: 'build',
    script: scriptOf(some),
    mounts,
    network: 'registries',
    foreign: true,
    env: { TMPDIR: at, HOME: at },
  });
  const lacks = (): boolean => {
    const found = open.filter(
      ({ one }) =>
        wheelOf(path.join(dir, 'wheels', one.name), one) === undefined &&
        lacksCompiler(textOf(one.name) ?? ''),
    );
    lacking.push(...found);
    return found.length > 0;
  };
  const ended = await runBuild(workshop, stepOf(open), lacks, () => stepOf(lacking));
  if (!ended.ok) return ended;
  const results = new Map<string, Built>();
  for (const { one } of open) {
    const log = path.join(dir, `${one.name}.log`);
    const text = textOf(one.name) ?? `ended by its limit: ${ended.value.exit.ended}`;
    if (existsSync(log)) copyFileSync(log, path.join(workshop.logDir, `build-${one.name}.log`));
    const wheel = wheelOf(path.join(dir, 'wheels', one.name), one);
    const outside = wheel === undefined ? outsideReason(text) : null;
    if (outside !== null) return fail(broken(`building ${one.name}`, outside, `build-${one.name}.log`));
    const compiled = ended.value.compiled && lacking.some((other) => other.one === one);
    results.set(one.name, { wheel, error: text.slice(-4000), compiled });
  }
  return ok(results);
}

/** The wheel that a build left, if it is one of that very name: foreign code may have written anything. */
function wheelOf(folder: string, one: LockedDistribution): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.find((name) => {
    const [project = '', version = ''] = name.split('-');
    return name.endsWith('.whl') && normaliseName(project) === one.name && sameVersion(version, one.version);
  });
  return found === undefined ? undefined : path.join(folder, found);
}

function sameVersion(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[-_]/g, '.')
      .replace(/(\.0)+$/, '');
  return plain(a) === plain(b);
}

async function fetchSource(name: string, sdist: LockedFile, dest: string): Promise<Result<void, Failure>> {
  const index = await openPackageIndex();
  if (!index.ok) return index;
  const files = await index.value.files(name);
  if (!files.ok) return files;
  const file = files.value.find((one) => one.filename === sdist.filename) ?? {
    filename: sdist.filename,
    url: sdist.at,
    sha256: sdist.sha256,
    uploadTime: null,
    requiresPython: null,
    yanked: false,
  };
  const got = await index.value.download(file, dest, sdist.sha256);
  return got.ok ? ok(undefined) : got;
}

/**
 * Where the wheel built from one source distribution is kept, for every later environment of this platform that
 * builds under the same constraints: PyCrypto built by a setuptools without 2to3 is made, and cannot be imported.
 */
function keptFolder(workshop: Workshop, rung: Rung, sdist: LockedFile): string | null {
  if (sdist.sha256 === null) return null;
  const line = lineOf(workshop.interpreter);
  const constraints = sha256(buildConstraints(rung.date, line)).slice(0, 8);
  const platform = encodeURIComponent(workshop.runtime.platform);
  return path.join(workshop.storeDir, '.wheels', `${platform}-${line}-${constraints}`, sdist.sha256);
}

function keptWheel(workshop: Workshop, rung: Rung, sdist: LockedFile): LockedFile | null {
  const folder = keptFolder(workshop, rung, sdist);
  const name =
    folder !== null && existsSync(folder)
      ? readdirSync(folder).find((one) => one.endsWith('.whl'))
      : undefined;
  if (folder === null || name === undefined) return null;
  return localWheel(workshop, path.join(folder, name));
}

function keep(workshop: Workshop, rung: Rung, sdist: LockedFile, wheel: string): LockedFile {
  const folder = keptFolder(workshop, rung, sdist) ?? path.join(workshop.scratchDir, 'wheels');
  const dest = path.join(folder, path.basename(wheel));
  mkdirSync(folder, { recursive: true });
  const partial = `${dest}.part-${process.pid}`;
  copyFileSync(wheel, partial);
  renameSync(partial, dest);
  removeTree(wheel);
  return localWheel(workshop, dest);
}

/** As a lock in the scratch folder names it: relative to that folder. */
function localWheel(workshop: Workshop, file: string): LockedFile {
  const at = path.relative(workshop.scratchDir, file);
  return { at, kind: 'path', filename: path.basename(file), sha256: sha256File(file) };
}
