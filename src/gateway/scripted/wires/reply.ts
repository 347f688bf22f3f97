import type { Json } from '../../../model/json.ts';
import type { TokenUsage } from '../../../model/model-calls.ts';
import type { Saying } from '../answer.ts';

/** What a wire form is given to write down. */
export interface Reply {
  readonly saying: Saying;
  readonly usage: TokenUsage;
  readonly model: string;
  /** Differs from answer to answer, and is the same when all is done again. */
  readonly id: string;
}

/** Answers of one wire form. */
export interface Wire {
  whole(reply: Reply): Json;
  /** Frames of a stream, each with its empty line. */
  frames(reply: Reply, asked: { readonly includeUsage: boolean }): readonly string[];
  /** What the form can say of a usage, the rest as 0. */
  told(usage: TokenUsage): TokenUsage;
}

/** A frame without a name. */
export function dataFrame(value: Json): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

/** A frame named after its `type`. */
export function typedFrame(value: { readonly type: string; readonly [key: string]: Json }): string {
  return `event: ${value.type}\n${dataFrame(value)}`;
}

/** A text in pieces, as models bring it. */
export function pieces(text: string): string[] {
  return text.match(/[^]{1,40}/gu) ?? [];
}

/** Arguments as the text that some forms carry. */
export function argumentsText(saying: Extract<Saying, { kind: 'call' }>): string {
  return saying.broken ?? JSON.stringify(saying.arguments);
}
