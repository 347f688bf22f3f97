import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { RuntimeKind } from './runtime.ts';

/**
 * `<runtime>~<base>`, a file name: what is made on one platform is used there only. Asks no engine, so that planning
 * can name folders.
 */
export function platformOf(kind: RuntimeKind, baseImage: string): string {
  const base = kind === 'docker' ? baseImage : localSystem();
  return `${kind}~${base.replaceAll(/[^A-Za-z0-9.-]+/g, '_')}`;
}

/** This machine's system, such as `debian-12-x64`. */
export function localSystem(): string {
  const fields = new Map(
    osRelease()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string | undefined])
      .map(([key, value]) => [key, value?.replaceAll('"', '')]),
  );
  const id = fields.get('ID') ?? process.platform;
  const version = fields.get('VERSION_ID') ?? fields.get('VERSION_CODENAME') ?? os.release();
  return `${id}-${version}-${process.arch}`;
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
