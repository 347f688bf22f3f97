import type { Json } from '../../model/json.ts';
import type { TokenUsage } from '../../model/model-calls.ts';

/** What the model says, whatever the form. */
export type Saying =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly arguments: Readonly<Record<string, Json>>;
      /** Sent instead of the arguments, where a form carries them as text. */
      readonly broken: string | null;
    };

/** How it is brought. */
export type Delivery =
  { readonly kind: 'whole' | 'cut' | 'malformed' } | { readonly kind: 'slow'; readonly delayMs: number };

export type ErrorKind = 'unauthorized' | 'rate-limited' | 'server-error' | 'context-exceeded';

/** What a request is answered with. */
export type Answer =
  | {
      readonly kind: 'saying';
      readonly saying: Saying;
      readonly usage: TokenUsage;
      readonly delivery: Delivery;
    }
  | { readonly kind: 'error'; readonly error: ErrorKind; readonly retryAfterSeconds: number }
  | { readonly kind: 'wait' };
