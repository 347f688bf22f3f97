/**
 * Host variables that programs of the host need to work at all: where programs lie, who the user is, the way
 * to the network. Everything else stays outside, so that a result does not depend on the caller's shell.
 */
const NEEDED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/** The host's variables named in `NEEDED` and in `further`, as far as they are set. */
export function hostEnvironment(further: readonly string[] = []): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of [...NEEDED, ...further]) {
    const value = process.env[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Host variables whose name starts with one of `prefixes` (`PIP_`, `UV_`). */
export function hostVariables(prefixes: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && prefixes.some((prefix) => name.startsWith(prefix))) picked[name] = value;
  }
  return picked;
}
