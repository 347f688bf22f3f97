import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectEngine, type Engine } from '../../src/runtimes/engine.ts';
import { HOST_NAME, hostSide } from '../../src/runtimes/engine-place.ts';
import { openRelay } from '../../src/runtimes/relay.ts';
import { ok } from '../../src/model/result.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';

const DOOR = path.join(import.meta.dirname, '..', '..', 'src', 'runners', 'door');
const program = readFileSync(path.join(DOOR, 'forward.py'), 'utf8');

const engine = async (): Promise<Engine> => {
  const connected = await connectEngine(engineSocket!);
  if (!connected.ok) throw new Error(JSON.stringify(connected.failure));
  return connected.value;
};

async function bridgeOf(of: Engine): Promise<string> {
  const side = await hostSide(of);
  if (!side.ok) throw new Error(side.failure);
  return side.value.listen;
}

/** Networks and containers of relays that this process has at the engine. */
async function left(of: Engine): Promise<string[]> {
  const label = `mig-pipeline.owner-pid=${process.pid}`;
  const found = await Promise.all([of.networks(label), of.containers(label)]);
  return found.flatMap((list) => (list.ok ? list.value.map(({ name }) => name) : ['?']));
}

/** A port at the engine's bridge at which somebody says a word; none where nobody is there any more. */
async function port(host: string, answers: boolean): Promise<number> {
  const server = createServer((client) => client.on('error', () => undefined).end('word'));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
  if (answers) onTestFinished(close);
  else await close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function api<T>(method: string, target: string, body?: object): Promise<T> {
  const socketPath = engineSocket!.slice('unix://'.length);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ socketPath, method, path: target, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('end', () => resolve(JSON.parse(Buffer.concat(pieces).toString()) as T));
    });
    asked.once('error', reject).end(body === undefined ? '' : JSON.stringify(body));
  });
}

/** An engine that does not know how to leave its own machine out of a network. */
function careless(of: Engine): Engine {
  return {
    ...of,
    createNetwork: async (name, labels) => {
      const body = { Name: name, Internal: true, Labels: labels };
      const { Id: id } = await api<{ Id: string }>('POST', '/networks/create', body);
      const { IPAM } = await api<{ IPAM: { Config: { Subnet: string }[] } }>('GET', `/networks/${id}`);
      return ok({ id, subnet: IPAM.Config[0]!.Subnet });
    },
  };
}

describe.skipIf(engineSocket?.startsWith('unix://') !== true)('a relay', () => {
  test.each([
    ['an address', (bridge: string) => bridge],
    ['the name that engines have for the machine around them', () => HOST_NAME],
  ])('leads from its network to one port at %s, and goes with its network', async (_, hostOf) => {
    const of = await engine();
    const bridge = await bridgeOf(of);
    const to = { host: hostOf(bridge), port: await port(bridge, true) };
    const relay = await openRelay(of, BASE_IMAGE, { program, to, labels: { run: 'a-run' } });
    if (!relay.ok) throw new Error(JSON.stringify(relay.failure));
    expect(relay.value.address).toMatch(/^\d+\.\d+\.\d+\.\d+:4100$/);
    const made = await left(of);
    expect(made.filter((name) => name === relay.value.network)).toHaveLength(1);
    expect(made.filter((name) => name.startsWith('mig-pipeline-model-relay-'))).toHaveLength(1);
    await relay.value.close();
    expect(await left(of)).toEqual([]);
  });

  test.each<[string, RegExp, (of: Engine) => Engine, boolean]>([
    ['where nobody answers', /refused/i, (of) => of, false],
    ['where the network holds the machine of the engine', /its own machine the address/, careless, true],
    ['where its image is not', /no such image/i, (of) => of, true],
  ])('does not begin %s, and nothing is left of it', async (_, words, change, answers) => {
    const of = await engine();
    const host = await bridgeOf(of);
    const to = { host, port: await port(host, answers) };
    const image = words.source.includes('image') ? 'mig-pipeline-no-such-image:1' : BASE_IMAGE;
    const opened = await openRelay(change(of), image, { program, to, labels: {} });
    expect(opened).toMatchObject({
      ok: false,
      failure: { class: 'infra', reason: 'engine-failed', detail: expect.stringMatching(words) as string },
    });
    expect(await left(of)).toEqual([]);
  });
});
