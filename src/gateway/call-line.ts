import type { AnswerRead } from './answer-reader.ts';
import type { Delivered } from './deliver.ts';
import type { Estimate, ExchangeLine } from './exchange.ts';
import type { Headers } from './headers.ts';
import { seconds } from './ledger-sum.ts';
import type { Spent } from './meter.ts';
import { costOf } from './money.ts';
import { estimateOf, type Prepared } from './prepare.ts';
import type { Redactor } from './redaction.ts';
import type { CallRoute } from './routes.ts';
import type { Reply } from './source.ts';

/** A call before anything came of it. */
export interface Begun {
  readonly n: number;
  readonly at: string;
  readonly route: CallRoute;
  readonly requestBytes: number;
  /** On the clock of `performance`. */
  readonly began: number;
}

export function emptyLine(begun: Begun, prepared: Prepared | null): ExchangeLine {
  return {
    n: begun.n,
    at: begun.at,
    form: begun.route.form,
    endpoint: begun.route.endpoint,
    asked: prepared?.asked ?? '',
    model: null,
    provider: prepared?.provider.name ?? null,
    status: 0,
    providerStatus: null,
    attempts: 0,
    waitedSeconds: 0,
    streamed: prepared?.stream ?? false,
    usage: null,
    usd: null,
    estimate: null,
    toolCalls: 0,
    refusal: false,
    empty: false,
    requestBytes: begun.requestBytes,
    answerBytes: 0,
    secondsToFirstByte: null,
    seconds: seconds((performance.now() - begun.began) / 1000),
    ended: 'error',
    refused: null,
    error: null,
  };
}

function statusOf(reply: Reply | null): number | null {
  return reply !== null && 'status' in reply ? reply.status : null;
}

/** The line of a call that was made; `reply` is null where it did not come to that. */
export function lineOf(
  empty: ExchangeLine,
  prepared: Prepared,
  delivered: Delivered,
  reply: Reply | null,
  began: number,
): ExchangeLine {
  const { read, firstByteAt } = delivered;
  const usage = read?.usage ?? null;
  const counted = empty.endpoint !== 'count-tokens';
  return {
    ...empty,
    model: reply === null ? null : prepared.model,
    status: delivered.status,
    providerStatus: statusOf(reply),
    attempts: reply?.attempts ?? 0,
    waitedSeconds: seconds((reply?.waitedMs ?? 0) / 1000),
    usage: counted ? usage : null,
    usd: !counted || usage === null || prepared.price === undefined ? null : costOf(prepared.price, usage),
    estimate: counted ? estimateFor(prepared, delivered, reply, empty.requestBytes) : null,
    toolCalls: read?.toolCalls ?? 0,
    refusal: read?.refusal ?? false,
    empty: counted && delivered.ended === 'answered' && read !== null && isEmpty(read),
    answerBytes: delivered.answer.length,
    secondsToFirstByte: firstByteAt === null ? null : seconds((firstByteAt - began) / 1000),
    ended: delivered.ended,
    error: delivered.error,
  };
}

function isEmpty({ text, toolCalls, refusal }: AnswerRead): boolean {
  return !text && toolCalls === 0 && !refusal;
}

/** What budgets are charged beyond what the provider counted; null: nothing. */
function estimateFor(
  prepared: Prepared,
  { read }: Delivered,
  reply: Reply | null,
  requestBytes: number,
): Estimate | null {
  if (reply?.kind === 'aborted') return estimateOf(prepared.price, requestBytes, 0);
  if (read === null || (read.usage !== null && read.finished)) return null;
  const charged = chargeOf(prepared, read, requestBytes);
  if (read.usage === null) return charged;
  const told = read.usage.inputTokens + read.usage.outputTokens;
  const usd = prepared.price === undefined ? 0 : costOf(prepared.price, read.usage);
  return { tokens: charged.tokens - told, usd: charged.usd - usd };
}

/**
 * What a call is charged to budgets: the provider's count; an answer that was cut before its last count at least a token
 * a byte of what the model wrote; without any count a token a byte both ways.
 */
export function chargeOf(prepared: Prepared, read: AnswerRead, requestBytes: number): Estimate {
  const { usage, finished, writtenBytes } = read;
  if (usage === null) return estimateOf(prepared.price, requestBytes, writtenBytes);
  const outputTokens = finished ? usage.outputTokens : Math.max(usage.outputTokens, writtenBytes);
  const tokens = usage.inputTokens + outputTokens;
  return {
    tokens,
    usd: prepared.price === undefined ? 0 : costOf(prepared.price, { ...usage, outputTokens }),
  };
}

/** What an agent is told whose budget is spent. */
export function spentMessage({ scope, kind, limit, sweep }: Spent): string {
  const what = kind === 'usd' ? `${limit} US dollars` : `${limit} ${kind}`;
  return `mig-pipeline: the budget of this ${scope}${sweep === undefined ? '' : ` "${sweep}"`} (${what}) is spent; no further model call is answered`;
}

/** Headers as a recording keeps them: without those that hold secrets. */
export function keptHeaders(headers: Headers, redactor: Redactor): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === '[redacted]') continue;
    kept[name] = Array.isArray(value) ? value.map((one) => redactor.text(one)) : redactor.text(value);
  }
  return kept;
}
