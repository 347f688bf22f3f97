import { existsSync, readFileSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostVariables } from '../workspace/host-environment.ts';
import type { Mount } from './runtime.ts';

/** What a sandbox needs to reach whatever package registries the host reaches. May hold credentials: never kept. */
export interface HostNetwork {
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
}

/** Programs look for certificates under these names; the first that is set on the host is the host's bundle. */
const CERTIFICATE_VARIABLES = [
  'SSL_CERT_FILE',
  'PIP_CERT',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'NODE_EXTRA_CA_CERTS',
];
/** Where Debian's own programs read the bundle: mounted over in containers, so that those which read no variable use it too. */
export const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const INDEX_VARIABLES =
  /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|TRUSTED_HOST|NO_INDEX|PROXY|DEFAULT_TIMEOUT|RETRIES)|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|HTTP_TIMEOUT|INSECURE_HOST)|(HTTPS?|ALL|NO)_PROXY)$/i;

/**
 * Certificates, proxies and package indexes that this machine is set to, as mounts (read-only) and variables. The
 * bundle is seen at `bundleAt`; null: nothing can be mounted, and every path is the host's own.
 */
export function hostNetwork(bundleAt: string | null): HostNetwork {
  const host = hostVariables(['']);
  const env: Record<string, string> = {};
  const mounts = new Map<string, Mount>();
  for (const [name, value] of Object.entries(host)) if (INDEX_VARIABLES.test(name)) env[name] = value;
  const bundle = CERTIFICATE_VARIABLES.map((name) => host[name]).find(
    (file) => file !== undefined && existsSync(file),
  );
  if (bundle !== undefined) {
    const at = bundleAt ?? bundle;
    mounts.set(at, { host: realpathSync(bundle), at, mode: 'ro' });
    for (const name of CERTIFICATE_VARIABLES) env[name] = at;
  }
  if (bundleAt === null)
    return { mounts: [], env: { ...env, ...pick(host, ['PIP_CONFIG_FILE', 'XDG_CONFIG_HOME']) } };
  const texts = Object.values(env);
  for (const [file, at] of pipConfigFiles(host)) {
    mounts.set(at, { host: realpathSync(file), at, mode: 'ro' });
    texts.push(readFileSync(file, 'utf8'));
  }
  for (const folder of texts.flatMap(localFolders))
    if (!mounts.has(folder)) mounts.set(folder, { host: folder, at: folder, mode: 'ro' });
  return { mounts: [...mounts.values()], env };
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

/** pip's configuration files in its own order of precedence, each with the place where pip reads it in a sandbox. */
function pipConfigFiles(host: Readonly<Record<string, string>>): [string, string][] {
  const home = os.homedir();
  const user = [
    path.join(host['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'pip/pip.conf'),
    path.join(home, '.pip/pip.conf'),
  ];
  const candidates: [string, string][] = [
    ['/etc/pip.conf', '/etc/pip.conf'],
    ...user.map((file): [string, string] => [file, '/etc/xdg/pip/pip.conf']),
  ];
  const named = host['PIP_CONFIG_FILE'];
  if (named !== undefined)
    return existsSync(named) && named !== '/dev/null' ? [[named, '/etc/pip.conf']] : [];
  const files = candidates.filter(([file]) => existsSync(file));
  // Two files for one place: the one that pip reads later, which wins there, is taken.
  return [...new Map(files.map(([file, at]) => [at, [file, at] as [string, string]])).values()];
}

/** Package folders of the host that a setting names: `file:` URLs and absolute paths that exist. */
function localFolders(text: string): string[] {
  return text
    .split(/[\s=,]+/)
    .map((word) => (word.startsWith('file:///') ? fileURLToPath(word) : word))
    .filter(
      (word) =>
        path.isAbsolute(word) && !word.startsWith('/etc/') && word !== '/dev/null' && existsSync(word),
    )
    .map((folder) => (path.basename(folder) === 'simple' ? path.dirname(folder) : folder).replace(/\/+$/, ''))
    .filter((folder) => folder.split('/').length > 2);
}
