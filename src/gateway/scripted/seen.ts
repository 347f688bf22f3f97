import type { TokenUsage } from '../../model/model-calls.ts';
import type { CallForm } from './request.ts';

/** A request as the scripted model saw it, and what it answered. */
export interface SeenCall {
  readonly form: CallForm;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came; empty where bodies are not kept. */
  readonly body: string;
  readonly tools: readonly string[];
  /** Results of tools that the conversation held. */
  readonly results: number;
  /** Index of the turn it was answered by; null: none (side calls, after the end, no call of a model). */
  readonly turn: number | null;
  /** `side`: a title or the like. */
  readonly kind: 'turn' | 'side' | 'after-the-end' | 'other';
  /** What was said or done, for people: `call bash`, `text`, `error 429`, `cut call bash`. */
  readonly answered: string;
  /** 0: never answered. */
  readonly status: number;
  /** As it was told on the wire; null where nothing of it was. */
  readonly usage: TokenUsage | null;
}
