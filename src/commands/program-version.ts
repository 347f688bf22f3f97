import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../workspace/package-root.ts';

/** The version of this program, as its package states it. */
export function programVersion(): string {
  const file = path.join(packageRoot(), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Set while bundling: the digest of all sources and of the locked libraries. */
declare const MIG_BUILD: string | undefined;

/** Names exactly this program, libraries included; null where it runs from its sources, which have no such name. */
export function programBuild(): string | null {
  return typeof MIG_BUILD === 'undefined' ? null : MIG_BUILD;
}
