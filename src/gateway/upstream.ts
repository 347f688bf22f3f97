import { setTimeout as pause } from 'node:timers/promises';
import { fail, ok, type Result } from '../model/result.ts';
import type { StreamingClient } from '../workspace/http.ts';
import { decodedBody } from './content-encoding.ts';
import { headersOut, one, type Headers } from './headers.ts';
import { askedPauseMs, isPassing, pauseMs, type Patience } from './retry-rule.ts';
import { addressAt } from './routes.ts';
import type { Question, Reply, Source } from './source.ts';
import { messageOf } from './wire-errors.ts';

export interface UpstreamOptions {
  readonly client: () => Promise<StreamingClient>;
  readonly keyOf: (variable: string) => string | undefined;
  readonly patience: Patience;
  readonly mostAnswerBytes: number;
}

type Settled = Extract<Reply, { kind: 'whole' | 'stream' | 'gave-up' }>;
type Outcome = Settled extends infer R
  ? R extends unknown
    ? Omit<R, 'attempts' | 'waitedMs'>
    : never
  : never;

/** A try that may do better later. */
interface Passing {
  readonly status: number | null;
  readonly message: string;
  readonly askedMs: number | undefined;
}

/** Errors of a connection that waiting does not mend: a certificate that is not trusted, a header that cannot be sent. */
const LASTING = /CERT|^ERR_TLS_|^UNABLE_TO_|^UND_ERR_INVALID_ARG$/;

/** Asks the providers themselves, and waits for them where waiting helps; never again once bytes were handed on. */
export function upstream(options: UpstreamOptions): Source {
  return {
    async ask(question) {
      const gone = (): boolean => question.signal.aborted;
      const began = performance.now();
      let waitedMs = 0;
      for (let attempts = 1; ; attempts++) {
        const tried = await tryOnce(question, options);
        if (gone()) return { kind: 'aborted', attempts, waitedMs };
        if (tried.ok) return { ...tried.value, attempts, waitedMs };
        const { status, message, askedMs } = tried.failure;
        const elapsed = performance.now() - began;
        const rest = question.impatient
          ? undefined
          : pauseMs(options.patience, attempts, elapsed, askedMs, Math.random());
        if (rest === undefined) return { kind: 'gave-up', status, message, attempts, waitedMs };
        const paused = performance.now();
        await pause(rest, undefined, { signal: question.signal }).catch(() => undefined);
        waitedMs += performance.now() - paused;
        if (gone()) return { kind: 'aborted', attempts, waitedMs };
      }
    },
  };
}

async function tryOnce(question: Question, options: UpstreamOptions): Promise<Result<Outcome, Passing>> {
  const { route, provider, signal, body } = question;
  const key = provider.keyVariable === null ? null : (options.keyOf(provider.keyVariable) ?? '');
  if (key === '') {
    const message = `the host's variable ${String(provider.keyVariable)} holds no key for provider ${provider.name}`;
    return ok({ kind: 'gave-up', status: null, message });
  }
  const client = await options.client();
  const sent = await client.send({
    method: 'POST',
    url: addressAt(provider.baseUrl, route, question.model, question.query),
    headers: headersOut(question.headers, route.form, key),
    body,
    signal,
  });
  const passing = (message: string, status: number | null = null, askedMs?: number) =>
    fail({ status, message, askedMs });
  if (!sent.ok) {
    const { detail, code = '' } = sent.failure;
    const message = `provider ${provider.name} does not answer: ${detail}`;
    return LASTING.test(code) ? ok({ kind: 'gave-up', status: null, message }) : passing(message);
  }
  const { status } = sent.value;
  const { headers, body: pieces } = decodedBody(sent.value);
  try {
    if (status < 300 && isStream(question, headers)) {
      const iterator = pieces[Symbol.asyncIterator]();
      const first = (await iterator.next()) as IteratorResult<Buffer>;
      if (first.done === true) return passing('the provider closed the stream before its first byte', status);
      return ok({ kind: 'stream', status, headers, pieces: from(first.value, iterator) });
    }
    const whole = await wholeOf(pieces, options.mostAnswerBytes);
    if (whole === undefined)
      return ok({ kind: 'gave-up', status, message: 'the provider sent more than an answer may hold' });
    if (status >= 300 && status < 400)
      return ok({ kind: 'gave-up', status, message: `the provider answers ${status}, a redirection` });
    if (status < 300) return ok({ kind: 'whole', status, headers, body: whole });
    const text = whole.toString('utf8');
    if (!isPassing(status, headers, text)) return ok({ kind: 'whole', status, headers, body: whole });
    return passing(messageOf(whole) || `status ${status}`, status, askedPauseMs(headers, text, Date.now()));
  } catch (error) {
    pieces.destroy();
    const why = error instanceof Error ? error.message : String(error);
    return passing(`the provider's answer ended in its middle: ${why}`, status);
  }
}

function isStream({ stream }: Question, headers: Headers): boolean {
  const type = one(headers['content-type']) ?? '';
  return type.includes('text/event-stream') || (stream && !type.includes('json'));
}

async function* from(first: Buffer, rest: AsyncIterator<unknown>): AsyncIterable<Buffer> {
  try {
    yield first;
    for (;;) {
      const next = (await rest.next()) as IteratorResult<Buffer>;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** Undefined when it is longer than it may be. */
async function wholeOf(pieces: AsyncIterable<unknown> & { destroy(): unknown }, most: number) {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    parts.push(piece as Buffer);
    length += (piece as Buffer).length;
    if (length > most) {
      pieces.destroy();
      return undefined;
    }
  }
  return Buffer.concat(parts);
}
