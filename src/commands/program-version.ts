import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../workspace/package-root.ts';

/** The version of this program, as its package states it. */
export function programVersion(): string {
  const file = path.join(packageRoot(), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
