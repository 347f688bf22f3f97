import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';

/** An environment as a sandbox sees it. */
export interface MountedEnvironment {
  readonly mounts: readonly Mount[];
  /** Path by which the sandbox's command sees the interpreter. */
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Empty folder beside the environments: mounted over the packages of the interpreter's own folder. */
export const EMPTY_FOLDER = 'nothing';
const SYSTEM = new Set(['/', '/usr', '/usr/local']);

/**
 * Mounts the environment `folder` of an artefact read-only at `/env` (a second one: `at` `/env-old`) and its
 * interpreter at the interpreter's own path, without the packages that its host had installed there.
 */
export function mountEnvironment(
  artefact: Pick<EnvironmentArtefact, 'dir'>,
  folder: string,
  runtime: Runtime,
  at = '/env',
): MountedEnvironment {
  const dir = path.join(artefact.dir, folder);
  const mounts: Mount[] = [
    ...interpreterOf(dir, path.join(artefact.dir, EMPTY_FOLDER)),
    { host: dir, at, mode: 'ro' },
  ];
  const seen = runtime.pathOf(mounts, at);
  return {
    mounts,
    python: `${seen}/bin/python`,
    variables: {
      PATH: `${seen}/bin:/usr/local/bin:/usr/bin:/bin`,
      VIRTUAL_ENV: seen,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONNOUSERSITE: '1',
    },
  };
}

/** `home` of pyvenv.cfg is the interpreter's `bin`; one that is part of the system needs no mount. */
function interpreterOf(environment: string, empty: string): Mount[] {
  const config = path.join(environment, 'pyvenv.cfg');
  const text = existsSync(config) ? readFileSync(config, 'utf8') : '';
  const home = /^home\s*=\s*(.+)$/m.exec(text)?.[1]?.trim();
  if (home === undefined) return [];
  const prefix = path.basename(home) === 'bin' ? path.dirname(home) : home;
  if (SYSTEM.has(prefix)) return [];
  const mounts: Mount[] = [{ host: prefix, at: prefix, mode: 'ro' }];
  if (!existsSync(empty)) return mounts;
  for (const name of list(path.join(prefix, 'lib'))) {
    const packages = path.join(prefix, 'lib', name, 'site-packages');
    if (/^python\d/.test(name) && existsSync(packages))
      mounts.push({ host: empty, at: packages, mode: 'ro' });
  }
  return mounts;
}

function list(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}
