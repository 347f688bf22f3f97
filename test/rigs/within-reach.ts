import { createServer } from 'node:net';
import os from 'node:os';
import { onTestFinished } from 'vitest';
import { identity } from '../../src/runtimes/container-spec.ts';
import { connectEngine, type Engine } from '../../src/runtimes/engine.ts';
import { BASE_IMAGE, engineSocket } from './engine.ts';

/** What a sandbox could reach if it were not sealed: every address here is one at which somebody answers. */
export interface WithinReach {
  readonly addresses: Readonly<Record<string, readonly [string, number]>>;
  /** How often anybody came to the port of this machine. */
  touched(): number;
}

/** A port at every address of this machine and, with an engine, one of another container. Gone when the test ends. */
export async function withinReach(container: boolean): Promise<WithinReach> {
  let touched = 0;
  const server = createServer((client) => {
    touched++;
    client.on('error', () => undefined).end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const own = Object.values(os.networkInterfaces())
    .flat()
    .flatMap((one) => (one?.family === 'IPv4' ? [one.address] : []));
  // where engines have their bridge, and the addresses that they give themselves in networks
  const hosts = new Set([...own, ...Array.from({ length: 8 }, (_, n) => `172.${17 + n}.0.1`)]);
  return {
    addresses: {
      ...Object.fromEntries([...hosts].map((host) => [`this machine at ${host}`, [host, port]])),
      ...(container ? { 'another container': [await otherContainer(), 80] } : {}),
      'cloud metadata': ['169.254.169.254', 80],
      'an address outside': ['1.1.1.1', 53],
    },
    touched: () => touched,
  };
}

/** Address of a container on the engine's bridge that serves at port 80. */
async function otherContainer(): Promise<string> {
  const engine = await connected();
  const { name, Labels } = identity('test', {});
  const Cmd = ['python3', '-m', 'http.server', '80'];
  const made = await engine.create({ name, Labels, Image: BASE_IMAGE, Cmd });
  if (!made.ok) throw new Error(JSON.stringify(made.failure));
  onTestFinished(async () => {
    await engine.remove(made.value);
  });
  await engine.start(made.value);
  let text = '';
  const exec = { Cmd: ['hostname', '-i'], Env: [], User: '0:0', WorkingDir: '/' };
  const asked = await engine.exec(made.value, exec, (bytes) => (text += bytes.toString()));
  if (!asked.ok || !/^\d+\.\d+\.\d+\.\d+\s/.test(text)) throw new Error(`no address: ${text}`);
  return text.trim();
}

async function connected(): Promise<Engine> {
  const engine = await connectEngine(engineSocket ?? '');
  if (!engine.ok) throw new Error(JSON.stringify(engine.failure));
  return engine.value;
}

/** Networks and relays that starts of a unit have at the engine. */
export async function relaysOf(unit: string): Promise<string[]> {
  if (engineSocket === null) return [];
  const engine = await connected();
  const label = `mig-pipeline.unit=${unit}`;
  const found = await Promise.all([engine.networks(label), engine.containers(label)]);
  return found.flatMap((list) => {
    if (!list.ok) throw new Error(JSON.stringify(list.failure));
    return list.value.map(({ name }) => name).filter((name) => /-model-(network|relay)-/.test(name));
  });
}
