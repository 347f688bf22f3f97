// What the model gateway adds to a call, over a direct call to the same server on loopback; streams at once; memory.
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { importSources } from './bundle.mjs';
import { row } from './rows.mjs';
import { breathe, onEnd, scratchFolder } from './scratch.mjs';

/** A provider in a thread of its own: answers at once, whole or in `events` pieces. */
const PROVIDER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const usage = { prompt_tokens: 100, completion_tokens: 20 };
const whole = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(2000) }, finish_reason: 'stop' }], usage });
const event = (value) => 'data: ' + (typeof value === 'string' ? value : JSON.stringify(value)) + '\\n\\n';
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
    const { stream, events = 5 } = JSON.parse(text);
    if (stream !== true) return response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const more = () => {
      if (sent < events) {
        response.write(event({ choices: [{ index: 0, delta: { content: 'word ' + sent++ } }] }));
        setImmediate(more);
      } else {
        response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
        response.end(event({ choices: [], usage }) + event('[DONE]'));
      }
    };
    more();
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** As long as what agents send at first. */
const PROMPT = 'p'.repeat(40_000);
const body = (further) =>
  JSON.stringify({
    model: 'm',
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: PROMPT }],
    ...further,
  });
const CALLS = 10_000;

/** One call: when its first byte and its last came, in milliseconds, and a digest of all. */
function call(where, text) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request({ path: '/v1/chat/completions', method: 'POST', ...where }, (response) => {
      const hash = createHash('sha256');
      let first;
      response.on('data', (piece) => {
        first ??= performance.now() - began;
        hash.update(piece);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        else resolve({ first, whole: performance.now() - began, digest: hash.digest('hex') });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Both ways in turn, so that what else the machine does falls on both. */
async function inTurn({ direct, gateway }, text, of, times) {
  const took = { direct: [], gateway: [] };
  for (let n = -20; n < times; n++) {
    if (n % 50 === 0) await breathe();
    for (const [name, where] of Object.entries({ direct, gateway })) {
      const value = (await call(where, text))[of];
      if (n >= 0) took[name].push(value);
    }
  }
  const told = (name) => ({ cpuMs: null, wallMs: median(took[name]) });
  return { measured: told('gateway'), floor: { is: 'direct, the same server', ...told('direct') } };
}

async function together(where, text, count) {
  const began = performance.now();
  const all = await Promise.all(Array.from({ length: count }, () => call(where, text)));
  return { wallMs: performance.now() - began, digests: new Set(all.map(({ digest }) => digest)) };
}

async function opened() {
  const worker = new Worker(PROVIDER, { eval: true });
  onEnd(() => worker.terminate());
  const port = await new Promise((resolve) => worker.once('message', resolve));
  const { openGateway, OwnMeter } = await importSources('gateway/gateway', 'gateway/meter');
  const made = openGateway({
    providers: [{ name: 'p', form: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, keyVariable: 'KEY' }],
    prices: [{ provider: 'p', model: '*', from: '2000-01-01', input: 1, output: 1 }],
    models: { m: { provider: 'p', model: 'm' } },
    keyOf: () => 'sk-a-key-of-the-usual-length-0123456789',
    record: null,
    replay: null,
    day: '2026-01-01',
  });
  if (!made.ok) throw new Error(made.failure.reason);
  onEnd(() => made.value.close());
  const dir = scratchFolder();
  const socketPath = path.join(dir, 's');
  // as in earnest: three scopes with ceilings that are far away
  const meters = ['attempt', 'run', 'sweep'].map(
    (scope) => new OwnMeter(scope, { usd: 1e6, tokens: 1e12, calls: 1e9 }),
  );
  const door = await made.value.open({
    name: 'bench',
    at: { socket: socketPath },
    exchangesDir: path.join(dir, 'x'),
    meters,
  });
  if (!door.ok) throw new Error(door.failure.reason);
  const agent = () => new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${door.value.token}`, 'content-type': 'application/json' };
  return {
    door: door.value,
    direct: { host: '127.0.0.1', port, headers, agent: agent() },
    gateway: { socketPath, headers, agent: agent() },
  };
}

export async function gateway({ rounds, say }) {
  const ways = await opened();
  say('calls one after another');
  const whole = await inTurn(ways, body({}), 'whole', 300 * rounds);
  const first = await inTurn(ways, body({ stream: true }), 'first', 300 * rounds);

  say('64 streams at once');
  const long = body({ stream: true, events: 200 });
  const direct = await together(ways.direct, long, 64);
  const streams = await together(ways.gateway, long, 64);
  const digests = new Set([...direct.digests, ...streams.digests]);
  if (digests.size !== 1) throw new Error('64 streams: what came through the gateway is not what was sent');

  say(`${CALLS} calls`);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const heap = async () => {
    // what still waits for the disk is no growth
    await new Promise((resolve) => setTimeout(resolve, 1000));
    collect();
    return process.memoryUsage().heapUsed + process.memoryUsage().external;
  };
  const short = JSON.stringify({ model: 'm', messages: [] });
  let settled = 0;
  const began = performance.now();
  for (let made = 0; made < CALLS; made += 20) {
    await breathe();
    if (made === CALLS / 5) settled = await heap();
    await Promise.all(Array.from({ length: 20 }, () => call(ways.gateway, short)));
  }
  const wallMs = performance.now() - began;
  const heapMiB = ((await heap()) - settled) / 2 ** 20;
  const summary = await ways.door.close();
  if (ways.door.problem() !== null) throw new Error(ways.door.problem());
  if (summary.answered !== summary.calls) throw new Error('a call was not answered whole');
  return {
    rows: [
      row('model gateway: a call, median', whole.measured, whole.floor, { overWallMs: 3 }),
      row('model gateway: first streamed byte, median', first.measured, first.floor, { overWallMs: 3 }),
      row('model gateway: 64 streams of 200 events, none lost', { cpuMs: null, wallMs: streams.wallMs }, {
        is: 'direct, the same server', cpuMs: null, wallMs: direct.wallMs,
      }),
      row(`model gateway: ${CALLS} calls, heap after 2000 to end`, { cpuMs: null, wallMs, heapMiB }, null, { heapMiB: 8 }),
    ],
  }; // prettier-ignore
}
