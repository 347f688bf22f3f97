import type { Provider } from '../model/model-calls.ts';
import type { Headers } from './headers.ts';
import type { CallRoute } from './routes.ts';

/** A call on its way to whoever answers it. */
export interface Question {
  readonly route: CallRoute;
  readonly provider: Provider;
  /** The model's name at the provider. */
  readonly model: string;
  /** With its `?`; empty: none. */
  readonly query: string;
  /** Endpoint, model as asked and query: what a recording knows it by, beside the body. */
  readonly target: string;
  /** The agent's, as they came. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As the provider gets it. */
  readonly body: Buffer;
  /** As the agent sent it, secrets taken out. */
  readonly kept: () => string;
  /** An answer in pieces was asked for. */
  readonly stream: boolean;
  /** Fires when nobody waits for the answer any longer. */
  readonly signal: AbortSignal;
  /** A provider that has just been given up on is not waited for again. */
  readonly impatient: boolean;
}

interface Tried {
  readonly attempts: number;
  /** Waited for a provider to be ready again. */
  readonly waitedMs: number;
}

/** What came of a question. */
export type Reply = Tried &
  (
    | {
        readonly kind: 'whole';
        readonly status: number;
        readonly headers: Headers;
        readonly body: Buffer;
      }
    | {
        /** Success, its bytes still coming; reading throws where they end in the middle. */
        readonly kind: 'stream';
        readonly status: number;
        readonly headers: Headers;
        readonly pieces: AsyncIterable<Buffer>;
      }
    | {
        /** No answer to be had; `status` is the provider's last, null where there was none. */
        readonly kind: 'gave-up';
        readonly status: number | null;
        readonly message: string;
      }
    | { readonly kind: 'unseen'; readonly message: string }
    | { readonly kind: 'aborted' }
  );

/** Answers questions: the providers, or a recording of them. */
export interface Source {
  ask(question: Question): Promise<Reply>;
}
