/** Names of variables whose values are secrets. */
/** Ours, and no secret: `GIT_CONFIG_KEY_0`. */
const GIT_SETTING = /^GIT_CONFIG_KEY_\d+$/;
const SECRET_NAME = /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)/i;
const KEY_LIKE =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AKIA[A-Z\d]{16}|AIza[\w-]{30,}|xox[abprs]-[\w-]{10,}|pypi-[\w-]{40,}|npm_\w{30,})|\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/;
const SHORTEST_SECRET = 12;

const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !GIT_SETTING.test(name);

/** Values of the host's variables that must reach no agent. */
export function hostSecrets(variables: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    value !== undefined && isSecretName(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
}

/** The key-like part of a text; the whole value where the name of its variable says that it is secret. */
export function credentialIn(what: string, text: string): string | undefined {
  const name = /^variable (.+)$/.exec(what)?.[1];
  if (name !== undefined && isSecretName(name) && text.length >= 8) return text;
  return KEY_LIKE.exec(text)?.[0];
}
