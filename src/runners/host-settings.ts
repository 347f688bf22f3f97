import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostNetwork } from '../runtimes/host-network.ts';
import { sandboxUser } from '../runtimes/ownership.ts';
import { writeHostNpm } from './host-npm.ts';
import { settingsValues } from './settings-values.ts';

/** What `network` does not carry of this machine's package settings. */
export interface HostSettings {
  readonly env: Readonly<Record<string, string>>;
  /** What must not be found in what is installed; also in the file `values`, one a line. */
  readonly values: readonly string[];
}

/**
 * Writes npm's settings and the list of what must not be kept into `dir`, seen as `at` in a sandbox, readable by the
 * sandbox's user alone. May hold credentials: the caller removes the folder.
 */
export function writeHostSettings(dir: string, at: string, network: HostNetwork): HostSettings {
  const env = writeHostNpm(dir, at);
  const values = settingsValues(network, [readFileSync(path.join(dir, 'npmrc'), 'utf8')]);
  writeFileSync(path.join(dir, 'values'), values.map((value) => `${value}\n`).join(''));
  const { uid, gid } = sandboxUser();
  for (const name of readdirSync(dir)) {
    chmodSync(path.join(dir, name), 0o400);
    if (process.getuid?.() === 0) chownSync(path.join(dir, name), uid, gid);
  }
  return { env, values };
}
