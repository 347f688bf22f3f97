import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../model/json.ts';
import type { TokenUsage } from '../../model/model-calls.ts';
import type { Answer, Saying } from './answer.ts';
import { bring, sendJson } from './deliver.ts';
import { type CallForm, formOf, type ModelForm, type ModelRequest, readRequest } from './request.ts';
import type { SeenCall } from './seen.ts';
import type { ModelScript } from './script.ts';
import { ScriptRun } from './script-run.ts';
import { chat } from './wires/chat.ts';
import { errorOf } from './wires/errors.ts';
import { gemini } from './wires/gemini.ts';
import { messages } from './wires/messages.ts';
import type { Wire } from './wires/reply.ts';
import { responses } from './wires/responses.ts';

const WIRES: Readonly<Record<ModelForm, Wire>> = { chat, responses, messages, gemini };
const MODEL = 'scripted-1';

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`, without a path: every prefix before the usual tails is served. */
  readonly url: string;
  /** All requests so far, in the order they came; one never answered is among them. */
  readonly calls: () => readonly SeenCall[];
  /** Ends at once, open answers included. */
  readonly close: () => Promise<void>;
}

/**
 * A model on loopback that says what a script tells it to, in every wire form, streamed or not.
 *
 * @param key any other credential is answered 401; absent: all are accepted
 * @param port absent: any that is free
 * @param keepBodies false: bodies of requests are forgotten, for long runs
 */
export async function startScriptedModel(given: {
  readonly script: ModelScript;
  readonly key?: string;
  readonly port?: number;
  readonly keepBodies?: boolean;
  readonly onCall?: (call: SeenCall) => void;
}): Promise<ScriptedModel> {
  const run = new ScriptRun(given.script);
  const calls: SeenCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const call = serve({ run, number: calls.length + 1, key: given.key, request, response, body });
      calls.push(given.keepBodies === false ? { ...call, body: '' } : call);
      given.onCall?.(call);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(given.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly run: ScriptRun;
  readonly number: number;
  readonly key: string | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

function serve(exchange: Exchange): SeenCall {
  const { request, response, body } = exchange;
  const path = request.url ?? '/';
  const bare = path.split('?')[0] ?? path;
  const form = request.headers.upgrade === undefined ? formOf(bare) : 'other';
  const blank = blankCall(request, path, form, body);
  const isPost = request.method === 'POST';
  if (isPost && (form === 'count' || form === 'gemini-count')) {
    sendJson(response, 200, form === 'count' ? { input_tokens: 100 } : { totalTokens: 100 });
    return { ...blank, status: 200, answered: 'count' };
  }
  if (isPost && form !== 'models' && form !== 'other' && form !== 'count' && form !== 'gemini-count') {
    return serveModel(exchange, blank, form, readRequest(form, bare, parsed(body)));
  }
  const [status, answer] = aside(request, bare, form);
  sendJson(response, status, answer);
  return { ...blank, status };
}

/** What is neither a call of a model nor a count. */
function aside(request: IncomingMessage, path: string, form: CallForm): readonly [number, Json] {
  if (request.method === 'HEAD') return [200, null];
  // codex then comes back without a websocket
  if (request.headers.upgrade !== undefined) return [426, { error: { message: 'no websocket here' } }];
  if (request.method !== 'GET' || form !== 'models') {
    return [404, { error: { message: `nothing at ${path}`, type: 'not_found_error', code: 'not_found' } }];
  }
  const one = {
    id: MODEL,
    name: `models/${MODEL}`,
    object: 'model',
    type: 'model',
    display_name: MODEL,
    created: 0,
    owned_by: 'loopback',
  };
  return [
    200,
    path.endsWith('/models') ? { object: 'list', data: [one], models: [one], has_more: false } : one,
  ];
}

function serveModel(exchange: Exchange, blank: SeenCall, form: ModelForm, asked: ModelRequest): SeenCall {
  const { run, number, key, response } = exchange;
  const seen = { ...blank, model: asked.model, stream: asked.stream, tools: asked.tools.map(({ name }) => name), results: asked.results }; // prettier-ignore
  if (key !== undefined && credentialOf(exchange.request) !== key) {
    const error = errorOf(form, 'unauthorized');
    sendJson(response, error.status, error.body);
    return { ...seen, status: error.status, answered: 'error 401: another key' };
  }
  const { answer, turn, kind } = run.next(asked);
  const known = { ...seen, turn, kind };
  if (answer.kind === 'wait') return { ...known, answered: 'nothing' };
  if (answer.kind === 'error') {
    const error = errorOf(form, answer.error);
    const retry = answer.error === 'rate-limited' ? { 'retry-after': String(answer.retryAfterSeconds) } : {};
    sendJson(response, error.status, error.body, retry);
    return { ...known, status: error.status, answered: `error ${error.status}` };
  }
  const wire = WIRES[form];
  const reply = { saying: answer.saying, usage: answer.usage, model: asked.model === '' ? MODEL : asked.model, id: `${number}`.padStart(12, '0') }; // prettier-ignore
  bring(
    response,
    answer.delivery,
    asked.stream ? { frames: wire.frames(reply, asked) } : { whole: wire.whole(reply) },
  );
  return { ...known, status: 200, answered: saidOf(answer), usage: toldOf(answer, asked, wire) };
}

function saidOf({ saying, delivery }: Extract<Answer, { kind: 'saying' }>): string {
  const how = delivery.kind === 'whole' ? '' : `${delivery.kind} `;
  const what = (said: Saying): string => {
    if (said.kind === 'call') return `call ${said.name}${said.broken === null ? '' : ' with bad arguments'}`;
    return said.kind === 'text' && said.text === '' ? 'empty' : said.kind;
  };
  return `${how}${what(saying)}`;
}

function toldOf(
  { usage, delivery }: Extract<Answer, { kind: 'saying' }>,
  asked: ModelRequest,
  wire: Wire,
): TokenUsage | null {
  if (delivery.kind === 'cut' || delivery.kind === 'malformed') return null;
  return asked.stream && !asked.includeUsage ? null : wire.told(usage);
}

function credentialOf({ headers }: IncomingMessage): string {
  const found = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers['api-key'];
  return headers.authorization?.replace(/^Bearer /, '') ?? (typeof found === 'string' ? found : '');
}

function blankCall(request: IncomingMessage, path: string, form: CallForm, body: string): SeenCall {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    form,
    method: request.method ?? '',
    path,
    model: '',
    stream: false,
    headers: Object.fromEntries(headers),
    body,
    tools: [],
    results: 0,
    turn: null,
    kind: 'other',
    answered: '',
    status: 0,
    usage: null,
  };
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return {};
  }
}
