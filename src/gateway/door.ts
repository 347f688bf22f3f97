import { randomBytes, timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayFailure } from '../model/failures/gateway.ts';
import type { LedgerSummary, WireForm } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { answerCall, type CallContext } from './call.ts';
import { unpacked } from './content-encoding.ts';
import { bodyOf, type DoorPlace, MOST_BODY_BYTES, serveAt } from './door-server.ts';
import { shownToken } from './headers.ts';
import { modelList } from './model-list.ts';
import { routeOf, type CallRoute } from './routes.ts';
import { ERROR_HEADERS, errorBody, STATUS, type RefusalReason } from './wire-errors.ts';

/** An agent's way to its models, open until `close`. */
export interface Door {
  /** What the agent shows as its key; good at this door alone. */
  readonly token: string;
  /** Of the address at which it listens; null at a socket. */
  readonly port: number | null;
  /** How often anybody has connected, whatever came of it. */
  connections(): number;
  summary(): LedgerSummary;
  /** Requests that are being answered. */
  inFlight(): number;
  /** Ends calls in flight, closes the socket or port, writes what is left to write. */
  close(): Promise<LedgerSummary>;
  /** The first thing of the ledger or the recording that could not be written; null: none. Known after `close`. */
  problem(): string | null;
}

/** A token that looks like a key, so that no client objects to it, and is found again where it leaks. */
export function newToken(): string {
  return `sk-mig-${randomBytes(30).toString('base64url').replace(/[-_]/g, '0')}`;
}

export async function openDoor(
  place: DoorPlace,
  token: string,
  context: Omit<CallContext, 'closing'>,
  onConnection: () => void,
): Promise<Result<Door, GatewayFailure>> {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const inFlight = new Set<Promise<void>>();
  const handler = new DoorHandler(token, { ...context, closing: closing.signal });
  const served = await serveAt(place, (request, response) => {
    const handled = handler.handle(request, response).finally(() => inFlight.delete(handled));
    inFlight.add(handled);
  });
  if (!served.ok) {
    const detail = served.failure;
    return 'socket' in place
      ? fail({ class: 'infra', reason: 'gateway-socket-unusable', socket: place.socket, detail })
      : fail({ class: 'infra', reason: 'gateway-address-unusable', host: place.host, detail });
  }
  const server = served.value;
  const address = server.address();
  let connections = 0;
  server.on('connection', () => {
    connections++;
    onConnection();
  });
  let problem: string | null = null;
  let closed: Promise<LedgerSummary> | undefined;
  const close = async (): Promise<LedgerSummary> => {
    closing.abort();
    const ended = new Promise<void>((resolve) => void server.close(() => resolve()));
    await Promise.allSettled(inFlight);
    server.closeAllConnections();
    await ended;
    if ('socket' in place) rmSync(place.socket, { force: true });
    problem = (await context.ledger.flushed()) ?? (await context.recorder?.flushed()) ?? uncounted(context);
    return context.ledger.summary();
  };
  return ok({
    token,
    port: typeof address === 'object' && address !== null ? address.port : null,
    connections: () => connections,
    summary: () => context.ledger.summary(),
    inFlight: () => inFlight.size,
    close: () => (closed ??= close()),
    problem: () => problem,
  });
}

/** A count that others rely on and that could not be kept. */
function uncounted({ meters }: Pick<CallContext, 'meters'>): string | null {
  const problem = meters.map((meter) => meter.problem()).find((one) => one !== null);
  return problem === undefined ? null : `${problem.file}: ${problem.detail}`;
}

class DoorHandler {
  private readonly token: Buffer;
  private readonly context: CallContext;

  constructor(token: string, context: CallContext) {
    this.token = Buffer.from(token);
    this.context = context;
  }

  /** Nothing is thrown out of here. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      await this.route(request, response);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const message = this.context.redactor().text(`mig-pipeline: a fault of the gateway: ${detail}`);
      this.refuse(request, response, 'openai', 'gateway-bug', message);
      if (response.headersSent) response.destroy();
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routeOf({
      method: request.method ?? '',
      target: request.url ?? '/',
      headers: request.headers,
    });
    if (route.kind === 'alive') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end(request.method === 'HEAD' ? '' : 'ok\n');
      return;
    }
    if (route.kind === 'upgrade') {
      const body = errorBody('openai', 426, 'upgrade_refused', 'no websockets here: send a POST');
      response
        .writeHead(426, { ...ERROR_HEADERS, connection: 'close', 'content-length': body.length })
        .end(body);
      return;
    }
    if (!this.knows(request)) {
      const message = 'mig-pipeline: the token of this request is not the one of this start';
      this.refuse(request, response, route.form, 'wrong-token', message);
    } else if (route.kind === 'models') {
      const body = modelList(route.form, Object.keys(this.context.offer.models), route.model);
      if (body === undefined)
        this.refuse(
          request,
          response,
          route.form,
          'unknown-path',
          `there is no model "${String(route.model)}"`,
        );
      else
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
          .end(body);
    } else if (route.kind === 'unknown') {
      const what = `${String(request.method)} ${(request.url ?? '').replace(/\?.*/s, '')}`;
      const message = `mig-pipeline: the model gateway has no ${what}; it answers chat completions, responses, messages, generateContent, counting of tokens, and lists of models`;
      this.refuse(request, response, route.form, 'unknown-path', message);
    } else await this.call(route, request, response);
  }

  private async call(route: CallRoute, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const packed = await bodyOf(request);
    if (packed === 'gone') return;
    const tooLarge = `mig-pipeline: a request may have ${MOST_BODY_BYTES} bytes at most`;
    if (packed === 'too-large') {
      response.setHeader('connection', 'close');
      this.refuse(request, response, route.form, 'body-too-large', tooLarge);
      return;
    }
    const encoding = request.headers['content-encoding'];
    const body = unpacked(packed, encoding, MOST_BODY_BYTES);
    if (body === undefined) {
      const message = `mig-pipeline: the body cannot be unpacked (content-encoding ${String(encoding)})`;
      this.refuse(request, response, route.form, 'bad-request', message);
    } else await answerCall(this.context, route, request, response, body);
  }

  private knows(request: IncomingMessage): boolean {
    const shown = Buffer.from(shownToken(request.headers, request.url ?? '') ?? '');
    return shown.length === this.token.length && timingSafeEqual(shown, this.token);
  }

  private refuse(
    request: IncomingMessage,
    response: ServerResponse,
    form: WireForm,
    reason: RefusalReason,
    message: string,
  ): void {
    this.context.ledger.refuse(reason);
    if (response.headersSent || response.destroyed) return;
    const status = STATUS[reason];
    const body = errorBody(form, status, reason.replaceAll('-', '_'), message);
    response.writeHead(status, { ...ERROR_HEADERS, 'content-length': body.length }).end(body);
    // what is still coming of the body is not waited for
    if (!request.complete) request.resume();
  }
}
