import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { asked, FORMS, scripted, send, understood, type Form, type Talk, type Understood } from './asks.ts';

const ROWS = FORMS.flatMap((form) => [true, false].map((stream) => ({ form, stream })));
const TOLD = {
  inputTokens: 900,
  cachedTokens: 300,
  cacheWriteTokens: 100,
  outputTokens: 70,
  reasoningTokens: 20,
};
const USAGE: Readonly<Record<Form, unknown>> = {
  chat: { prompt_tokens: 900, completion_tokens: 70, total_tokens: 970, prompt_tokens_details: { cached_tokens: 300 }, completion_tokens_details: { reasoning_tokens: 20 } },
  responses: { input_tokens: 900, output_tokens: 70, total_tokens: 970, input_tokens_details: { cached_tokens: 300 }, output_tokens_details: { reasoning_tokens: 20 } },
  messages: { input_tokens: 500, cache_creation_input_tokens: 100, cache_read_input_tokens: 300, output_tokens: 70 },
  gemini: { promptTokenCount: 900, cachedContentTokenCount: 300, candidatesTokenCount: 50, thoughtsTokenCount: 20, totalTokenCount: 970 },
}; // prettier-ignore

describe.each(ROWS)('$form, streamed: $stream', ({ form, stream }) => {
  const talk = async (url: string, what: Talk): Promise<Understood> =>
    await understood(form, stream, await send(url, asked(form, stream, what)));

  test('goes through its turns: a command, a finish tool, and says the usage of each', async () => {
    const { url, calls } = await scripted({
      turns: [{ shell: 'printf "naïve 🎉"; '.repeat(9), usage: TOLD }, { finish: 'ready' }],
    });
    const tools = ['Bash', 'finish'];
    const first = await talk(url, { tools });
    expect(first.calls.map(({ name }) => name)).toEqual(['Bash']);
    expect(JSON.parse(first.calls[0]!.arguments)).toEqual({
      command: 'printf "naïve 🎉"; '.repeat(9),
      description: 'done',
    });
    expect(first.usage).toEqual(USAGE[form]);
    const second = await talk(url, { tools, results: ['fine'] });
    expect(second.calls).toMatchObject([{ name: 'finish' }]);
    expect(calls().map(({ turn, answered }) => [turn, answered])).toEqual([
      [0, 'call Bash'],
      [1, 'call finish'],
    ]);
    const silent = form === 'messages' ? { reasoningTokens: 0 } : { cacheWriteTokens: 0 };
    expect(calls()[0]!.usage).toEqual({ ...TOLD, ...silent });
    expect(calls()[1]).toMatchObject({ results: 1, stream, form, status: 200 });
  });

  test('words, nothing at all, and a refusal as the form has it', async () => {
    const text = 'Words, then — 日本. '.repeat(10);
    const { url } = await scripted({ turns: [{ fault: 'refuse' }, { fault: 'empty' }, { text }] });
    const refused = await talk(url, {});
    if (form === 'chat' || form === 'responses') expect(refused.refusal).toBe("I can't help with that.");
    else expect(refused.end).toBe(form === 'messages' ? 'refusal' : 'SAFETY');
    expect(await talk(url, {})).toMatchObject({ text: '', calls: [] });
    expect(await talk(url, { results: ['x'] })).toMatchObject({ text, calls: [] });
  });

  test('errors come as often as the script says, then the turn itself', async () => {
    const { url, calls } = await scripted({
      turns: [
        { fault: 'rate-limited', times: 2, retryAfterSeconds: 7, shell: 'ls' },
        { fault: 'server-error' },
        { fault: 'context-exceeded' },
        { fault: 'unauthorized', times: 'for-ever' },
      ],
    });
    const statuses = [];
    for (let at = 0; at < 7; at++) {
      const response = await send(url, asked(form, stream, {}));
      statuses.push(response.status);
      if (response.status === 429) expect(response.headers.get('retry-after')).toBe('7');
      const body = await response.text();
      if (response.status === 400) expect(body).toContain('context length');
      if (response.status !== 200)
        expect(JSON.parse(body)).toMatchObject({ error: { message: expect.any(String) as string } });
    }
    expect(statuses).toEqual([429, 429, 200, 500, 400, 401, 401]);
    expect(calls().map(({ usage }) => usage !== null)).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('a cut answer and a malformed one are neither whole nor read, and the turn comes after them', async () => {
    const { url, calls } = await scripted({
      turns: [
        { fault: 'cut', shell: 'ls' },
        { fault: 'malformed', shell: 'ls -l' },
      ],
    });
    await expect(talk(url, {})).rejects.toThrow();
    expect((await talk(url, {})).calls[0]!.arguments).toContain('"ls"');
    await expect(talk(url, { results: ['x'] })).rejects.toThrow(SyntaxError);
    expect((await talk(url, { results: ['x'] })).calls[0]!.arguments).toContain('"ls -l"');
    expect(calls().map(({ answered }) => answered)).toEqual([
      'cut call Bash',
      'call Bash',
      'malformed call Bash',
      'call Bash',
    ]);
    expect(calls()[0]!.usage).toBeNull();
  });

  test('arguments that are none, and the same call for ever', async () => {
    const { url } = await scripted({
      turns: [{ fault: 'bad-arguments' }, { fault: 'loop', shell: 'ls', times: 'for-ever' }],
    });
    const { calls } = await talk(url, {});
    const isText = form === 'chat' || form === 'responses' || (form === 'messages' && stream);
    if (isText) expect(() => JSON.parse(calls[0]!.arguments) as unknown).toThrow();
    else expect(JSON.parse(calls[0]!.arguments)).not.toHaveProperty('command');
    for (const results of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      expect((await talk(url, { results })).calls[0]!.arguments).toContain('"ls"');
    }
  });

  test('slow: it takes its time and is whole', async () => {
    const { url } = await scripted({ turns: [{ fault: 'slow', delayMs: 20, text: 'in the end' }] });
    const from = performance.now();
    expect((await talk(url, {})).text).toBe('in the end');
    expect(performance.now() - from).toBeGreaterThan(19);
  });

  test('titles and other calls without tools spend no turn', async () => {
    const { url, calls } = await scripted({
      turns: [{ shell: 'ls' }],
      side: { text: 'A title', usage: { outputTokens: 3 } },
    });
    const words = 'Generate a title for this conversation';
    expect((await talk(url, { words, tools: [] })).text).toBe('A title');
    expect((await talk(url, {})).calls).toHaveLength(1);
    expect(calls().map(({ kind, turn }) => [kind, turn])).toEqual([
      ['side', null],
      ['turn', 0],
    ]);
    expect(calls()[0]!.usage?.outputTokens).toBe(3);
  });

  test('with a key, any other credential is refused and spends no turn', async () => {
    const { url, calls } = await scripted({ turns: [{ shell: 'ls' }] }, { key: 'right' });
    const headers = {
      chat: 'authorization',
      responses: 'authorization',
      messages: 'x-api-key',
      gemini: 'x-goog-api-key',
    };
    const of = (key: string): Record<string, string> => ({
      [headers[form]]: headers[form] === 'authorization' ? `Bearer ${key}` : key,
    });
    expect((await send(url, asked(form, stream, {}), of('wrong'))).status).toBe(401);
    expect((await send(url, asked(form, stream, {}))).status).toBe(401);
    expect((await send(url, asked(form, stream, {}), of('right'))).status).toBe(200);
    expect(calls().map(({ turn }) => turn)).toEqual([null, null, 0]);
  });
});

test('a call that is never answered is seen, and ends with the server', async () => {
  const model = await scripted({ turns: [{ fault: 'wait' }] });
  const waiting = send(model.url, asked('chat', true, {}));
  await expect.poll(() => model.calls().length).toBe(1);
  expect(model.calls()[0]).toMatchObject({ status: 0, answered: 'nothing' });
  await model.close();
  await expect(waiting).rejects.toThrow();
});

test('behind the end it ends again; a conversation that begins then goes through the script anew', async () => {
  const { url, calls } = await scripted({ turns: [{ shell: 'ls' }, { finish: 'ready' }] });
  const turns = [];
  for (const results of [[], ['a'], ['a', 'b'], [], ['a']]) {
    await send(url, asked('chat', false, { results }));
    turns.push(calls().at(-1)!.turn);
  }
  expect(turns).toEqual([0, 1, null, 0, 1]);
});

test('lists of models, counts, HEAD, and a websocket that is not there', async () => {
  const { url, calls } = await scripted({ turns: [{ text: 'x' }] });
  expect(await (await fetch(`${url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'scripted-1' }] });
  expect(await (await fetch(`${url}/v1/models/any`)).json()).toMatchObject({ id: 'scripted-1' });
  const count = await send(url, { path: '/v1/messages/count_tokens', body: {} });
  expect(await count.json()).toEqual({ input_tokens: 100 });
  const gemini = await send(url, { path: '/v1beta/models/m:countTokens', body: {} });
  expect(await gemini.json()).toEqual({ totalTokens: 100 });
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect((await send(url, { path: '/nowhere', body: {} })).status).toBe(404);
  const status = await new Promise((resolve) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    httpRequest(`${url}/v1/responses`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(426);
  expect(calls().filter(({ turn }) => turn !== null)).toEqual([]);
});
