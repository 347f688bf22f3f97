import { expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { admit, OwnMeter, ticketFor, type Spent } from '../../src/gateway/meter.ts';
import { meter, MODELS, PRICES, testDoor, testGateway, wordsIn } from '../rigs/model-door.ts';
import { json, modelProvider, sse, STREAM, type ModelProvider } from '../rigs/model-provider.ts';

const usage = { prompt_tokens: 1000, completion_tokens: 100 };
/** By the table: 1000 x 2 + 100 x 10, a millionth of it. */
const USD = 0.003;
const priced = (url: string): Gateway =>
  testGateway(url, {
    prices: ['own', 'claude', 'gemini', 'free'].map((provider) => ({ ...PRICES[0]!, provider, model: '*' })),
  });
const CHAT = '/v1/chat/completions';
const body = { model: 'asked', max_tokens: 100 };
const answer = { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }], usage };

/** Answers when told to; tells how many calls it holds at once. */
async function heldProvider(): Promise<ModelProvider & { most: () => number; release: () => void }> {
  const held: (() => void)[] = [];
  let most = 0;
  let free = false;
  const provider = await modelProvider((_call, response) => {
    const send = (): void => json(response, answer);
    if (free) {
      send();
      return;
    }
    held.push(send);
    most = Math.max(most, held.length);
  });
  const release = (): void => {
    free = true;
    for (const send of held.splice(0)) send();
  };
  return { ...provider, most: () => most, release };
}

const instant = (): Promise<ModelProvider> => modelProvider((_call, response) => json(response, answer));

test.each([
  ['calls', { calls: 2 }, 2],
  ['tokens', { tokens: 2000 }, 2],
  ['usd', { usd: 2.5 * USD }, 3],
] as const)(
  'a ceiling of %s stops with one final error that no client repeats',
  async (kind, limits, made) => {
    const provider = await instant();
    const spent: Spent[] = [];
    const start = { meters: [meter(limits)], onBudget: (one: Spent) => spent.push(one) };
    const { ask, door } = await testDoor(priced(provider.url), start);
    for (let n = 0; n < made; n++) expect((await ask(CHAT, body)).status).toBe(200);
    expect(spent).toEqual([]);
    const stopped = await ask(CHAT, body);
    expect(stopped.status).toBe(400);
    expect(stopped.headers['x-should-retry']).toBe('false');
    expect(JSON.parse(stopped.text)).toMatchObject({ error: { code: 'budget_spent' } });
    expect(wordsIn(stopped)).toContain('the budget of this attempt');
    expect((await ask(CHAT, body)).status).toBe(400);
    expect(spent).toHaveLength(1);
    expect(provider.calls).toHaveLength(made);
    const summary = await door.close();
    expect(summary).toMatchObject({ calls: made, refused: { 'budget-spent': 2 } });
    expect(summary.budget).toMatchObject({ scope: 'attempt', kind });
    expect(summary.usd).toBeCloseTo(made * USD, 12);
  },
);

test.each([
  ['/v1/messages', { model: 'claude' }, { type: 'error', error: { type: 'invalid_request_error' } }],
  ['/v1beta/models/gem:generateContent', {}, { error: { code: 400, status: 'INVALID_ARGUMENT' } }],
])('a spent budget is told in the form of %s', async (target, asked, told) => {
  const provider = await instant();
  const { ask } = await testDoor(priced(provider.url), { meters: [meter({ calls: 0 })] });
  expect(JSON.parse((await ask(target, asked)).text)).toMatchObject(told);
  expect(provider.calls).toEqual([]);
});

test('a budget that is passed in the middle of a stream lets the stream end, and nothing after it', async () => {
  const text = sse([
    { choices: [{ delta: { content: 'x' }, finish_reason: 'stop' }] },
    { choices: [], usage },
    '[DONE]',
  ]);
  const provider = await modelProvider((_call, response) => response.writeHead(200, STREAM).end(text));
  const own = meter({ usd: USD / 2 });
  const { ask, door } = await testDoor(priced(provider.url), { meters: [own] });
  const asked = { ...body, stream: true, stream_options: { include_usage: true } };
  expect(await ask(CHAT, asked)).toMatchObject({ status: 200, text, cut: false });
  expect((await ask(CHAT, asked)).status).toBe(400);
  expect(own.spent).toMatchObject({ calls: 1, tokens: 1100 });
  expect(await door.close()).toMatchObject({ calls: 1, budget: { kind: 'usd', limit: USD / 2 } });
});

test('parallel calls of one start: at most one runs over the ceiling', async () => {
  const provider = await heldProvider();
  // the estimate of a call is far above its count, so each could pass the ceiling and goes alone
  const own = meter({ usd: 2.5 * USD });
  const { ask } = await testDoor(priced(provider.url), { meters: [own] });
  const big = { ...body, max_tokens: 10_000 };
  const asked = Array.from({ length: 8 }, () => ask(CHAT, big));
  await expect.poll(() => provider.calls.length).toBe(1);
  provider.release();
  const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 200, 400, 400, 400, 400, 400]);
  expect(provider.most()).toBe(1);
  expect(own.spent.usd).toBeCloseTo(3 * USD, 12);
});

test('parallel calls that fit below the ceiling together are made together', async () => {
  const provider = await heldProvider();
  const { ask } = await testDoor(priced(provider.url), {
    meters: [meter({ usd: 1, tokens: 1e6, calls: 8 })],
  });
  const asked = Array.from({ length: 8 }, () => ask(CHAT, body));
  await expect.poll(() => provider.most()).toBe(8);
  provider.release();
  expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true);
});

test('two doors that share the meter of a run: together at most one call over', async () => {
  const provider = await heldProvider();
  const run = meter({ tokens: 2500 }, 'run');
  const gateway = priced(provider.url);
  const attempts = [meter({}), meter({})];
  const doors = [
    await testDoor(gateway, { name: 'a', meters: [attempts[0]!, run] }),
    await testDoor(gateway, { name: 'b', meters: [attempts[1]!, run] }),
  ];
  const asked = Array.from({ length: 10 }, (_, n) => doors[n % 2]!.ask(CHAT, { ...body, max_tokens: 5000 }));
  await expect.poll(() => provider.calls.length).toBe(1);
  provider.release();
  const told = await Promise.all(asked);
  expect(told.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(run.spent).toMatchObject({ calls: 3, tokens: 3300 });
  expect(attempts[0]!.spent.calls + attempts[1]!.spent.calls).toBe(3);
  const [first, second] = [await doors[0]!.door.close(), await doors[1]!.door.close()];
  expect(first.calls + second.calls).toBe(3);
  expect([first.budget?.scope, second.budget?.scope]).toEqual(['run', 'run']);
});

test('an answer without a count is marked, and budgets are charged a token a byte', async () => {
  const provider = await modelProvider((_call, response) =>
    json(response, { choices: [{ message: { content: 'four' }, finish_reason: 'stop' }] }),
  );
  const own = meter({ tokens: 1000 });
  const { ask, door, lines } = await testDoor(priced(provider.url), { meters: [own] });
  const text = JSON.stringify(body);
  await ask(CHAT, text);
  const tokens = text.length + 4;
  expect(own.spent.tokens).toBe(tokens);
  const summary = await door.close();
  expect(summary).toMatchObject({
    calls: 1,
    answered: 1,
    usd: 0,
    unmetered: { calls: 1, tokens, usd: expect.closeTo((text.length * 2.5 + 4 * 10) / 1e6, 12) as number },
  });
  expect(summary.usage.inputTokens).toBe(0);
  expect(lines()[0]).toMatchObject({ usage: null, usd: null, estimate: { tokens } });
});

test('a ceiling of money and a model without a price do not go together', async () => {
  const provider = await instant();
  const models = { ...MODELS, other: { provider: 'own', model: 'unknown' } };
  const gateway = testGateway(provider.url, {
    models: { asked: models.asked, other: models.other },
    prices: PRICES,
  });
  const at = { socket: '/nowhere/s' };
  const start = { name: 'x', at, exchangesDir: '/nowhere', meters: [meter({ usd: 1 })] };
  expect(await gateway.open(start)).toMatchObject({
    ok: false,
    failure: {
      class: 'config',
      reason: 'price-missing',
      model: 'unknown',
      provider: 'own',
      file: 'config/prices.yaml',
    },
  });
});

test('a call that waits for its turn gives it up when its agent hangs up', async () => {
  const own = new OwnMeter('run', { usd: null, tokens: 10, calls: null });
  const upper = { tokens: 100, usd: 0 };
  const [first, second, third] = [ticketFor(upper), ticketFor(upper), ticketFor(upper)];
  const never = new AbortController();
  const hangsUp = new AbortController();
  expect(await admit([own], first, never.signal)).toBe('started');
  const waiting = [admit([own], second, hangsUp.signal), admit([own], third, never.signal)];
  hangsUp.abort();
  expect(await waiting[0]).toBe('gone');
  own.settle(first, { tokens: 3, usd: 0 });
  expect(await waiting[1]).toBe('started');
});

test('a call that waits in one scope does not hold up others in a scope that has room', async () => {
  const narrow = new OwnMeter('attempt', { usd: null, tokens: 10, calls: null });
  const wide = new OwnMeter('run', { usd: null, tokens: 10_000, calls: null });
  const upper = { tokens: 100, usd: 0 };
  const { signal } = new AbortController();
  const first = ticketFor(upper);
  expect(await admit([narrow, wide], first, signal)).toBe('started');
  const held = admit([narrow, wide], ticketFor(upper), signal);
  expect(await admit([wide], ticketFor(upper), signal)).toBe('started');
  narrow.settle(first, { tokens: 10, usd: 0 });
  wide.settle(first, { tokens: 10, usd: 0 });
  expect(await held).toEqual({ scope: 'attempt', kind: 'tokens', limit: 10 });
});

test('a large call that waits is not passed over for ever by small ones', async () => {
  const own = new OwnMeter('run', { usd: null, tokens: 1000, calls: null });
  const { signal } = new AbortController();
  const [first, large, small] = [600, 900, 100].map((tokens) => ticketFor({ tokens, usd: 0 }));
  const order: string[] = [];
  await admit([own], first!, signal);
  const started = [
    admit([own], large!, signal).then(() => order.push('large')),
    admit([own], small!, signal).then(() => order.push('small')),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  own.settle(first!, { tokens: 1, usd: 0 });
  await started[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['large']);
  own.settle(large!, { tokens: 1, usd: 0 });
  await started[1];
  expect(own.spent).toEqual({ calls: 3, tokens: 2, usd: 0 });
});
