import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProviderCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (call: ProviderCall, response: ServerResponse, number: number) => unknown;

export interface ModelProvider {
  readonly url: string;
  readonly calls: ProviderCall[];
  /** Calls whose connection ended before their answer did. */
  readonly aborted: ProviderCall[];
}

/** A provider on loopback that does what `answer` says; calls count from 1. */
export async function modelProvider(answer: Answer): Promise<ModelProvider> {
  const calls: ProviderCall[] = [];
  const aborted: ProviderCall[] = [];
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const call = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      };
      calls.push(call);
      response.on('close', () => {
        if (!response.writableFinished) aborted.push(call);
      });
      answer(call, response, calls.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, aborted };
}

export function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Events as one text. */
export function sse(events: readonly unknown[], named = false): string {
  return events
    .map((event) => {
      const name = named ? `event: ${(event as { type: string }).type}\n` : '';
      return `${name}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
    })
    .join('');
}

export const STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };

/** Sends a text in pieces of so many bytes, each in a write of its own. */
export async function inPieces(response: ServerResponse, text: string, size: number): Promise<void> {
  response.writeHead(200, STREAM);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    response.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
