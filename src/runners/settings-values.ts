import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostEnvironment } from '../workspace/host-environment.ts';
import type { HostNetwork } from '../runtimes/host-network.ts';

const DEFAULTS = [
  ['npm', 'config', 'get', 'registry', '--userconfig=/dev/null', '--globalconfig=/dev/null'],
  ['python3', '-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)'],
] as const;

let everybodys: ReadonlySet<string> | undefined;

/** Hosts of the registries that installers use where nothing is set, asked of them: they tell nothing of this machine. */
export function defaultHosts(): ReadonlySet<string> {
  everybodys ??= new Set(
    DEFAULTS.flatMap(([program, ...args]) => {
      try {
        const told = execFileSync(program, args, {
          env: hostEnvironment(),
          cwd: '/',
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        return URL.canParse(told.trim()) ? [new URL(told.trim()).hostname] : [];
      } catch {
        return [];
      }
    }),
  );
  return everybodys;
}

/**
 * What of a machine's package settings must be found nowhere in what is installed with them: hosts of its own
 * registries and proxies, as they stand in addresses, and credentials. `texts` are further settings (an npmrc).
 */
export function settingsValues(network: HostNetwork, texts: readonly string[]): readonly string[] {
  const files = network.mounts.map(({ host }) => host).filter((file) => /pip\.conf$/.test(file));
  const all = [...Object.values(network.env), ...texts, ...files.map((file) => readFileSync(file, 'utf8'))];
  const values = all.flatMap((text) => [...addresses(text), ...credentials(text)]);
  return [...new Set(values)].filter((value) => value.length >= 6);
}

function addresses(text: string): string[] {
  return [...text.matchAll(/https?:\/\/[^\s"',]+/g)].flatMap(([address]) => {
    const url = URL.canParse(address) ? new URL(address) : null;
    if (url === null) return [];
    const secrets = [url.password, decodeURIComponent(url.password)];
    return defaultHosts().has(url.hostname) ? secrets : [`//${url.host}`, `@${url.host}`, ...secrets];
  });
}

/** Values of npm's own words for credentials. */
function credentials(text: string): string[] {
  return [...text.matchAll(/(?:^|:)_(?:auth|authToken|password)\s*=\s*(\S+)/gm)].map(
    ([, value]) => value ?? '',
  );
}

/** The text without these values. */
export function redactSettings(text: string, values: readonly string[]): string {
  return values.reduce((left, value) => left.replaceAll(value, '***'), text);
}
