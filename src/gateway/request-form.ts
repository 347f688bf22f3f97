import type { Json } from '../model/json.ts';
import { canonicalJson, sha256 } from '../workspace/disk.ts';

/** Raised when the rules below change: digests of older recordings are then made anew. */
export const RULES = 2;

/** Members of a body that say who asks, not what. */
const WHO = new Set([
  'prompt_cache_key', 'client_metadata', 'metadata', 'safety_identifier', 'user', 'session_id', 'conversation_id',
]); // prettier-ignore
/** Members anywhere whose texts are names made at random. */
const NAMES = new Set([
  'id', 'call_id', 'tool_call_id', 'tool_use_id', 'item_id', 'previous_response_id', 'session_id', 'sessionId',
]); // prettier-ignore

/** What differs from run to run in texts, in the order in which it is sought. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\bsk-mig-[\w-]+/g, '<token>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b(?:\d{1,2}\/\d{1,2}\/\d{4}|\d{1,2}\.\d{1,2}\.\d{4})\b/g, '<time>'],
  [/\b(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,4}(?:,? \d{4})?\b/g, '<time>'],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AP]M)?\b/g, '<time>'],
  [/\b1[6-9]\d{8}(?:\d{3})?(?:\.\d+)?\b/g, '<time>'],
  [/\b\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|secs?|seconds?|mins?|minutes?)\b/g, '<duration>'],
  [/\b(?:call|toolu|tool|msg|resp|chatcmpl|fc|rs|req|run|sess|session|exec|thread|ctc|ws|cmd|proc)[_-][A-Za-z0-9_-]{6,}/g, '<id>'],
  [/\b0x[0-9a-f]{4,}\b/gi, '<hex>'],
  [/\bcch=[0-9a-f]+/g, 'cch=<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}\b/g, '<hex>'],
  [/(?<![\w+/-])(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[\w+-][\w+/-]{31,}={0,2}/g, '<token>'],
  [/((?:\/var)?\/tmp|\/var\/folders)\/[^/\s"'\\:)]+/g, '$1/<temp>'],
  [/\btmp[a-z0-9_]{6,}\b/g, '<temp>'],
  [/\b(p?pid|pgid|process|port)(s?["']?[ =:]+)\d+/gi, '$1$2<n>'],
  [/\b((?:chunk|process|request|session|trace) ?id)(["']?[ =:]+)[0-9a-f]+\b/gi, '$1$2<id>'],
  [/\b(127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):\d+/g, '$1:<n>'],
]; // prettier-ignore

/** A text without what differs from run to run. */
export function steadyText(text: string): string {
  let steady = text;
  for (const [pattern, mark] of VOLATILE) steady = steady.replace(pattern, mark);
  return steady;
}

/** A body as what it asks, whoever asks and when; a body that is not JSON is its text. */
export function steadyBody(body: string): Json {
  let parsed: Json;
  try {
    parsed = JSON.parse(body) as Json;
  } catch {
    return steadyText(body);
  }
  if (!isObject(parsed)) return steady(parsed);
  return steady(Object.fromEntries(Object.entries(parsed).filter(([key]) => !WHO.has(key))));
}

function steady(value: Json): Json {
  if (typeof value === 'string') return steadyText(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one: Json) => steady(one));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]: [string, Json]) => [
      key,
      NAMES.has(key) && typeof one === 'string' ? '<id>' : steady(one),
    ]),
  );
}

export function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two names of a request: of its very bytes, and of what it asks. */
export interface RequestDigests {
  readonly exact: string;
  readonly steady: string;
}

/** `target`: endpoint and model as asked, with what of the query matters. */
export function digestsOf(target: string, body: string): RequestDigests {
  return {
    exact: sha256(`POST ${target}\n${body}`),
    steady: sha256(`POST ${target}\n${canonicalJson(steadyBody(body))}`),
  };
}
