import type { ServerResponse } from 'node:http';
import type { Json } from '../../model/json.ts';
import type { Delivery } from './answer.ts';

/** Sends JSON whole; null: no body. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: Json,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, value === null ? '' : JSON.stringify(value), headers);
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Brings an answer of a model, whole or as badly as was asked for. */
export function bring(
  response: ServerResponse,
  delivery: Delivery,
  answer: { readonly frames: readonly string[] } | { readonly whole: Json },
): void {
  if ('frames' in answer) bringFrames(response, delivery, answer.frames);
  else bringWhole(response, delivery, JSON.stringify(answer.whole));
}

function bringWhole(response: ServerResponse, delivery: Delivery, text: string): void {
  const half = text.slice(0, text.length / 2);
  if (delivery.kind === 'slow') {
    setTimeout(() => {
      sendText(response, 200, text);
    }, delivery.delayMs).unref();
  } else if (delivery.kind === 'cut') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.write(half, () => response.destroy());
  } else sendText(response, 200, delivery.kind === 'malformed' ? half : text);
}

function bringFrames(response: ServerResponse, delivery: Delivery, frames: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const middle = Math.floor(frames.length / 2);
  const before = frames.slice(0, middle).join('');
  switch (delivery.kind) {
    case 'whole':
      for (const frame of frames) response.write(frame);
      response.end();
      return;
    case 'cut':
      response.write(before === '' ? frames.join('').slice(0, 40) : before, () => response.destroy());
      return;
    case 'malformed': {
      const broken = (frames[middle] ?? '').trimEnd().slice(0, -5);
      response.end(`${before}${broken}\n\n${frames.slice(middle + 1).join('')}`);
      return;
    }
    case 'slow':
      next(0, delivery.delayMs);
  }

  function next(at: number, delayMs: number): void {
    const frame = frames[at];
    if (response.destroyed) return;
    if (frame === undefined) response.end();
    else {
      response.write(frame);
      setTimeout(() => {
        next(at + 1, delayMs);
      }, delayMs).unref();
    }
  }
}
