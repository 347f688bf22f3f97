import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { installedDistribution, recordedFiles } from './installed.ts';

/**
 * Copies an environment by hard links and leaves out some distributions, by their own RECORD: only files are
 * handled, nothing runs. `packages` is its site-packages folder, relative to the environment.
 */
export function copyWithout(from: string, to: string, packages: string, names: readonly string[]): void {
  const left = new Set(names.flatMap((name) => filesOf(from, packages, name)));
  copyFolder(from, to, '', (relative) => left.has(relative) || left.has(sourceOf(relative)));
}

/** Files of one distribution, relative to the environment; none outside of it. */
function filesOf(environment: string, packages: string, name: string): string[] {
  const folder = path.join(environment, packages);
  return readdirSync(folder)
    .filter((entry) => entry.endsWith('.dist-info'))
    .flatMap((entry) => {
      const info = path.join(folder, entry);
      const record = readFileSync(path.join(info, 'RECORD'), 'utf8');
      const metadata = readFileSync(path.join(info, 'METADATA'), 'utf8');
      if (installedDistribution(metadata, '', { major: 3, minor: 0 }).name !== name) return [];
      const own = readdirSync(info).map((file) => `${entry}/${file}`);
      return [...recordedFiles(record), ...own].map((file) => path.posix.join(packages, file));
    });
}

/** The source that a file of bytecode was compiled from; any other file is its own. */
function sourceOf(relative: string): string {
  const compiled = /^(.*\/)__pycache__\/([^/.]+)\.[^/]*\.pyc$/.exec(relative);
  if (compiled !== null) return `${compiled[1] ?? ''}${compiled[2] ?? ''}.py`;
  return relative.replace(/\.pyc$/, '.py');
}

function copyFolder(from: string, to: string, below: string, isLeft: (relative: string) => boolean): void {
  mkdirSync(to, { mode: lstatSync(from).mode & 0o777 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    const [source, dest] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, dest, relative, isLeft);
    else if (isLeft(relative)) continue;
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), dest);
    else linkSync(source, dest);
  }
  if (readdirSync(to).length === 0) rmdirSync(to);
}
