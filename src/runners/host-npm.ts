import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hostVariables } from '../workspace/host-environment.ts';

/** What of an npm configuration says where packages come from; the rest is the user's taste. */
const KEPT =
  /^(registry|@[^:]+:registry|\/\/.*|proxy|https-proxy|noproxy|strict-ssl|fetch-(retries|timeout|retry-\w+)|cafile|ca|_auth|_authToken)$/;

/**
 * Writes the npm settings of this machine (registries, credentials, proxies) as one `npmrc` into `dir`, seen as `at` in a
 * sandbox; answers the variables by which npm reads that and nothing else. May hold credentials: never kept.
 */
export function writeHostNpm(dir: string, at: string): Record<string, string> {
  const settings = npmSettings();
  const bundle = settings.get('cafile');
  if (bundle !== undefined) {
    settings.delete('cafile');
    if (existsSync(bundle)) {
      writeFileSync(path.join(dir, 'npm-ca.crt'), readFileSync(bundle));
      settings.set('cafile', `${at}/npm-ca.crt`);
    }
  }
  const text = [...settings].map(([key, value]) => `${key}=${value}\n`).join('');
  writeFileSync(path.join(dir, 'npmrc'), text);
  return {
    NPM_CONFIG_USERCONFIG: `${at}/npmrc`,
    NPM_CONFIG_GLOBALCONFIG: '/dev/null',
    NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED: 'true',
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    NPM_CONFIG_AUDIT: 'false',
    NPM_CONFIG_FUND: 'false',
  };
}

/** By npm's own order: the global file, the user's file, variables. */
function npmSettings(): Map<string, string> {
  const host = hostVariables(['']);
  const own = new Map(
    Object.entries(host).flatMap(([name, value]): [string, string][] => {
      const key = /^npm_config_(.+)$/i.exec(name)?.[1];
      return key === undefined ? [] : [[npmKey(key), value]];
    }),
  );
  const prefix = path.dirname(path.dirname(process.execPath));
  const files = [
    own.get('globalconfig') ?? path.join(prefix, 'etc/npmrc'),
    own.get('userconfig') ?? path.join(os.homedir(), '.npmrc'),
  ];
  const read = files.flatMap((file) => [
    ...(existsSync(file) ? parseNpmrc(readFileSync(file, 'utf8'), host) : []),
  ]);
  return new Map([...read, ...own].filter(([key, value]) => KEPT.test(key) && value !== ''));
}

/** Names in variables: lower case, `_` for `-`, but not where a name of a registry begins. */
function npmKey(name: string): string {
  return /^(\/\/|@|_auth)/.test(name) ? name : name.toLowerCase().replaceAll(/(?!^)_/g, '-');
}

/** `key = value` lines; `${NAME}` is a variable; comments begin with `;` or `#`. Lists (`key[] =`) are not read. */
export function parseNpmrc(
  text: string,
  variables: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const put = (word: string): string =>
    word
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => variables[name] ?? whole);
  for (const line of text.split(/\r?\n/)) {
    const parts = /^\s*([^;#\s=][^=]*?)\s*=(.*)$/.exec(line);
    if (parts !== null) settings.set(put(parts[1] ?? ''), put(parts[2] ?? ''));
  }
  return settings;
}
