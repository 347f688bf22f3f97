import type { Json } from '../../../model/json.ts';
import type { ErrorKind } from '../answer.ts';
import type { ModelForm } from '../request.ts';

const ERRORS = {
  unauthorized: [401, 'authentication_error', 'UNAUTHENTICATED', 'the key is not accepted'],
  'rate-limited': [429, 'rate_limit_error', 'RESOURCE_EXHAUSTED', 'too many requests'],
  'server-error': [500, 'api_error', 'INTERNAL', 'the server had an error'],
  'context-exceeded': [
    400,
    'invalid_request_error',
    'INVALID_ARGUMENT',
    'prompt is too long: the maximum context length is exceeded',
  ],
} as const satisfies Record<ErrorKind, readonly [number, string, string, string]>;

/** Status and body of an error, in the words of a form. */
export function errorOf(form: ModelForm, kind: ErrorKind): { readonly status: number; readonly body: Json } {
  const [status, type, name, message] = ERRORS[kind];
  if (form === 'gemini') return { status, body: { error: { code: status, message, status: name } } };
  if (form === 'messages') return { status, body: { type: 'error', error: { type, message } } };
  const code = kind === 'context-exceeded' ? 'context_length_exceeded' : type;
  return { status, body: { error: { message, type, code, param: null } } };
}
