import type { WireForm } from '../model/model-calls.ts';

export type Headers = Readonly<Record<string, string | string[]>>;
type Incoming = Readonly<Record<string, string | string[] | undefined>>;

const HOP = [
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade',
]; // prettier-ignore
const SECRET = [
  'authorization', 'proxy-authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie', 'set-cookie',
]; // prettier-ignore
const NOT_OUT = new Set([
  ...HOP, ...SECRET, 'host', 'accept-encoding', 'content-length', 'content-encoding', 'expect',
]); // prettier-ignore
const NOT_BACK = new Set([...HOP, ...SECRET, 'content-length', 'content-encoding']);

function passed(headers: Incoming, left: ReadonlySet<string>): Record<string, string | string[]> {
  const named = String(headers['connection'] ?? '').toLowerCase().split(/\s*,\s*/); // prettier-ignore
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !left.has(name) && !named.includes(name)) kept[name] = value;
  }
  return kept;
}

/** Headers for the provider, with its key in the place where its form wants it. */
export function headersOut(headers: Incoming, form: WireForm, key: string | null): Headers {
  const out = passed(headers, NOT_OUT);
  out['accept-encoding'] = 'identity';
  if (key === null) return out;
  if (form === 'openai') out['authorization'] = `Bearer ${key}`;
  else out[form === 'anthropic' ? 'x-api-key' : 'x-goog-api-key'] = key;
  return out;
}

/** Headers of a provider's answer that an agent gets. */
export function headersBack(headers: Incoming): Record<string, string | string[]> {
  return passed(headers, NOT_BACK);
}

/** Headers as they are kept: what may hold a secret says only that it was there. */
export function headersKept(headers: Incoming): Headers {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    kept[name] = SECRET.includes(name) || /secret|api-?key|auth/.test(name) ? '[redacted]' : value;
  }
  return kept;
}

/** The token that an agent shows, wherever its client puts it. */
export function shownToken(headers: Incoming, target: string): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(one(headers['authorization']) ?? '')?.[1];
  const query = target.indexOf('?');
  return (
    bearer ??
    one(headers['x-api-key']) ??
    one(headers['x-goog-api-key']) ??
    one(headers['api-key']) ??
    (query < 0 ? undefined : (new URLSearchParams(target.slice(query)).get('key') ?? undefined))
  );
}

export function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
