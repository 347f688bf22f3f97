import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail, ok, type Result } from '../model/result.ts';

/** Of the path of a unix socket on Linux. */
const LONGEST_PATH = 107;

export const MOST_BODY_BYTES = 32 << 20;

/** Where a door listens: a unix socket, or a free port of one address of this machine. */
export type DoorPlace = { readonly socket: string } | { readonly host: string };

/** A server that a slow or broken client cannot hold up for ever. Whoever reaches it may connect. */
export async function serveAt(
  place: DoorPlace,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Result<Server, string>> {
  const server = createServer(
    {
      // what an agent sends is there at once: slower is broken
      headersTimeout: 20_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 120_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 64 << 10,
      noDelay: true,
    },
    handle,
  );
  server.on('clientError', refuseClient);
  // a longer path would be cut short in silence, and the socket be somewhere else
  if ('socket' in place && Buffer.byteLength(place.socket) > LONGEST_PATH)
    return fail(`its path is longer than ${LONGEST_PATH} bytes`);
  try {
    if ('socket' in place) rmSync(place.socket, { force: true });
    server.listen('socket' in place ? { path: place.socket } : { host: place.host, port: 0 });
    await once(server, 'listening');
    if ('socket' in place) chmodSync(place.socket, 0o666);
  } catch (error) {
    server.close();
    return fail(error instanceof Error ? error.message : String(error));
  }
  server.on('error', () => undefined);
  return ok(server);
}

function refuseClient(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A request's body; `too-large` and `gone` (the client went away) are what else can come. */
export function bodyOf(request: IncomingMessage): Promise<Buffer | 'too-large' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > MOST_BODY_BYTES) {
        pieces.length = 0;
        resolve('too-large');
      } else pieces.push(piece);
    });
    request.once('end', () => resolve(Buffer.concat(pieces)));
    request.once('error', () => resolve('gone'));
    request.once('close', () => resolve('gone'));
  });
}
