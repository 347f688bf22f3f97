import type { WireForm } from '../model/model-calls.ts';

/** Why the gateway itself answers with an error; also the code that agents are told. */
export type RefusalReason =
  | 'wrong-token'
  | 'unknown-path'
  | 'bad-request'
  | 'body-too-large'
  | 'model-not-allowed'
  | 'other-form'
  | 'budget-spent'
  | 'unseen'
  | 'provider-failed'
  | 'gateway-bug';

/**
 * Status of an error that the gateway makes. Everything final is 400 where it may: the one status on which every agent that
 * was tried stops after one call or two; 401 makes some ask six times, 403 was not tried.
 */
export const STATUS: Readonly<Record<RefusalReason, number>> = {
  'wrong-token': 401,
  'unknown-path': 404,
  'bad-request': 400,
  'body-too-large': 413,
  'model-not-allowed': 400,
  'other-form': 400,
  'budget-spent': 400,
  unseen: 400,
  'provider-failed': 400,
  'gateway-bug': 400,
};

const GEMINI_STATUS: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND' };
const TYPE: Readonly<Record<number, string>> = { 401: 'authentication_error', 404: 'not_found_error' };

/** Body of an error in the form that clients of a wire form read. */
export function errorBody(form: WireForm, status: number, code: string, message: string): Buffer {
  const type = TYPE[status] ?? 'invalid_request_error';
  switch (form) {
    case 'openai':
      return json({ error: { message, type, param: null, code } });
    case 'anthropic':
      return json({ type: 'error', error: { type, message } });
    case 'gemini':
      return json({ error: { code: status, message, status: GEMINI_STATUS[status] ?? 'INVALID_ARGUMENT' } });
  }
}

/** What all errors of the gateway say beside their body: do not ask again. */
export const ERROR_HEADERS = {
  'content-type': 'application/json',
  'x-should-retry': 'false',
} as const;

/** The provider's own words in its error body, in any of the forms; the start of the text where there are none. */
export function messageOf(body: Buffer): string {
  const text = body.toString('utf8');
  try {
    const parsed = JSON.parse(text) as unknown;
    const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    const { error, message, detail } = (first ?? {}) as Record<string, unknown>;
    const inner = (error as { message?: unknown } | null | undefined)?.message;
    for (const words of [inner, error, message, detail]) if (typeof words === 'string') return words;
  } catch {
    // not JSON: the text itself
  }
  return text.trim().slice(0, 500);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
