import { request } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openGateway } from '../../src/gateway/gateway.ts';
import { ticketFor } from '../../src/gateway/meter.ts';
import { askedPauseMs, isPassing, pauseMs } from '../../src/gateway/retry-rule.ts';
import {
  allTextsIn,
  KEY,
  meter,
  MODELS,
  providersAt,
  testDoor,
  testGateway,
  wordsIn,
} from '../rigs/model-door.ts';
import { json, modelProvider, sse, STREAM } from '../rigs/model-provider.ts';

const CHAT = '/v1/chat/completions';
const body = { model: 'asked', messages: [] };
const usage = { prompt_tokens: 10, completion_tokens: 1 };
const answer = { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }], usage };
/** Patience that a loaded machine does not use up. */
const patient = { times: { totalMs: 30_000, firstPauseMs: 10, longestPauseMs: 40 } };
const quick = { times: { totalMs: 400, firstPauseMs: 10, longestPauseMs: 40 } };

test.each([429, 500, 503, 529])(
  'after %i the gateway waits and the agent gets its answer',
  async (status) => {
    const provider = await modelProvider((_call, response, number) =>
      number < 3 ? json(response, { error: { message: 'busy' } }, status) : json(response, answer),
    );
    const { ask, door, lines } = await testDoor(testGateway(provider.url, patient));
    expect(await ask(CHAT, body)).toMatchObject({ status: 200, text: JSON.stringify(answer) });
    const summary = await door.close();
    expect(summary).toMatchObject({ calls: 1, answered: 1 });
    expect(summary.waitedSeconds).toBeGreaterThan(0);
    expect(lines()[0]).toMatchObject({ attempts: 3, status: 200 });
  },
);

test('Retry-After is waited for to the second', async () => {
  const times: number[] = [];
  const provider = await modelProvider((_call, response, number) => {
    times.push(performance.now());
    if (number === 1) json(response, {}, 429, { 'retry-after': '0.3' });
    else json(response, answer);
  });
  const { ask } = await testDoor(testGateway(provider.url, patient));
  expect((await ask(CHAT, body)).status).toBe(200);
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(295);
});

test('when patience ends the agent gets one final error with the words of the provider, and later calls are not waited for', async () => {
  const provider = await modelProvider((_call, response) =>
    json(response, { error: { message: `slow down, ${KEY}` } }, 429),
  );
  const { ask, door, lines } = await testDoor(testGateway(provider.url, quick));
  const told = await ask(CHAT, body);
  expect(told.status).toBe(400);
  expect(told.headers).toMatchObject({ 'x-should-retry': 'false' });
  expect(told.headers['retry-after']).toBeUndefined();
  expect(wordsIn(told)).toContain('slow down, [redacted]');
  const { length } = provider.calls;
  expect(length).toBeGreaterThan(3);
  expect((await ask(CHAT, body)).status).toBe(400);
  expect(provider.calls).toHaveLength(length + 1);
  const summary = await door.close();
  expect(summary).toMatchObject({ calls: 2, answered: 0, last: { ended: 'error', status: 429 } });
  expect(lines()[0]!.attempts).toBe(length);
});

test('a provider that is not there ends as a final error', async () => {
  const gateway = testGateway('http://127.0.0.1:1', quick);
  const { ask, door } = await testDoor(gateway);
  const told = await ask('/v1/messages', { model: 'claude' });
  expect(told.status).toBe(400);
  expect(JSON.parse(told.text)).toMatchObject({ type: 'error' });
  expect(wordsIn(told)).toContain('ECONNREFUSED');
  expect(await door.close()).toMatchObject({ calls: 1, answered: 0, usage: { inputTokens: 0 } });
});

test.each([400, 401, 403, 404, 422])(
  '%i of the provider goes to the agent at once, as it is',
  async (status) => {
    const text = JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}.`, code: 'c' } });
    const provider = await modelProvider((_call, response) => json(response, text, status));
    const { ask, door, exchangesDir } = await testDoor(testGateway(provider.url, quick));
    const told = await ask(CHAT, body);
    expect(told).toMatchObject({ status, text: text.replace(KEY, '[redacted]') });
    expect(told.headers['x-should-retry']).toBe('false');
    expect(provider.calls).toHaveLength(1);
    const summary = await door.close();
    expect(summary.last).toMatchObject({
      ended: 'error',
      status,
      message: 'Incorrect API key provided: [redacted].',
    });
    expect(allTextsIn(exchangesDir)).not.toContain(KEY);
  },
);

test('a provider on loopback is reached without the proxy of the host', async () => {
  for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const provider = await modelProvider((_call, response) => json(response, answer));
  const { ask } = await testDoor(testGateway(provider.url, quick));
  expect((await ask(CHAT, body)).status).toBe(200);
  const away = await testDoor(testGateway('http://models.invalid', quick));
  expect(wordsIn(await away.ask(CHAT, body))).toContain('ECONNREFUSED');
});

test('a key with the end of its line is sent without it', async () => {
  const provider = await modelProvider((_call, response) => json(response, answer));
  const { ask } = await testDoor(testGateway(provider.url, { keyOf: () => `${KEY}\n` }));
  expect((await ask(CHAT, body)).status).toBe(200);
  expect(provider.calls[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
});

test('an error that waiting does not mend is told at once', async () => {
  const provider = await modelProvider((_call, response) => json(response, answer));
  const gateway = testGateway(provider.url, { ...patient, keyOf: () => `${KEY}\nx` });
  const { ask, lines, door } = await testDoor(gateway);
  expect((await ask(CHAT, body)).status).toBe(400);
  await door.close();
  expect(lines()[0]).toMatchObject({ attempts: 1, ended: 'error' });
  expect(provider.calls).toEqual([]);
});

test('a call that waits for its turn longer than a call may take is told so', async () => {
  const provider = await modelProvider(() => undefined);
  const gateway = testGateway(provider.url, { times: { wholeCallMs: 200 } });
  const own = meter({ tokens: 1000 });
  own.start(ticketFor({ tokens: 5000, usd: 0 }));
  const { ask, door } = await testDoor(gateway, { meters: [own] });
  const told = await ask(CHAT, body);
  expect(told.status).toBe(400);
  expect(wordsIn(told)).toContain('no answer within 0.2 s');
  expect(provider.calls).toEqual([]);
  expect(await door.close()).toMatchObject({ calls: 0, last: { ended: 'error' } });
});

test('an account without money is not waited for', async () => {
  const provider = await modelProvider((_call, response) =>
    json(response, { error: { message: 'no quota', code: 'insufficient_quota' } }, 429),
  );
  const { ask } = await testDoor(testGateway(provider.url, quick));
  expect((await ask(CHAT, body)).status).toBe(429);
  expect(provider.calls).toHaveLength(1);
});

const part = sse([{ choices: [{ delta: { content: 'half' } }] }]);

test.each([
  ['breaks off', (socket: { destroy(): unknown }) => socket.destroy()],
  ['ends without its end', (_socket: unknown, end: () => void) => end()],
])('a stream that %s is never ended cleanly, nor asked for again', async (_name, finish) => {
  const provider = await modelProvider((_call, response) => {
    response.writeHead(200, STREAM).write(part);
    setTimeout(() => finish(response.socket!, () => response.end()), 30);
  });
  const own = meter({ tokens: 100_000 });
  const { ask, door, lines } = await testDoor(testGateway(provider.url, quick), { meters: [own] });
  const told = await ask(CHAT, { ...body, stream: true });
  expect(told).toMatchObject({ status: 200, text: part, cut: true });
  expect(provider.calls).toHaveLength(1);
  const summary = await door.close();
  expect(summary).toMatchObject({ calls: 1, answered: 0, last: { ended: 'cut' }, unmetered: { calls: 1 } });
  expect(lines()[0]).toMatchObject({ ended: 'cut', usage: null });
  expect(own.spent.tokens).toBe(lines()[0]!.requestBytes + 4);
});

test('what was told before a stream was cut is counted, and what was written charged', async () => {
  const text = sse([
    { type: 'message_start', message: { usage: { input_tokens: 50, output_tokens: 1 } } },
    { type: 'content_block_delta', delta: { type: 'text_delta', text: 'four' } },
  ]);
  const provider = await modelProvider((_call, response) => response.writeHead(200, STREAM).end(text));
  const own = meter({ tokens: 1000 });
  const { ask, door } = await testDoor(testGateway(provider.url), { meters: [own] });
  expect((await ask('/v1/messages', { model: 'claude', stream: true })).cut).toBe(true);
  const summary = await door.close();
  expect(summary.usage).toMatchObject({ inputTokens: 50, outputTokens: 1 });
  expect(summary.unmetered).toMatchObject({ calls: 1, tokens: 3 });
  expect(own.spent.tokens).toBe(54);
});

test('an error in the middle of a stream reaches the agent, and is no answer', async () => {
  const text = sse([
    { type: 'message_start', message: { usage: { input_tokens: 50, output_tokens: 1 } } },
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  ]);
  const provider = await modelProvider((_call, response) => response.writeHead(200, STREAM).end(text));
  const { ask, door } = await testDoor(testGateway(provider.url));
  expect(await ask('/v1/messages', { model: 'claude', stream: true })).toMatchObject({ text, cut: false });
  expect((await door.close()).last).toEqual({ ended: 'error', status: 200, message: 'Overloaded' });
});

test('an answer in one piece that breaks off is asked for again', async () => {
  const provider = await modelProvider((_call, response, number) => {
    if (number > 1) {
      json(response, answer);
      return;
    }
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      .write('{"choices"');
    setTimeout(() => response.socket!.destroy(), 20);
  });
  const { ask, lines, door } = await testDoor(testGateway(provider.url, patient));
  expect((await ask(CHAT, body)).text).toBe(JSON.stringify(answer));
  await door.close();
  expect(lines()[0]!.attempts).toBe(2);
});

test('what a provider sends that is not JSON goes through, and is marked', async () => {
  const provider = await modelProvider((_call, response) => json(response, '{"choices": [oops'));
  const { ask, door } = await testDoor(testGateway(provider.url));
  expect(await ask(CHAT, body)).toMatchObject({ status: 200, text: '{"choices": [oops' });
  expect(await door.close()).toMatchObject({
    answered: 0,
    last: { ended: 'error', message: 'the provider sent what is not JSON' },
  });
});

test.each([
  ['the first byte', { firstByteMs: 100 }, false],
  ['the next byte', { betweenBytesMs: 100 }, true],
  ['the end', { wholeCallMs: 150 }, true],
])('a provider that keeps one waiting for %s is given up', async (_name, times, begins) => {
  const provider = await modelProvider((_call, response) => {
    if (begins) response.writeHead(200, STREAM).write(part);
  });
  const gateway = testGateway(provider.url, { times: { totalMs: 50, firstPauseMs: 60, ...times } });
  const { ask, door } = await testDoor(gateway);
  const told = await ask(CHAT, { ...body, stream: true });
  if (begins) expect(told).toMatchObject({ status: 200, cut: true });
  else expect(told.status).toBe(400);
  const { last } = await door.close();
  expect(last!.ended).toBe(begins ? 'cut' : 'error');
  expect(provider.calls).toHaveLength(1);
});

/** Asks and hangs up when the first byte is there, or when `when` comes. */
function hangUp(socketPath: string, token: string, stream: boolean, when?: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(
      { socketPath, path: CHAT, method: 'POST', headers: { 'x-api-key': token } },
      (response) => {
        response.on('error', () => undefined);
        response.once('data', () => response.destroy());
        response.on('close', () => resolve());
      },
    );
    sent.on('error', () => resolve());
    sent.end(JSON.stringify({ ...body, stream }));
    if (when === undefined) return;
    const look = setInterval(() => {
      if (!when()) return;
      clearInterval(look);
      sent.destroy();
    }, 5);
    onTestFinished(() => clearInterval(look));
  });
}

test('an agent that hangs up in the middle ends the call at the provider too', async () => {
  const provider = await modelProvider((_call, response) => void response.writeHead(200, STREAM).write(part));
  const { door, socket, lines } = await testDoor(testGateway(provider.url));
  await hangUp(socket, door.token, true);
  await expect.poll(() => provider.aborted.length).toBe(1);
  await expect.poll(() => door.summary().calls).toBe(1);
  expect((await door.close()).last).toMatchObject({ ended: 'hung-up' });
  expect(lines()[0]).toMatchObject({ ended: 'hung-up', usage: null });
});

test('an agent that hangs up while the gateway waits for the provider ends the waiting', async () => {
  const provider = await modelProvider((_call, response) => json(response, {}, 429, { 'retry-after': '60' }));
  const { door, socket } = await testDoor(testGateway(provider.url));
  await hangUp(socket, door.token, false, () => provider.calls.length === 1);
  await expect.poll(() => door.summary().calls).toBe(1);
  expect(await door.close()).toMatchObject({ last: { ended: 'hung-up', status: 499 }, answered: 0 });
});

test('a door that closes ends what is in flight, and answers nothing any more', async () => {
  const provider = await modelProvider((_call, response) => json(response, {}, 503, { 'retry-after': '60' }));
  const { ask, door } = await testDoor(testGateway(provider.url));
  const asked = ask(CHAT, body).catch(() => 'no answer');
  await expect.poll(() => provider.calls.length).toBe(1);
  const began = performance.now();
  const summary = await door.close();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(await asked).toBe('no answer');
  expect(summary).toMatchObject({ calls: 1, answered: 0 });
  await expect(ask(CHAT, body)).rejects.toThrow();
  expect(await door.close()).toEqual(summary);
});

test.each([
  [{ 'retry-after': '7' }, '', 7000],
  [{ 'retry-after': 'Sun, 29 Nov 2026 00:00:10 GMT' }, '', 10_000],
  [{ 'retry-after': 'Sun, 29 Nov 2020 00:00:10 GMT' }, '', 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, '', 1500],
  [{}, '{"error":{"details":[{"retryDelay": "3.5s"}]}}', 3500],
  [{ 'retry-after': 'soon' }, '', undefined],
  [{}, '', undefined],
])('what %o asks for', (headers, text, pause) => {
  expect(askedPauseMs(headers, text, Date.parse('2026-11-29T00:00:00Z'))).toBe(pause);
});

test('own pauses double up to the longest, within patience', () => {
  const patience = { totalMs: 10_000, firstPauseMs: 100, longestPauseMs: 1000 };
  expect([1, 2, 3, 4, 5, 9].map((failures) => pauseMs(patience, failures, 0, undefined, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect(pauseMs(patience, 1, 0, undefined, 0)).toBe(50);
  expect(pauseMs(patience, 1, 9950, undefined, 1)).toBeUndefined();
  expect(pauseMs(patience, 1, 0, 10_001, 1)).toBeUndefined();
  expect([408, 409, 425, 429, 500, 502, 529].filter((status) => !isPassing(status, {}, ''))).toEqual([]);
  expect([400, 401, 403, 404, 413, 422, 501].filter((status) => isPassing(status, {}, ''))).toEqual([]);
  expect(isPassing(500, { 'x-should-retry': 'false' }, '')).toBe(false);
});

test.each([
  ['model-provider-unknown', { models: { a: { provider: 'nobody', model: 'b' } } }],
  ['provider-key-missing', { keyOf: () => undefined }],
  ['provider-address-invalid', { providers: providersAt('ftp://x') }],
  ['record-with-replay', { record: 'a', replay: 'b' }],
])('a gateway that cannot work is not opened: %s', (reason, wrong) => {
  const options = {
    providers: providersAt('http://x'),
    prices: [],
    models: MODELS,
    keyOf: () => KEY,
    record: null,
    replay: null,
    day: '2026-11-29',
  };
  expect(openGateway({ ...options, ...wrong })).toMatchObject({
    ok: false,
    failure: { class: 'config', reason },
  });
});

test.each([
  ['a socket that cannot be made', { socket: `/tmp/${'x'.repeat(120)}` }, 'gateway-socket-unusable'],
  ["an address that is not this machine's", { host: '192.0.2.77' }, 'gateway-address-unusable'],
])('%s is a failure of the world', async (_, at, reason) => {
  const gateway = testGateway('http://127.0.0.1:1');
  const { exchangesDir } = await testDoor(gateway);
  expect(await gateway.open({ name: 'x', at, exchangesDir, meters: [] })).toMatchObject({
    ok: false,
    failure: { class: 'infra', reason },
  });
});

test('a door at an address listens there alone, counts who comes, and asks for its token', async () => {
  const { door } = await testDoor(testGateway('http://127.0.0.1:1'), { at: { host: '127.0.0.2' } });
  const ask = (host: string, token: string): Promise<number> =>
    fetch(`http://${host}:${door.port}/v1/models`, { headers: { authorization: `Bearer ${token}` } }).then(
      ({ status }) => status,
    );
  expect([await ask('127.0.0.2', door.token), await ask('127.0.0.2', 'sk-mig-other')]).toEqual([200, 401]);
  await expect(ask('127.0.0.1', door.token)).rejects.toThrow();
  expect(door.connections()).toBeGreaterThan(0);
  await door.close();
  await expect(ask('127.0.0.2', door.token)).rejects.toThrow();
});
