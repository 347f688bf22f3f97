import type { ServerResponse } from 'node:http';
import type { CallEnding } from '../model/model-calls.ts';
import { AnswerReader, type AnswerRead } from './answer-reader.ts';
import { headersBack, type Headers } from './headers.ts';
import type { Redactor } from './redaction.ts';
import type { Endpoint } from './routes.ts';
import type { Reply } from './source.ts';
import { UsageChunkFilter } from './usage-chunk.ts';
import { ERROR_HEADERS, messageOf } from './wire-errors.ts';

/** What reached the agent. */
export interface Delivered {
  readonly status: number;
  readonly ended: Exclude<CallEnding, 'refused-by-gateway'>;
  readonly error: string | null;
  /** As the provider sent it. */
  readonly answer: Buffer;
  readonly answerHeaders: Headers;
  /** Null for an answer of failure. */
  readonly read: AnswerRead | null;
  readonly firstByteAt: number | null;
}

export interface Delivery {
  readonly endpoint: Endpoint;
  readonly usageAdded: boolean;
  readonly redactor: Redactor;
  readonly mostAnswerBytes: number;
  /** Called with all that the answer told, before the agent sees its end. */
  readonly settle: (read: AnswerRead) => void;
}

/** Sends an answer in one piece. */
export function deliverWhole(
  reply: Extract<Reply, { kind: 'whole' }>,
  response: ServerResponse,
  { endpoint, redactor, settle }: Delivery,
): Delivered {
  const { status, headers } = reply;
  const body = redactor.bytes(reply.body);
  const failed = status >= 400;
  const reader = new AnswerReader(endpoint);
  if (!failed) reader.whole(body);
  const read = failed ? null : reader.end();
  if (read !== null) settle(read);
  const firstByteAt = performance.now();
  response.writeHead(status, {
    ...redacted(headersBack(headers), redactor),
    ...(failed ? { 'x-should-retry': ERROR_HEADERS['x-should-retry'] } : {}),
    'content-length': body.length,
  });
  response.end(body);
  const error = failed ? messageOf(body) : (read?.problem ?? null);
  const ended = error === null ? 'answered' : 'error';
  return { status, ended, error, answer: reply.body, answerHeaders: headers, read, firstByteAt };
}

/** Sends an answer as it comes, no faster than the agent takes it; one that ends in its middle is not ended cleanly. */
export async function deliverStream(
  reply: Extract<Reply, { kind: 'stream' }>,
  response: ServerResponse,
  delivery: Delivery,
): Promise<Delivered> {
  const { status, headers } = reply;
  const reader = new AnswerReader(delivery.endpoint);
  const filter = delivery.usageAdded ? new UsageChunkFilter((event) => reader.event(event)) : null;
  const clean = delivery.redactor.stream();
  const kept: Buffer[] = [];
  let length = 0;
  let firstByteAt: number | null = null;
  let broken: string | null = null;
  const send = async (bytes: Buffer): Promise<void> => {
    if (bytes.length > 0 && !response.write(bytes)) await drained(response);
  };
  response.writeHead(status, redacted(headersBack(headers), delivery.redactor));
  try {
    for await (const piece of reply.pieces) {
      firstByteAt ??= performance.now();
      kept.push(piece);
      length += piece.length;
      const sent = send(clean.push(filter === null ? piece : filter.push(piece)));
      if (filter === null) reader.push(piece);
      await sent;
      if (length > delivery.mostAnswerBytes) throw new Error('the answer is longer than an answer may be');
    }
    if (filter !== null) await send(clean.push(filter.end()));
    await send(clean.end());
    if (response.destroyed) throw new Error('nobody took the answer');
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  }
  const read = reader.end();
  delivery.settle(read);
  const whole = read.finished || read.failed;
  if (broken === null && whole) response.end();
  // what was written still arrives; the end of the answer does not
  else response.socket?.destroySoon();
  const problem = read.problem ?? (whole ? null : 'the stream ended in its middle');
  const error = broken === null ? problem : `the stream was cut: ${broken}`;
  const ended = broken !== null || !whole ? 'cut' : error === null ? 'answered' : 'error';
  return {
    status,
    ended,
    error: error === null ? null : delivery.redactor.text(error),
    answer: Buffer.concat(kept),
    answerHeaders: headers,
    read,
    firstByteAt,
  };
}

function redacted(headers: Record<string, string | string[]>, redactor: Redactor): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? redactor.text(value) : value.map((one) => redactor.text(one)),
    ]),
  );
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    if (response.destroyed) resolve();
    else response.once('drain', done).once('close', done);
  });
}
