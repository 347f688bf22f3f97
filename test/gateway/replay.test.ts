import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { steadyText } from '../../src/gateway/request-form.ts';
import { redactorOf } from '../../src/gateway/redaction.ts';
import { allTextsIn, askAt, KEY, testDoor, testGateway, wordsIn, type TestDoor } from '../rigs/model-door.ts';
import { inPieces, json, modelProvider, sse, type Answer } from '../rigs/model-provider.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const CHAT = '/v1/chat/completions';
const usage = { prompt_tokens: 10, completion_tokens: 3 };
const streamed = sse([
  { choices: [{ delta: { content: 'Grüße 🐍' }, finish_reason: 'stop' }] },
  { choices: [], usage },
  '[DONE]',
]);
const NOWHERE = 'http://127.0.0.1:1';
const asking = (words: string, further = {}): object => ({
  model: 'asked',
  messages: [
    { role: 'system', content: 'You migrate code.' },
    { role: 'user', content: words },
  ],
  ...further,
});

async function recorded(
  answer: Answer,
  talk: (door: TestDoor) => Promise<unknown>,
  name = 'start',
): Promise<string> {
  const provider = await modelProvider(answer);
  const folder = scratchFolder();
  const made = await testDoor(testGateway(provider.url, { record: folder }), { name });
  await talk(made);
  await made.door.close();
  expect(made.door.problem()).toBeNull();
  return folder;
}

/** A door to a recording: no provider, no key. */
const replaying = (replay: string, name = 'start'): Promise<TestDoor> =>
  testDoor(testGateway(NOWHERE, { replay, keyOf: () => undefined }), { name });

const numbered: Answer = (_call, response, number) =>
  json(response, { choices: [{ message: { content: `answer ${number}` }, finish_reason: 'stop' }], usage });

test('a recorded stream is replayed byte for byte, with the same account', async () => {
  const body = asking('x', { stream: true });
  const given: string[] = [];
  let first: unknown;
  const folder = await recorded(
    (_call, response) => inPieces(response, streamed, 3),
    async ({ ask, door }) => {
      given.push((await ask(CHAT, body)).text);
      first = { ...(await door.close()), seconds: 0 };
    },
  );
  const { ask, door } = await replaying(folder);
  const told = await ask(CHAT, body);
  expect(told).toMatchObject({ status: 200, text: given[0], cut: false });
  expect(told.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect({ ...(await door.close()), seconds: 0 }).toEqual(first);
  expect(given[0]).toContain('Grüße 🐍');
});

test('equal requests are answered in recorded order', async () => {
  const body = asking('x');
  const folder = await recorded(numbered, async ({ ask }) => {
    for (let n = 0; n < 3; n++) await ask(CHAT, body);
  });
  const { ask } = await replaying(folder);
  const words: string[] = [];
  for (let n = 0; n < 3; n++) words.push((await ask(CHAT, body)).text);
  expect(words.map((text) => /answer \d/.exec(text)![0])).toEqual(['answer 1', 'answer 2', 'answer 3']);
});

test('what differs from run to run does not matter, what is asked does', async () => {
  const run = (id: string, time: string, seconds: string, pid: number, temporary: string): object =>
    asking(
      `Today is ${time}. pytest ran in ${seconds}s, pid ${pid}, in /tmp/${temporary}/app.py; log ${id}`,
      {
        prompt_cache_key: id,
        metadata: { user_id: id },
        tools: [{ b: 1, a: 2 }],
      },
    );
  const one = run(
    '0f8fad5b-d9cb-469f-a165-70867728950e',
    '2026-11-29T05:00:00Z',
    '0.12',
    4711,
    'tmpab12cd34',
  );
  const other = run(
    '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    '2026-11-30 17:20:59',
    '12.3',
    9,
    'pytest-of-root',
  );
  const folder = await recorded(numbered, ({ ask }) => ask(CHAT, one));
  const { ask, door } = await replaying(folder);
  const sorted = JSON.stringify(other).replace('{"b":1,"a":2}', '{"a":2,"b":1}');
  expect((await ask(CHAT, sorted, { 'x-session': 'other' })).status).toBe(200);
  const unlike = await ask(CHAT, JSON.stringify(other).replace('app.py', 'api.py'));
  expect(unlike.status).toBe(400);
  expect(await door.close()).toMatchObject({
    calls: 1,
    unseen: 1,
    refused: {},
    last: { ended: 'refused-by-gateway' },
  });
});

test('a request that was not recorded ends with the nearest one and where it differs', async () => {
  const folder = await recorded(numbered, async ({ ask }) => {
    await ask(CHAT, { model: 'asked', messages: [{ role: 'user', content: 'quite another thing' }] });
    await ask(CHAT, asking(`${'long '.repeat(100)}import toml`));
  });
  const { ask } = await replaying(folder);
  const told = await ask(CHAT, asking(`${'long '.repeat(100)}import tomli`));
  expect(told.headers['x-should-retry']).toBe('false');
  const words = wordsIn(told);
  expect(words).toContain('The nearest is number 2: at messages[1].content it has ');
  expect(words).toMatch(/long import toml",.*long import tomli"/s);
  expect(words.length).toBeLessThan(600);
});

test('errors and cut streams are replayed as what they were', async () => {
  const half = sse([{ choices: [{ delta: { content: 'half' } }] }]);
  const folder = await recorded(
    async ({ body }, response) => {
      if (body.includes('wrong')) json(response, { error: { message: 'context too long' } }, 400);
      else if (body.includes('busy'))
        json(response, { error: { message: 'never' } }, 429, { 'retry-after': '999' });
      else await inPieces(response, half, 9);
    },
    async ({ ask }) => {
      await ask(CHAT, asking('wrong'));
      await ask(CHAT, asking('busy'));
      await ask(CHAT, asking('cut', { stream: true }));
    },
  );
  const { ask, door, lines } = await replaying(folder);
  expect(wordsIn(await ask(CHAT, asking('wrong')))).toBe('context too long');
  expect(wordsIn(await ask(CHAT, asking('busy')))).toContain('never');
  expect(await ask(CHAT, asking('cut', { stream: true }))).toMatchObject({ text: half, cut: true });
  await door.close();
  expect(lines().map(({ ended }) => ended)).toEqual(['error', 'error', 'cut']);
});

test('starts at once keep apart, and a start without a recording of its own looks in all', async () => {
  const provider = await modelProvider(numbered);
  const folder = scratchFolder();
  const gateway = testGateway(provider.url, { record: folder });
  const doors = await Promise.all(['a', 'b'].map((name) => testDoor(gateway, { name })));
  await Promise.all(doors.map(({ ask }, n) => ask(CHAT, asking(`start ${n}`))));
  await Promise.all(doors.map(({ door }) => door.close()));
  expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  const b = await replaying(folder, 'b');
  expect((await b.ask(CHAT, asking('start 1'))).status).toBe(200);
  expect((await b.ask(CHAT, asking('start 0'))).status).toBe(400);
  const c = await replaying(folder, 'c');
  expect((await c.ask(CHAT, asking('start 0'))).status).toBe(200);
  expect((await c.ask(CHAT, asking('start 1'))).status).toBe(200);
});

test('a start that is recorded again keeps what was there aside; an index is not needed', async () => {
  const provider = await modelProvider(numbered);
  const folder = scratchFolder();
  const gateway = testGateway(provider.url, { record: folder });
  for (const words of ['first', 'second']) {
    const { ask, door } = await testDoor(gateway);
    await ask(CHAT, asking(words));
    await door.close();
  }
  expect(readdirSync(folder).sort()).toEqual(['start', 'start.1']);
  rmSync(path.join(folder, 'start', 'index.jsonl'));
  const { ask } = await replaying(folder);
  expect((await ask(CHAT, asking('second'))).status).toBe(200);
  expect((await ask(CHAT, asking('first'))).status).toBe(400);
});

test('a recording that is not there or is broken is said before anything starts', async () => {
  const folder = scratchFolder();
  const at = { socket: path.join(folder, 's') };
  const start = { name: 'x', at, exchangesDir: folder, meters: [] };
  const reason = { ok: false, failure: { class: 'config', reason: 'replay-missing' } };
  expect(await testGateway(NOWHERE, { replay: path.join(folder, 'none') }).open(start)).toMatchObject(reason);
  const broken = await recorded(numbered, ({ ask }) => ask(CHAT, asking('x')));
  rmSync(path.join(broken, 'start', 'index.jsonl'));
  writeFileSync(path.join(broken, 'start', '0001.json'), '{"schema":2}');
  const opened = await testGateway(NOWHERE, { replay: broken }).open({ ...start, name: 'start' });
  expect(opened).toMatchObject(reason);
  expect(JSON.stringify(opened)).toContain('0001.json');
});

test('the key is found nowhere: ledger, recording, what the agent sees, in no coding', async () => {
  const coded = [
    KEY,
    Buffer.from(KEY).toString('base64'),
    Buffer.from(`u:${KEY}`).toString('base64'),
    encodeURIComponent(KEY),
  ];
  const provider = await modelProvider(async ({ body, headers }, response) => {
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    if (body.includes('"stream":true'))
      await inPieces(response, sse([{ echo: KEY }, ...coded, '[DONE]']), 11);
    else if (body.includes('fail'))
      json(response, { error: { message: `key ${KEY} of ${coded[2]!}` } }, 400, { 'x-echo': KEY });
    else json(response, { choices: [], said: coded });
  });
  const folder = scratchFolder();
  const { ask, door, exchangesDir } = await testDoor(testGateway(provider.url, { record: folder }));
  const token = door.token;
  const told = [
    await ask(CHAT, asking('whole')),
    await ask(CHAT, asking('fail')),
    await ask(CHAT, asking('x', { stream: true })),
    // what an agent's shell printed: keys of a careless host, and its own token
    await ask(CHAT, asking(`env: ${coded.join(' ')} ${token}`)),
    await askAt(`${path.dirname(exchangesDir)}/s`, `${CHAT}?key=${token}`, asking('in the query'), {}),
  ];
  expect(told.map(({ status }) => status)).toEqual([200, 400, 200, 200, 200]);
  expect(told[2]!.text).toContain('{"echo":"[redacted]"}');
  await door.close();
  const kept = `${allTextsIn(exchangesDir)}${allTextsIn(folder)}`;
  expect(kept).toContain('env: [redacted]');
  for (const secret of [KEY, token, coded[1]!, Buffer.from(`u:${KEY}`).toString('base64').slice(4, -4)]) {
    expect(kept).not.toContain(secret);
  }
  for (const { text, headers } of told) expect(text + JSON.stringify(headers)).not.toContain(KEY);
});

test('a redacted body is replayed whatever the token is', async () => {
  const folder = await recorded(numbered, ({ ask, door }) => ask(CHAT, asking(`KEY=${door.token}`)));
  const { ask, door } = await replaying(folder);
  expect((await ask(CHAT, asking(`KEY=${door.token}`))).status).toBe(200);
});

test('a secret that is cut by the pieces of a stream is taken out, and other bytes stay', () => {
  const text = `a ${KEY} sk-nonce-other sk-n`;
  for (let size = 1; size < text.length; size++) {
    const stream = redactorOf([KEY]).stream();
    const out: Buffer[] = [];
    for (let at = 0; at < text.length; at += size)
      out.push(stream.push(Buffer.from(text.slice(at, at + size))));
    out.push(stream.end());
    expect(Buffer.concat(out).toString()).toBe('a [redacted] sk-nonce-other sk-n');
  }
});

test.each([
  ['call_Ab12Cd34Ef toolu_01A09q90qw90lq917835lq9', '<id> <id>'],
  ['commit 3f2a1bc of 9fceb02d0ae598e95dc970b74767f19372d61af8', 'commit <hex> of <hex>'],
  ['Sun Nov 29 2026 at 5:07 PM, 1764392822', '<time> at <time>, <time>'],
  ['http://127.0.0.1:45321/v1 and localhost:80', 'http://127.0.0.1:<n>/v1 and localhost:<n>'],
  ['2 passed in 0.03s', '2 passed in <duration>'],
  ['import tomli as toml  # version 2.0.1, line 42', 'import tomli as toml  # version 2.0.1, line 42'],
  [
    '/usr/lib/python3.11/site-packages/tomli/_parser.py',
    '/usr/lib/python3.11/site-packages/tomli/_parser.py',
  ],
  ['deadbeef defaced', 'deadbeef defaced'],
  ['Chunk ID: fb0c7e\nWall time: 0.1 seconds', 'Chunk ID: <id>\nWall time: <duration>'],
  ['Process Group PGID: 38', 'Process Group PGID: <n>'],
])('of "%s" remains what is asked', (text, steady) => {
  expect(steadyText(text)).toBe(steady);
});
