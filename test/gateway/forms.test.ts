import { expect, test } from 'vitest';
import type { TokenUsage } from '../../src/model/model-calls.ts';
import { testDoor, testGateway, KEY, wordsIn, type Told } from '../rigs/model-door.ts';
import { inPieces, json, modelProvider, sse, STREAM, type Answer } from '../rigs/model-provider.ts';

const USAGE: TokenUsage = {
  inputTokens: 100,
  cachedTokens: 40,
  cacheWriteTokens: 0,
  outputTokens: 20,
  reasoningTokens: 5,
};
const WORDS = 'Grüße, 世界 🐍';
const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  prompt_tokens_details: { cached_tokens: 40 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const responsesUsage = {
  input_tokens: 100,
  output_tokens: 20,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens_details: { reasoning_tokens: 5 },
};
const responsesItems = [
  { type: 'message', content: [{ type: 'output_text', text: WORDS }] },
  { type: 'function_call', call_id: 'call_1', name: 'bash', arguments: '{}' },
];
const claudeUsage = { input_tokens: 50, cache_read_input_tokens: 40, cache_creation_input_tokens: 10 };
const geminiAnswer = {
  candidates: [
    {
      content: { parts: [{ text: WORDS }, { functionCall: { name: 'bash', args: {} } }] },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: {
    promptTokenCount: 100,
    cachedContentTokenCount: 40,
    candidatesTokenCount: 15,
    thoughtsTokenCount: 5,
  },
};

const WHOLE: Record<
  string,
  { target: string; body: object; at: string; answer: object; usage?: TokenUsage }
> = {
  chat: {
    target: '/v1/chat/completions',
    body: { model: 'asked', messages: [] },
    at: '/v1/chat/completions',
    answer: {
      choices: [
        { message: { content: WORDS, tool_calls: [{ id: 'a', function: { name: 'b', arguments: '{}' } }] }, finish_reason: 'tool_calls' },
      ],
      usage: chatUsage,
    },
  }, // prettier-ignore
  responses: {
    target: '/any/base/v1/responses',
    body: { model: 'asked', input: [] },
    at: '/v1/responses',
    answer: { status: 'completed', output: responsesItems, usage: responsesUsage },
  },
  messages: {
    target: '/v1/messages?beta=true',
    body: { model: 'claude', messages: [] },
    at: '/v1/messages?beta=true',
    answer: {
      type: 'message',
      content: [{ type: 'text', text: WORDS }, { type: 'tool_use', id: 't', name: 'b', input: {} }],
      stop_reason: 'tool_use',
      usage: { ...claudeUsage, output_tokens: 20 },
    },
    usage: { ...USAGE, cacheWriteTokens: 10, reasoningTokens: 0 },
  }, // prettier-ignore
  gemini: {
    target: '/v1beta/models/gem:generateContent?key=ignored',
    body: { contents: [] },
    at: '/v1beta/models/gem-real:generateContent',
    answer: geminiAnswer,
  },
};

test.each(Object.entries(WHOLE))('%s in one piece: bytes, key, model, count', async (name, form) => {
  const text = `${JSON.stringify(form.answer, null, 1)}\n`;
  const provider = await modelProvider((_call, response) =>
    json(response, text, 200, { 'x-request-id': 'r1' }),
  );
  const { ask, door, lines } = await testDoor(testGateway(provider.url));
  const told = await ask(form.target, form.body, { 'anthropic-beta': 'b', cookie: 'c=1' });
  expect(told).toMatchObject({ status: 200, text, cut: false });
  expect(told.headers['x-request-id']).toBe('r1');
  const [call] = provider.calls;
  expect(call).toMatchObject({ method: 'POST', url: form.at });
  expect(call!.headers).toMatchObject({ 'anthropic-beta': 'b', 'accept-encoding': 'identity' });
  expect(call!.headers['cookie']).toBeUndefined();
  expect(JSON.stringify(call!.headers)).not.toContain(door.token);
  const { authorization, 'x-api-key': own, 'x-goog-api-key': google } = call!.headers;
  expect([authorization, own, google].filter((value) => value?.includes(KEY))).toHaveLength(1);
  const sent = JSON.parse(call!.body) as { model?: string };
  if (name === 'chat' || name === 'responses') expect(sent.model).toBe('real-1');

  const summary = await door.close();
  const usage = form.usage ?? USAGE;
  expect(summary).toMatchObject({ calls: 1, answered: 1, toolCalls: 1, refusals: 0, empty: 0, usage });
  expect(summary.last).toEqual({ ended: 'answered', status: 200, message: '' });
  if (name === 'chat' || name === 'responses') expect(summary.usd).toBe((60 * 2 + 40 * 0.5 + 20 * 10) / 1e6);
  else expect(summary.usd).toBeNull();
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toMatchObject({ n: 1, streamed: false, usage, attempts: 1, ended: 'answered' });
});

const STREAMS: Record<string, { target: string; body: object; text: string; usage?: TokenUsage }> = {
  chat: {
    target: '/v1/chat/completions',
    body: { model: 'asked', stream: true, stream_options: { include_usage: true } },
    text: sse([
      { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
      { choices: [{ index: 0, delta: { content: WORDS } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'b', arguments: '' } }] } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { choices: [], usage: chatUsage },
      '[DONE]',
    ]),
  }, // prettier-ignore
  responses: {
    target: '/v1/responses',
    body: { model: 'asked', stream: true },
    text: sse(
      [
        { type: 'response.created', response: { usage: null } },
        { type: 'response.output_text.delta', delta: WORDS },
        ...responsesItems.map((item, at) => ({ type: 'response.output_item.done', output_index: at, item })),
        { type: 'response.completed', response: { output: responsesItems, usage: responsesUsage } },
      ],
      true,
    ),
  },
  messages: {
    target: '/v1/messages',
    body: { model: 'claude', stream: true },
    text: sse(
      [
        { type: 'message_start', message: { usage: { ...claudeUsage, output_tokens: 1 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'ping' },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: WORDS } },
        { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'b' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 20 } },
        { type: 'message_stop' },
      ],
      true,
    ),
    usage: { ...USAGE, cacheWriteTokens: 10, reasoningTokens: 0 },
  },
  gemini: {
    target: '/v1beta/models/gem:streamGenerateContent?alt=sse',
    body: { contents: [] },
    text: sse([
      { candidates: [{ content: { parts: [{ text: WORDS }] } }], usageMetadata: { promptTokenCount: 100 } },
      geminiAnswer,
    ]).replaceAll('\n', '\r\n'),
  },
};

const PIECES = Object.entries(STREAMS).flatMap(([name, form]) =>
  [1, 7, 1000].map((size) => [name, size, form] as const),
);

test.each(PIECES)(
  '%s streamed in pieces of %i bytes: every byte, and the count',
  async (_name, size, form) => {
    const provider = await modelProvider((_call, response) => inPieces(response, form.text, size));
    const { ask, door, lines } = await testDoor(testGateway(provider.url));
    const told = await ask(form.target, form.body);
    expect(told).toMatchObject({ status: 200, cut: false });
    expect(told.bytes.equals(Buffer.from(form.text))).toBe(true);
    const summary = await door.close();
    const usage = form.usage ?? USAGE;
    expect(summary).toMatchObject({ calls: 1, answered: 1, toolCalls: 1, empty: 0, usage });
    expect(lines()[0]).toMatchObject({ streamed: true, usage, ended: 'answered', error: null });
  },
);

const CHUNK = { choices: [{ index: 0, delta: { content: WORDS } }] };
const END = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

test('an agent that did not ask for counts does not see them, and they are counted all the same', async () => {
  const seen = sse([CHUNK, END]);
  const provider = await modelProvider((_call, response) =>
    inPieces(response, `${seen}${sse([{ choices: [], usage: chatUsage }])}${sse(['[DONE]'])}`, 5),
  );
  const { ask, door } = await testDoor(testGateway(provider.url));
  const body = '{ "model" : "asked", "text": "\\"model\\": \\\\", "stream": true, "n": 1.0 }';
  const told = await ask('/v1/chat/completions', body);
  expect(told.text).toBe(`${seen}${sse(['[DONE]'])}`);
  expect(provider.calls[0]!.body).toBe(
    '{ "model" : "real-1", "text": "\\"model\\": \\\\", "stream": true, "n": 1.0,"stream_options":{"include_usage":true} }',
  );
  expect((await door.close()).usage).toEqual(USAGE);
});

test('an answer that is compressed though it was not to be arrives in the clear', async () => {
  const { gzipSync } = await import('node:zlib');
  const provider = await modelProvider((_call, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify(WHOLE['chat']!.answer)));
  });
  const { ask, door } = await testDoor(testGateway(provider.url));
  const told = await ask('/v1/chat/completions', { model: 'asked' });
  expect(JSON.parse(told.text)).toEqual(WHOLE['chat']!.answer);
  expect(told.headers['content-encoding']).toBeUndefined();
  expect(door.summary().usage).toEqual(USAGE);
});

const refusing: [string, string, object, unknown][] = [
  ['chat', '/v1/chat/completions', { model: 'asked' }, { choices: [{ message: { refusal: 'no' }, finish_reason: 'stop' }] }],
  ['chat filter', '/v1/chat/completions', { model: 'asked' }, { choices: [{ message: { content: 'x' }, finish_reason: 'content_filter' }] }],
  ['responses', '/v1/responses', { model: 'asked' }, { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }] }],
  ['messages', '/v1/messages', { model: 'claude' }, { type: 'message', content: [], stop_reason: 'refusal' }],
  ['gemini', '/v1beta/models/gem:generateContent', {}, { promptFeedback: { blockReason: 'SAFETY' } }],
]; // prettier-ignore

test.each(refusing)('a refusal is seen: %s', async (_name, target, body, answer) => {
  const provider = await modelProvider((_call, response) => json(response, answer));
  const { ask, door } = await testDoor(testGateway(provider.url));
  await ask(target, body);
  expect(await door.close()).toMatchObject({ refusals: 1, empty: 0, answered: 1 });
});

test('an empty answer is seen', async () => {
  const provider = await modelProvider((_call, response) =>
    json(response, { choices: [{ message: { content: ' ' }, finish_reason: 'stop' }], usage: chatUsage }),
  );
  const { ask, door } = await testDoor(testGateway(provider.url));
  await ask('/v1/chat/completions', { model: 'asked' });
  expect(await door.close()).toMatchObject({ refusals: 0, empty: 1, answered: 1 });
});

test('counting of tokens goes through and costs nothing', async () => {
  const provider = await modelProvider((_call, response) => json(response, { input_tokens: 7 }));
  const { ask, door, lines } = await testDoor(testGateway(provider.url));
  expect((await ask('/v1/messages/count_tokens', { model: 'claude' })).text).toBe('{"input_tokens":7}');
  expect((await ask('/v1beta/models/gem:countTokens', {})).status).toBe(200);
  expect(provider.calls.map(({ url }) => url)).toEqual([
    '/v1/messages/count_tokens',
    '/v1beta/models/gem-real:countTokens',
  ]);
  expect(await door.close()).toMatchObject({ calls: 0, last: null });
  expect(lines()).toHaveLength(2);
});

const nothing: Answer = (_call, response) => json(response, {}, 500);

test('lists, signs of life, websockets and unknown paths are answered by the gateway', async () => {
  const provider = await modelProvider(nothing);
  const { ask, door, socket } = await testDoor(testGateway(provider.url));
  const { askAt } = await import('../rigs/model-door.ts');
  expect((await askAt(socket, '/', null, {}, 'HEAD')).status).toBe(200);
  expect((await askAt(socket, '/', null, {})).status).toBe(200);
  const list = JSON.parse((await ask('/v1/models', null)).text) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toEqual(['asked', 'real-2', 'claude', 'gem', 'free']);
  const gemini = JSON.parse((await ask('/v1beta/models', null, { 'x-goog-api-key': 'x' })).text) as object;
  expect(JSON.stringify(gemini)).toContain('"models/gem"');
  expect((await ask('/v1/models/asked', null)).status).toBe(200);
  expect((await ask('/v1/models/other', null)).status).toBe(404);
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
  expect((await askAt(socket, '/v1/responses', null, upgrade)).status).toBe(426);
  const embeddings: Told = await ask('/v1/embeddings', { model: 'asked' });
  expect(embeddings.status).toBe(404);
  expect(wordsIn(embeddings)).toContain('POST /v1/embeddings');
  expect(await door.close()).toMatchObject({ calls: 0, refused: { 'unknown-path': 2 } });
  expect(provider.calls).toEqual([]);
});

test('what may not be asked is refused with a sentence, and no provider hears of it', async () => {
  const provider = await modelProvider(nothing);
  const { ask, door } = await testDoor(testGateway(provider.url));
  const other = await ask('/v1/messages', { model: 'gpt-expensive' });
  expect(other.status).toBe(400);
  expect(JSON.parse(other.text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  expect(wordsIn(other)).toContain('asked, real-2, claude, gem, free');
  expect(wordsIn(await ask('/v1/messages', { model: 'asked' }))).toContain('form of openai');
  expect(wordsIn(await ask('/v1/chat/completions', '{"model":"asked","model":"real-2"}'))).toContain('twice');
  expect(wordsIn(await ask('/v1/chat/completions', '{"mod'))).toContain('not a JSON object');
  expect(wordsIn(await ask('/v1/chat/completions', {}))).toContain('no model');
  expect((await ask('/v1beta/models/__proto__:generateContent', {})).status).toBe(400);
  const summary = await door.close();
  expect(summary.refused).toEqual({ 'model-not-allowed': 2, 'other-form': 1, 'bad-request': 3 });
  expect(summary).toMatchObject({ calls: 0, last: { ended: 'refused-by-gateway', status: 400 } });
  expect(provider.calls).toEqual([]);
});

test.each([
  ['authorization', (token: string) => ({ authorization: `Bearer ${token}` }), ''],
  ['x-api-key', (token: string) => ({ 'x-api-key': token }), ''],
  ['x-goog-api-key', (token: string) => ({ 'x-goog-api-key': token }), ''],
  ['the query', () => ({}), '?key='],
])('the token is taken from %s, and a wrong one is refused', async (_name, headers, query) => {
  const { askAt } = await import('../rigs/model-door.ts');
  const provider = await modelProvider((_call, response) => json(response, geminiAnswer));
  const { door, socket } = await testDoor(testGateway(provider.url));
  const asked = (token: string): Promise<Told> =>
    askAt(socket, `/v1beta/models/gem:generateContent${query && query + token}`, {}, headers(token));
  expect((await asked(door.token)).status).toBe(200);
  expect((await asked(`${door.token.slice(0, -1)}~`)).status).toBe(401);
  expect((await askAt(socket, '/v1/chat/completions', {}, {})).status).toBe(401);
  expect(door.token).toMatch(/^sk-mig-[A-Za-z0-9]{40}$/);
  expect(provider.calls).toHaveLength(1);
  expect(await door.close()).toMatchObject({ calls: 1, refused: { 'wrong-token': 2 } });
});

test('a body that is too large is refused before it is read', async () => {
  const provider = await modelProvider(nothing);
  const { ask, door } = await testDoor(testGateway(provider.url));
  const told = await ask('/v1/chat/completions', `{"model":"asked","x":"${'x'.repeat(33 << 20)}"}`).catch(
    () => null,
  );
  expect(told === null || told.status === 413).toBe(true);
  expect((await door.close()).refused).toEqual({ 'body-too-large': 1 });
});

test('64 streams at once lose nothing', async () => {
  const part = (n: number): string => sse([{ choices: [{ index: 0, delta: { content: `${n} ${WORDS}` } }] }]);
  const provider = await modelProvider(async ({ body }, response) => {
    response.writeHead(200, STREAM);
    const { id } = JSON.parse(body) as { id: number };
    for (let at = 0; at < 50; at++) {
      response.write(part(id * 1000 + at));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end(sse([END, { choices: [], usage: chatUsage }, '[DONE]']));
  });
  const { ask, door } = await testDoor(testGateway(provider.url));
  const ids = Array.from({ length: 64 }, (_, id) => id);
  const told = await Promise.all(
    ids.map((id) => ask('/v1/chat/completions', { model: 'asked', stream: true, id })),
  );
  for (const id of ids) {
    const whole = Array.from({ length: 50 }, (_, at) => part(id * 1000 + at)).join('') + sse([END, '[DONE]']);
    expect(told[id]!.text === whole).toBe(true);
  }
  const summary = await door.close();
  expect(summary).toMatchObject({ calls: 64, answered: 64 });
  expect(summary.usage.inputTokens).toBe(6400);
});
