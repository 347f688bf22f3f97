import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Door } from '../../src/gateway/door.ts';
import type { ExchangeLine } from '../../src/gateway/exchange.ts';
import {
  openGateway,
  type Gateway,
  type GatewayOptions,
  type StartRequest,
} from '../../src/gateway/gateway.ts';
import { type Meter, OwnMeter } from '../../src/gateway/meter.ts';
import type { BudgetLimits, Provider } from '../../src/model/model-calls.ts';
import { scratchFolder } from './scratch.ts';

/** A key that no other text holds by chance. */
export const KEY = 'sk-nonce-Zk3v9QpL7wX2bT5m';

export interface TestDoor {
  readonly gateway: Gateway;
  readonly door: Door;
  readonly socket: string;
  readonly exchangesDir: string;
  readonly ask: (target: string, body: unknown, headers?: Record<string, string>) => Promise<Told>;
  readonly lines: () => ExchangeLine[];
}

/** What an agent was told; `cut`: the connection ended before the answer did. */
export interface Told {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  readonly text: string;
  readonly cut: boolean;
}

export const PRICES = [
  {
    provider: 'own',
    model: 'real-*',
    from: '2026-01-01',
    input: 2,
    cachedInput: 0.5,
    cacheWrite: 2.5,
    output: 10,
  },
];

export function providersAt(url: string): Provider[] {
  return [
    { name: 'own', form: 'openai', baseUrl: `${url}/v1`, keyVariable: 'OWN_KEY' },
    { name: 'claude', form: 'anthropic', baseUrl: url, keyVariable: 'OWN_KEY' },
    { name: 'gemini', form: 'gemini', baseUrl: url, keyVariable: 'OWN_KEY' },
    { name: 'free', form: 'openai', baseUrl: `${url}/v1`, keyVariable: null },
  ];
}

export const MODELS = {
  asked: { provider: 'own', model: 'real-1' },
  'real-2': { provider: 'own', model: 'real-2' },
  claude: { provider: 'claude', model: 'claude' },
  gem: { provider: 'gemini', model: 'gem-real' },
  free: { provider: 'free', model: 'free' },
};

export function testGateway(url: string, further: Partial<GatewayOptions> = {}): Gateway {
  const opened = openGateway({
    providers: providersAt(url),
    prices: PRICES,
    models: MODELS,
    keyOf: (variable) => (variable === 'OWN_KEY' ? KEY : undefined),
    record: null,
    replay: null,
    day: '2026-11-29',
    ...further,
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  onTestFinished(() => opened.value.close());
  return opened.value;
}

export function meter(limits: Partial<BudgetLimits>, scope: 'attempt' | 'run' | 'sweep' = 'attempt'): Meter {
  return new OwnMeter(scope, { usd: null, tokens: null, calls: null, ...limits });
}

export async function testDoor(gateway: Gateway, start: Partial<StartRequest> = {}): Promise<TestDoor> {
  const dir = scratchFolder();
  const socket = path.join(dir, 's');
  const exchangesDir = path.join(dir, 'exchanges');
  const opened = await gateway.open({ name: 'start', at: { socket }, exchangesDir, meters: [], ...start });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  const door = opened.value;
  return {
    gateway,
    door,
    socket,
    exchangesDir,
    ask: (target, body, headers = {}) =>
      askAt(socket, target, body, { authorization: `Bearer ${door.token}`, ...headers }),
    lines: () => linesOf(exchangesDir),
  };
}

export function linesOf(dir: string): ExchangeLine[] {
  const lines = readFileSync(path.join(dir, 'exchanges.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as ExchangeLine);
}

export function askAt(
  socketPath: string,
  target: string,
  body: unknown,
  headers: Record<string, string>,
  method = body === null ? 'GET' : 'POST',
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: target, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      let cut = false;
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => (cut = true));
      response.on('aborted', () => (cut = true));
      response.on('close', () => {
        const bytes = Buffer.concat(pieces);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          text: bytes.toString(),
          cut,
        });
      });
    });
    sent.on('error', reject);
    sent.end(body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** Every file below a folder as one text. */
export function allTextsIn(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(path.join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}

/** The words of an error in any of the forms. */
export function wordsIn(told: Told): string {
  const { error } = JSON.parse(told.text) as { error: { message: string } };
  expect(typeof error.message).toBe('string');
  return error.message;
}
