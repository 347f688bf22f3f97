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

/** A server on a unix socket, and the forwarder before it; answers the port. */
async function behind(program: string[], serve: (client: Socket) => void): Promise<number> {
  const socket = path.join(scratchFolder(), 's');
  // the forwarder's first call, with which it looks whether anybody answers, is closed at once: what is written to it fails
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const port = await freePort();
  const [command = '', ...args] = program;
  // it answers when it listens, and not before
  const started = spawnSync(command, [...args, socket, String(port)], { encoding: 'utf8', timeout: 20_000 });
  expect(started.status, started.stderr).toBe(0);
  ended.push(() => {
    server.close();
    try {
      execFileSync('pkill', ['-9', '-f', socket]);
    } catch {
      // gone already
    }
  });
  return port;
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

describe.each(PROGRAMS)('%s', (_, program) => {
  test('passes bytes both ways, and the end of what is sent', async () => {
    const port = await behind(program, (client) => {
      const pieces: Buffer[] = [];
      client.on('data', (piece: Buffer) => pieces.push(piece));
      client.on('end', () => client.end(Buffer.concat([Buffer.from('got '), ...pieces])));
    });
    const sent = Buffer.alloc(3_000_000, 'é\0x');
    expect((await exchange(port, sent)).equals(Buffer.concat([Buffer.from('got '), sent]))).toBe(true);
  });

  test('64 at once', async () => {
    const port = await behind(program, (client) => client.pipe(client));
    const sent = Array.from({ length: 64 }, (__, n) => Buffer.alloc(20_000 + n, `${n} `));
    const back = await Promise.all(sent.map((one) => exchange(port, one)));
    expect(back.map((one, n) => one.equals(sent[n]!))).toEqual(sent.map(() => true));
  });

  test('a door that is shut in the middle shuts the way', async () => {
    const port = await behind(program, (client) => {
      client.once('data', () => client.write('half', () => client.destroy()));
    });
    expect((await exchange(port, Buffer.from('x'))).toString()).toBe('half');
  });
});

test.each(PROGRAMS)('%s does not begin where nobody answers at the socket', (_, program) => {
  const [command = '', ...args] = program;
  const socket = path.join(scratchFolder(), 'nobody');
  const started = spawnSync(command, [...args, socket, '4188'], { encoding: 'utf8', timeout: 20_000 });
  expect(started.status).toBe(1);
});
