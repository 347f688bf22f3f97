import type { WireForm } from '../model/model-calls.ts';

export const ENDPOINTS = [
  'chat',
  'responses',
  'messages',
  'generate',
  'stream-generate',
  'count-tokens',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** A request that is for a model. */
export interface CallRoute {
  readonly kind: 'call';
  readonly form: WireForm;
  readonly endpoint: Endpoint;
  /** As asked in the path (Gemini); null: it stands in the body. */
  readonly model: string | null;
  /** What follows the provider's version folder, with `{model}` where the model's name goes. */
  readonly tail: string;
  /** The version folder that was asked. */
  readonly version: 'v1' | 'v1beta';
}

export type Route =
  | CallRoute
  | { readonly kind: 'models'; readonly form: WireForm; readonly model: string | null }
  | { readonly kind: 'alive' }
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'unknown'; readonly form: WireForm };

/** What decides where a request goes. */
export interface Asked {
  readonly method: string;
  /** Path and query as they stand in the request. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const GEMINI_CALL = /\/(v1beta|v1)\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;
const MODELS = /\/(?:(v1beta|v1)\/)?models(?:\/([^/:]+))?$/;

/** Which of the known requests this is, whatever folders stand before it. */
export function routeOf({ method, target, headers }: Asked): Route {
  const path = pathOf(target).replace(/(?<=.)\/+$/, '');
  if (path === '/' && (method === 'GET' || method === 'HEAD')) return { kind: 'alive' };
  if (method === 'GET') {
    if (headers['upgrade'] !== undefined) return { kind: 'upgrade' };
    const models = MODELS.exec(path);
    if (models === null) return { kind: 'unknown', form: likelyForm(path, headers) };
    return { kind: 'models', form: likelyForm(path, headers), model: decoded(models[2] ?? null) };
  }
  if (method !== 'POST') return { kind: 'unknown', form: likelyForm(path, headers) };
  const call = (form: WireForm, endpoint: Endpoint, tail: string): CallRoute => ({
    kind: 'call', form, endpoint, model: null, tail, version: 'v1',
  }); // prettier-ignore
  if (path.endsWith('/chat/completions')) return call('openai', 'chat', '/chat/completions');
  if (path.endsWith('/responses')) return call('openai', 'responses', '/responses');
  if (path.endsWith('/messages')) return call('anthropic', 'messages', '/messages');
  if (path.endsWith('/messages/count_tokens'))
    return call('anthropic', 'count-tokens', '/messages/count_tokens');
  const gemini = GEMINI_CALL.exec(path);
  const model = decoded(gemini?.[2] ?? null);
  if (gemini === null || model === null) return { kind: 'unknown', form: likelyForm(path, headers) };
  const verb = gemini[3] ?? '';
  const endpoint =
    verb === 'countTokens'
      ? 'count-tokens'
      : verb === 'streamGenerateContent'
        ? 'stream-generate'
        : 'generate';
  return {
    kind: 'call',
    form: 'gemini',
    endpoint,
    model,
    tail: `/models/{model}:${verb}`,
    version: gemini[1] === 'v1' ? 'v1' : 'v1beta',
  };
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

function decoded(name: string | null): string | null {
  if (name === null) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** In which form an error is understood where the path does not say. */
function likelyForm(path: string, headers: Asked['headers']): WireForm {
  if (path.includes('/v1beta/') || headers['x-goog-api-key'] !== undefined) return 'gemini';
  return headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
}

/** The query without credentials, with its `?`; empty where nothing is left. */
export function passedQuery(target: string): string {
  const at = target.indexOf('?');
  if (at < 0) return '';
  const kept = target
    .slice(at + 1)
    .split('&')
    .filter((pair) => pair !== '' && !/^(?:key|access_token)(?:=|$)/i.test(pair));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/**
 * Address of a call at a provider. Clients of OpenAI are given a base with its version folder, those of the others
 * one without; either is understood.
 */
export function addressAt(baseUrl: string, route: CallRoute, model: string, query: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  const whole = route.form === 'openai' || /\/v1(?:beta)?$/.test(base) ? base : `${base}/${route.version}`;
  return `${whole}${route.tail.replace('{model}', () => encodeURIComponent(model))}${query}`;
}
