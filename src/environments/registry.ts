import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Mount } from '../runtimes/runtime.ts';
import { hostEnvironment } from '../workspace/host-environment.ts';
import { indexSettings, type IndexSettings } from '../workspace/index-settings.ts';

/** How a sandbox reaches package indexes: variables and mounts that never enter an image, a key or a record. */
export interface Registry {
  readonly variables: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Index addresses in the order in which they are asked. */
  readonly urls: readonly string[];
}

const CERTIFICATES = '/registry/certificates.pem';
const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

/** The registry that the host's pip and uv are set to, asked of them once a process. */
export function hostRegistry(): Promise<Registry> {
  known ??= indexSettings().then((settings) => registryOf(settings, hostEnvironment()));
  return known;
}

let known: Promise<Registry> | undefined;

/** Pure but for looking whether files are there: settings and host variables as a sandbox needs them. */
export function registryOf(settings: IndexSettings | null, host: Readonly<Record<string, string>>): Registry {
  const variables: Record<string, string> = {};
  const mounts: Mount[] = [];
  const certificates = settings?.cert ?? host['SSL_CERT_FILE'] ?? null;
  if (certificates !== null && existsSync(certificates)) {
    mounts.push({ host: certificates, at: CERTIFICATES, mode: 'ro' });
    variables['SSL_CERT_FILE'] = CERTIFICATES;
    variables['PIP_CERT'] = CERTIFICATES;
    variables['REQUESTS_CA_BUNDLE'] = CERTIFICATES;
  }
  for (const name of PROXIES) {
    const value =
      host[name] ?? host[name.toUpperCase()] ?? (name === 'no_proxy' ? undefined : settings?.proxy);
    if (value === undefined || value === null || (name === 'all_proxy' && host[name] === undefined)) continue;
    variables[name] = value;
    variables[name.toUpperCase()] = value;
  }
  const urls: string[] = [];
  for (const url of settings?.urls ?? []) {
    if (!url.startsWith('file:')) {
      urls.push(url);
      continue;
    }
    const folder = fileURLToPath(url);
    if (!existsSync(folder)) continue;
    mounts.push({ host: folder, at: folder, mode: 'ro' });
    urls.push(url);
  }
  const last = urls.at(-1);
  if (last !== undefined) {
    // uv asks the default index last and stops at the first index that has the package
    variables['UV_DEFAULT_INDEX'] = last;
    if (urls.length > 1) variables['UV_INDEX'] = urls.slice(0, -1).join(' ');
    variables['PIP_INDEX_URL'] = urls[0] ?? last;
    if (urls.length > 1) variables['PIP_EXTRA_INDEX_URL'] = urls.slice(1).join(' ');
  }
  return { variables, mounts, urls };
}
