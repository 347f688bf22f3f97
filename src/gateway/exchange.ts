import type { CallEnding, TokenUsage, WireForm } from '../model/model-calls.ts';
import type { Headers } from './headers.ts';
import type { Endpoint } from './routes.ts';

/** What budgets are charged where a provider did not count: an upper bound, a token a byte. */
export interface Estimate {
  readonly tokens: number;
  readonly usd: number;
}

/** A line of `exchanges.jsonl`: one call of an agent. */
export interface ExchangeLine {
  /** From 1, in the order in which calls came in. */
  readonly n: number;
  /** ISO time at which it came in. */
  readonly at: string;
  readonly form: WireForm;
  readonly endpoint: Endpoint;
  /** Model as asked; empty where none was named. */
  readonly asked: string;
  /** Where it went; null: nowhere. */
  readonly model: string | null;
  readonly provider: string | null;
  /** What the agent was told. */
  readonly status: number;
  /** What the provider answered last; null: nothing came. */
  readonly providerStatus: number | null;
  readonly attempts: number;
  readonly waitedSeconds: number;
  readonly streamed: boolean;
  /** As the provider counted; null where it did not. */
  readonly usage: TokenUsage | null;
  /** Of `usage`; null without a price or usage. */
  readonly usd: number | null;
  readonly estimate: Estimate | null;
  readonly toolCalls: number;
  readonly refusal: boolean;
  readonly empty: boolean;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** From the request's last byte to the answer's first; null where there was none. */
  readonly secondsToFirstByte: number | null;
  readonly seconds: number;
  readonly ended: CallEnding;
  /** Why the gateway refused; null: it did not. */
  readonly refused: string | null;
  /** What went wrong, secrets taken out; null: nothing. */
  readonly error: string | null;
}

/** A call with all that travelled; `exchanges/NNNN.json`. */
export interface Exchange {
  readonly line: ExchangeLine;
  readonly request: { readonly target: string; readonly headers: Headers; readonly body: string };
  readonly answer: { readonly headers: Headers; readonly body: string };
}
