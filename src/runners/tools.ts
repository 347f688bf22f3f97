import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { EnvironmentFailure } from '../model/failures/environment.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { removeTree, sha256File } from '../workspace/disk.ts';
import { openPackageIndex } from '../workspace/package-index.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { readStrict } from '../workspace/yaml.ts';
import { wheelMember } from './wheel.ts';

export type ToolName = 'uv' | 'ast-grep';

/** One package of the locked set that offline environments are made of. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
}

const locked = z.strictObject({ file: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const tool = z.strictObject({
  package: z.string(),
  version: z.string(),
  binaries: z.array(z.string()).min(1),
  wheels: z.record(z.string(), locked),
});
const lockSchema = z.strictObject({
  tools: z.strictObject({ uv: tool, 'ast-grep': tool }),
  packages: z.array(locked.extend({ name: z.string(), version: z.string() })),
});
type ToolsLock = z.infer<typeof lockSchema>;

let read: ToolsLock | undefined;

/** The lock that travels in the package. Throws when it cannot be read: it is our own file. */
export function toolsLock(): ToolsLock {
  if (read !== undefined) return read;
  const file = path.join(packageRoot(), 'config', 'tools.lock.yaml');
  const parsed = readStrict(lockSchema, readFileSync(file, 'utf8'), file);
  if (!parsed.ok) throw new Error(`${file}: ${parsed.failure.key}: ${parsed.failure.problem}`);
  read = parsed.value;
  return read;
}

/**
 * The folder that holds the tool's static binary, below `cacheDir` (`<data>/cache`). Fetched once from the
 * host's package index, checked against the locked hash. `tools-missing` where it cannot be had.
 */
export async function ensureTool(
  name: ToolName,
  cacheDir: string,
): Promise<Result<string, EnvironmentFailure>> {
  const entry = toolsLock().tools[name];
  const wheel = entry.wheels[process.arch];
  if (wheel === undefined) return fail(missing([name], `no ${name} is locked for ${process.arch}`));
  const dir = path.join(cacheDir, 'tools', `${name}-${entry.version}-${process.arch}`);
  if (entry.binaries.every((binary) => existsSync(path.join(dir, binary)))) return ok(dir);
  const fetched = await fetchLocked(entry.package, wheel, path.join(cacheDir, 'tools', '.wheels'));
  if (!fetched.ok) return fail(missing([name], fetched.failure));
  const archive = readFileSync(fetched.value);
  const making = mkdtempSync(path.join(cacheDir, 'tools', '.making-'));
  for (const binary of entry.binaries) {
    const content = wheelMember(archive, (member) => member.endsWith(`.data/scripts/${binary}`));
    if (content === null) return fail(missing([name], `${wheel.file} holds no ${binary}`));
    writeFileSync(path.join(making, binary), content);
    chmodSync(path.join(making, binary), 0o755);
  }
  chmodSync(making, 0o755);
  settle(making, dir);
  removeTree(path.join(cacheDir, 'tools', '.wheels', wheel.file));
  return ok(dir);
}

/**
 * The folder with the wheels of the locked test runner and all it needs, below `cacheDir`, whole or not at
 * all. `tools-missing` names those that could not be had.
 */
export async function ensureLockedWheels(cacheDir: string): Promise<Result<string, EnvironmentFailure>> {
  const dir = path.join(cacheDir, 'wheels');
  const absent = toolsLock().packages.filter((wheel) => !existsSync(path.join(dir, wheel.file)));
  const fetched = await Promise.all(absent.map((wheel) => fetchLocked(wheel.name, wheel, dir)));
  const failed = absent.filter((_, index) => fetched[index]?.ok === false);
  const why = fetched.find((one) => !one.ok);
  if (why?.ok === false)
    return fail(
      missing(
        failed.map((wheel) => wheel.name),
        why.failure,
      ),
    );
  return ok(dir);
}

/**
 * Gets everything that is locked, so that later runs need no network for it; answers the folders below
 * `cacheDir` where it lies. What is there already is not fetched again.
 */
export async function fetchTools(cacheDir: string): Promise<Result<string[], EnvironmentFailure>> {
  const got = await Promise.all([
    ensureTool('uv', cacheDir),
    ensureTool('ast-grep', cacheDir),
    ensureLockedWheels(cacheDir),
  ]);
  const failed = got.filter((one) => !one.ok).map(({ failure }) => failure);
  const tools = failed.flatMap((one) => (one.reason === 'tools-missing' ? one.tools : []));
  const [first] = failed;
  if (first === undefined) return ok(got.filter((one) => one.ok).map(({ value }) => value));
  return fail(first.reason === 'tools-missing' ? { ...first, tools } : first);
}

async function fetchLocked(
  project: string,
  wheel: { readonly file: string; readonly sha256: string },
  dir: string,
): Promise<Result<string, string>> {
  const dest = path.join(dir, wheel.file);
  if (existsSync(dest) && sha256File(dest) === wheel.sha256) return ok(dest);
  mkdirSync(dir, { recursive: true });
  const index = await openPackageIndex();
  if (!index.ok) return fail(detailOf(index.failure));
  const files = await index.value.files(project);
  if (!files.ok) return fail(detailOf(files.failure));
  const file = files.value.find((one) => one.filename === wheel.file);
  if (file === undefined) return fail(`the package index has no ${wheel.file}`);
  const got = await index.value.download(file, dest, wheel.sha256);
  return got.ok ? ok(dest) : fail(detailOf(got.failure));
}

function detailOf(failure: { readonly reason: string }): string {
  return 'detail' in failure && typeof failure.detail === 'string' ? failure.detail : failure.reason;
}

/** Moves a made folder to its place; where another process was first, its folder stays. */
function settle(making: string, dir: string): void {
  try {
    renameSync(making, dir);
  } catch (error) {
    removeTree(making);
    if (!existsSync(dir)) throw error;
  }
}

function missing(tools: readonly string[], detail: string): EnvironmentFailure {
  return { class: 'infra', reason: 'tools-missing', tools, detail };
}
