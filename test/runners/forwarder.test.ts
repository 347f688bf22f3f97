import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, connect, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../rigs/scratch.ts';

const DOOR = path.join(import.meta.dirname, '..', '..', 'src', 'runners', 'door');
const PROGRAMS: [string, string[]][] = [
  ['forward.py', ['python3', '-I', '-S', path.join(DOOR, 'forward.py')]],
  ['forward.cjs', [process.execPath, path.join(DOOR, 'forward.cjs')]],
];
const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

type Way = 'socket' | 'address';

/** A server on a unix socket or at an address, and the forwarder before it; answers the port. */
async function behind(program: string[], way: Way, serve: (client: Socket) => void): Promise<number> {
  const to = await somewhere(way);
  // the forwarder's first call, with which it looks whether anybody answers, is closed at once: what is written to it fails
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(placeOf(to), resolve));
  const port = await freePort();
  const [command = '', ...args] = program;
  // it answers when it listens, and not before
  const started = spawnSync(command, [...args, to, String(port)], { encoding: 'utf8', timeout: 20_000 });
  expect(started.status, started.stderr).toBe(0);
  ended.push(() => {
    server.close();
    try {
      execFileSync('pkill', ['-9', '-f', to]);
    } catch {
      // gone already
    }
  });
  return port;
}

/** What a forwarder is told to lead to; nobody is there yet. */
async function somewhere(way: Way): Promise<string> {
  return way === 'socket' ? path.join(scratchFolder(), 's') : `127.0.0.1:${await freePort()}`;
}

function placeOf(to: string): { path: string } | { host: string; port: number } {
  return to.startsWith('/') ? { path: to } : { host: '127.0.0.1', port: Number(to.split(':')[1]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** All that comes back for what is sent, and how it ended. */
function exchange(port: number, sent: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => client.end(sent));
    client.on('data', (piece: Buffer) => pieces.push(piece));
    client.on('end', () => resolve(Buffer.concat(pieces)));
    client.on('error', reject);
  });
}

const WAYS = PROGRAMS.flatMap(([name, program]) =>
  (['socket', 'address'] as const).map((way) => [name, way, program] as const),
);

describe.each(WAYS)('%s before a %s', (_, way, program) => {
  test('passes bytes both ways, and the end of what is sent', async () => {
    const port = await behind([...program], way, (client) => {
      const pieces: Buffer[] = [];
      client.on('data', (piece: Buffer) => pieces.push(piece));
      client.on('end', () => client.end(Buffer.concat([Buffer.from('got '), ...pieces])));
    });
    const sent = Buffer.alloc(3_000_000, 'é\0x');
    expect((await exchange(port, sent)).equals(Buffer.concat([Buffer.from('got '), sent]))).toBe(true);
  });

  test('64 at once', async () => {
    const port = await behind([...program], way, (client) => client.pipe(client));
    const sent = Array.from({ length: 64 }, (__, n) => Buffer.alloc(20_000 + n, `${n} `));
    const back = await Promise.all(sent.map((one) => exchange(port, one)));
    expect(back.map((one, n) => one.equals(sent[n]!))).toEqual(sent.map(() => true));
  });

  test('a door that is shut in the middle shuts the way', async () => {
    const port = await behind([...program], way, (client) => {
      client.once('data', () => client.write('half', () => client.destroy()));
    });
    expect((await exchange(port, Buffer.from('x'))).toString()).toBe('half');
  });
});

test.each(WAYS)('%s does not begin where nobody answers at its %s', async (_, way, program) => {
  const [command = '', ...args] = program;
  const to = await somewhere(way);
  const started = spawnSync(command, [...args, to, '4188'], { encoding: 'utf8', timeout: 20_000 });
  expect(started.status).toBe(1);
});
