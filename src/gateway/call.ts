import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerRead } from './answer-reader.ts';
import { deliverStream, deliverWhole, type Delivered } from './deliver.ts';
import type { Estimate, ExchangeLine } from './exchange.ts';
import { headersKept } from './headers.ts';
import type { Ledger } from './ledger.ts';
import { admit, ticketFor, type Meter, type Spent } from './meter.ts';
import { chargeOf, emptyLine, keptHeaders, lineOf, spentMessage } from './call-line.ts';
import { estimateOf, prepareCall, type Offer, type Prepared } from './prepare.ts';
import { keptBytes } from './recorded.ts';
import type { Recorder } from './recorder.ts';
import type { Redactor } from './redaction.ts';
import { passedQuery, type CallRoute } from './routes.ts';
import type { Question, Reply, Source } from './source.ts';
import { ERROR_HEADERS, errorBody, STATUS, type RefusalReason } from './wire-errors.ts';

/** What all calls through one door share. */
export interface CallContext {
  readonly offer: Offer;
  readonly source: Source;
  readonly ledger: Ledger;
  readonly recorder: Recorder | null;
  readonly meters: readonly Meter[];
  readonly redactor: () => Redactor;
  readonly onSpent: (spent: Spent) => void;
  readonly wholeCallMs: number;
  readonly mostAnswerBytes: number;
  /** Fires when the door closes. */
  readonly closing: AbortSignal;
  /** Providers that were given up on and have not answered since. */
  readonly givenUp: Set<string>;
}

/** Why nobody waits for an answer any longer. */
type Abandoned = 'hung-up' | 'closing' | 'too-long';

/** Answers one call of a model, from its body to the line in the ledger. */
export async function answerCall(
  context: CallContext,
  route: CallRoute,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  const call = new Call(context, route, request, response, body);
  await context.ledger.roomy();
  await call.answer();
}

class Call {
  private readonly context: CallContext;
  private readonly route: CallRoute;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly body: Buffer;
  private readonly n: number;
  private readonly at = new Date().toISOString();
  private readonly began = performance.now();
  private readonly stop = new AbortController();
  private abandoned: Abandoned | null = null;
  private readonly redactor: Redactor;

  constructor(
    context: CallContext,
    route: CallRoute,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ) {
    this.context = context;
    this.route = route;
    this.request = request;
    this.response = response;
    this.body = body;
    this.n = context.ledger.next();
    this.redactor = context.redactor();
  }

  async answer(): Promise<void> {
    const prepared = prepareCall(this.context.offer, this.route, this.body);
    if ('refused' in prepared) {
      this.refuse(prepared.refused, prepared.message, prepared.asked, null);
      return;
    }
    const abandon = (why: Abandoned) => (): void => {
      this.abandoned ??= why;
      this.stop.abort();
    };
    const hungUp = abandon('hung-up');
    const closing = abandon('closing');
    this.response.once('close', hungUp);
    this.context.closing.addEventListener('abort', closing);
    const clock = setTimeout(abandon('too-long'), this.context.wholeCallMs);
    if (this.context.closing.aborted) closing();
    if (this.response.destroyed) hungUp();
    try {
      await this.admitted(prepared);
    } finally {
      clearTimeout(clock);
      this.response.off('close', hungUp);
      this.context.closing.removeEventListener('abort', closing);
    }
  }

  private async admitted(prepared: Prepared): Promise<void> {
    if (this.route.endpoint === 'count-tokens') return this.made(prepared, () => undefined);
    const { meters, ledger, onSpent } = this.context;
    const ticket = ticketFor(prepared.upper);
    const admission = await admit(meters, ticket, this.stop.signal);
    if (admission === 'gone') {
      this.keep(prepared, this.undelivered({ kind: 'aborted', attempts: 0, waitedMs: 0 }), null, null);
      return;
    }
    if (admission !== 'started') {
      ledger.met(admission);
      this.refuse('budget-spent', spentMessage(admission), prepared.asked, prepared);
      onSpent(admission);
      return;
    }
    let settled = false;
    const settle = (cost: Estimate): void => {
      if (settled) return;
      settled = true;
      for (const meter of meters) meter.settle(ticket, cost);
    };
    try {
      await this.made(prepared, settle);
    } finally {
      settle({ tokens: 0, usd: 0 });
    }
  }

  /** Asks, delivers, keeps. */
  private async made(prepared: Prepared, settle: (cost: Estimate) => void): Promise<void> {
    const { context, route, response, redactor } = this;
    const question = this.question(prepared);
    const reply = await context.source.ask(question);
    const { name } = prepared.provider;
    if (reply.kind === 'gave-up') context.givenUp.add(name);
    else if (reply.kind !== 'aborted') context.givenUp.delete(name);
    if (reply.kind === 'unseen') {
      settle({ tokens: 0, usd: 0 });
      this.refuse('unseen', `mig-pipeline replay: ${reply.message}`, prepared.asked, prepared);
      return;
    }
    const delivery = {
      endpoint: route.endpoint,
      usageAdded: prepared.usageAdded,
      redactor,
      mostAnswerBytes: context.mostAnswerBytes,
      settle: (read: AnswerRead) => settle(chargeOf(prepared, read, this.body.length)),
    };
    const delivered =
      reply.kind === 'whole'
        ? deliverWhole(reply, response, delivery)
        : reply.kind === 'stream'
          ? await deliverStream(reply, response, delivery)
          : this.undelivered(reply);
    if (reply.kind === 'aborted') settle(estimateOf(prepared.price, this.body.length, 0));
    if (this.abandoned === null || delivered.ended !== 'cut') this.keep(prepared, delivered, reply, question);
    else this.keep(prepared, { ...delivered, ...this.endingBy(this.abandoned) }, reply, question);
  }

  private question({ provider, model, body, stream, asked }: Prepared): Question {
    const query = passedQuery(this.request.url ?? '');
    let kept: string | undefined;
    return {
      route: this.route,
      provider,
      model,
      query,
      target: `${this.route.tail.replace('{model}', () => asked)}${query}`,
      headers: this.request.headers,
      body,
      kept: () => (kept ??= this.redactor.text(this.body.toString('utf8'))),
      stream,
      signal: this.stop.signal,
      impatient: this.context.givenUp.has(provider.name),
    };
  }

  /** A final error in place of an answer, or nothing where nobody waits. */
  private undelivered(reply: Extract<Reply, { kind: 'gave-up' | 'aborted' }>): Delivered {
    if (reply.kind === 'aborted' && this.abandoned !== 'too-long') {
      this.response.destroy();
      return this.nothing('hung-up', 'the agent did not wait for the answer');
    }
    const told =
      reply.kind === 'aborted' ? `no answer within ${this.context.wholeCallMs / 1000} s` : reply.message;
    const message = this.redactor.text(told);
    const status = STATUS['provider-failed'];
    this.send(status, 'provider_failed', `mig-pipeline: the model's provider failed: ${message}`);
    return { ...this.nothing('error', message), status, firstByteAt: performance.now() };
  }

  private nothing(ended: Delivered['ended'], error: string): Delivered {
    const answer = Buffer.alloc(0);
    return { status: 499, ended, error, answer, answerHeaders: {}, read: null, firstByteAt: null };
  }

  private refuse(reason: RefusalReason, message: string, asked: string, prepared: Prepared | null): void {
    const status = STATUS[reason];
    this.send(status, reason.replaceAll('-', '_'), message);
    const line = { ...this.line(prepared), asked, status, ended: 'refused-by-gateway' as const };
    this.context.ledger.keep({
      line: { ...line, refused: reason, error: this.redactor.text(message) },
      request: this.kept(),
      answer: { headers: {}, body: '' },
    });
  }

  private send(status: number, code: string, message: string): void {
    if (this.response.headersSent || this.response.destroyed) return;
    const body = this.redactor.bytes(errorBody(this.route.form, status, code, message));
    this.response.writeHead(status, { ...ERROR_HEADERS, 'content-length': body.length }).end(body);
  }

  private kept(): { target: string; headers: ReturnType<typeof headersKept>; body: string } {
    const target = (this.request.url ?? '').replace(/([?&]key=)[^&]*/g, '$1[redacted]');
    return { target, headers: headersKept(this.request.headers), body: this.body.toString('utf8') };
  }

  private keep(
    prepared: Prepared,
    delivered: Delivered,
    reply: Reply | null,
    question: Question | null,
  ): void {
    const { ledger, recorder } = this.context;
    const line = lineOf(this.line(prepared), prepared, delivered, reply, this.began);
    const answer = delivered.answer.toString('utf8');
    const headers = headersKept(delivered.answerHeaders);
    ledger.keep({ line, request: this.kept(), answer: { headers, body: answer } });
    if (recorder === null || reply === null || question === null || reply.kind === 'aborted') return;
    recorder.keep({
      schema: 1,
      n: this.n,
      form: this.route.form,
      endpoint: this.route.endpoint,
      target: question.target,
      body: question.kept(),
      ended: delivered.ended === 'cut' || delivered.ended === 'hung-up' ? 'cut' : 'whole',
      status: reply.kind === 'gave-up' ? (reply.status ?? 0) : delivered.status,
      headers: keptHeaders(headers, this.redactor),
      answer: keptBytes(this.redactor.bytes(delivered.answer)),
      streamed: reply.kind === 'stream',
      gaveUp: reply.kind === 'gave-up' ? this.redactor.text(reply.message) : null,
    });
  }

  private line(prepared: Prepared | null): ExchangeLine {
    const { n, at, route, body, began } = this;
    return emptyLine({ n, at, route, requestBytes: body.length, began }, prepared);
  }

  /** How a call ended whose stream was cut from our side. */
  private endingBy(abandoned: Abandoned): Pick<Delivered, 'ended' | 'error'> {
    if (abandoned === 'too-long')
      return { ended: 'cut', error: `no end within ${this.context.wholeCallMs / 1000} s` };
    return { ended: 'hung-up', error: 'the agent did not wait for the end of the answer' };
  }
}
