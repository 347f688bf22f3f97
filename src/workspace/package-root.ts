import { existsSync } from 'node:fs';
import path from 'node:path';

let found: string | undefined;

const LOCK = path.join('config', 'tools.lock.yaml');

/** Folder of this package: the nearest one above this file with our lock of tools. Holds agents, config, scripts. */
export function packageRoot(): string {
  if (found !== undefined) return found;
  let dir = import.meta.dirname;
  while (!existsSync(path.join(dir, LOCK))) {
    const parent = path.dirname(dir);
    if (parent === dir) throw new Error(`no ${LOCK} above ${import.meta.dirname}`);
    dir = parent;
  }
  found = dir;
  return dir;
}

/** The lock of the tools that are fetched (uv, pytest...): it travels in the package. */
export function toolsLockFile(): string {
  return path.join(packageRoot(), LOCK);
}
