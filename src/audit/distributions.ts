import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { normalName } from './answer.ts';

/** A file that a distribution's own record lists. */
export interface ListedFile {
  readonly distribution: string;
  /** sha256 in base64url, as the record has it; null where it gives none. */
  readonly hash: string | null;
}

/** What is installed below an environment, by what its own records say. */
export interface Installed {
  /** Folders of packages, relative to the environment. */
  readonly folders: readonly string[];
  /** By path relative to the environment. */
  readonly files: ReadonlyMap<string, ListedFile>;
}

const INFO = /^(.+?)-[^-]+\.(?:dist-info|egg-info)$/;

/** Reads the records (`RECORD`, `installed-files.txt`) of everything that is installed below `environment`. */
export function installedIn(environment: string): Installed {
  const folders = packageFolders(environment);
  const files = new Map<string, ListedFile>();
  for (const folder of folders) {
    for (const name of readdirSync(path.join(environment, folder))) {
      const distribution = INFO.exec(name)?.[1];
      if (distribution === undefined) continue;
      const base = path.posix.join(folder, name);
      const record = textOf(path.join(environment, base, 'RECORD'));
      const owner = normalName(distribution);
      if (record !== undefined) readRecord(record, folder, owner, files);
      else for (const line of (textOf(path.join(environment, base, 'installed-files.txt')) ?? '').split('\n'))
        if (line !== '') files.set(path.posix.join(base, line), { distribution: owner, hash: null });
    }
  }
  return { folders, files };
} // prettier-ignore

function readRecord(text: string, folder: string, distribution: string, files: Map<string, ListedFile>): void {
  for (const line of text.split(/\r?\n/)) {
    const match = /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),/.exec(line);
    if (match === null) continue;
    const name = match[1]?.replaceAll('""', '"') ?? match[2] ?? '';
    const hash = /^sha256=(.+)$/.exec(match[3] ?? '')?.[1] ?? null;
    files.set(path.posix.join(folder, name), { distribution, hash });
  }
} // prettier-ignore

function packageFolders(environment: string): string[] {
  const found: string[] = [];
  for (const lib of ['lib', 'lib64'])
    for (const python of list(path.join(environment, lib), /^(?:python|pypy)\d/))
      for (const name of list(path.join(environment, lib, python), /^(?:site|dist)-packages$/))
        found.push(path.posix.join(lib, python, name));
  return found;
}

function list(dir: string, pattern: RegExp): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && pattern.test(entry.name))
    .map(({ name }) => name);
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

const NAMED =
  /^([A-Za-z\d][\w.]*(?:-[A-Za-z_][\w.]*)*)-(\d[\w.!+]*?)(?:-[\w.]+)*(?:\.dist-info|\.egg-info|\.egg|\.whl|\.tar(?:\.\w+)?|\.tgz|\.zip)$/;

/** Project and version that the name of a file or folder gives: a wheel, an archive of sources, installed metadata. */
export function releaseNamed(name: string): { readonly project: string; readonly version: string } | undefined {
  const match = NAMED.exec(name);
  return match === null ? undefined : { project: normalName(match[1] ?? ''), version: match[2] ?? '' };
} // prettier-ignore
