import { pipeline, type Readable } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
} from 'node:zlib';
import { gunzipSync, inflateSync } from 'node:zlib';
import { one, type Headers } from './headers.ts';

/** Providers are asked for plain bytes; some compress all the same. What is handed on is plain. */
export function decodedBody({ headers, body }: { headers: Headers; body: Readable }): {
  headers: Headers;
  body: Readable;
} {
  const flush = { flush: constants.Z_SYNC_FLUSH };
  const name = one(headers['content-encoding'])?.trim().toLowerCase();
  const decoder =
    name === 'gzip' || name === 'x-gzip'
      ? createGunzip(flush)
      : name === 'deflate'
        ? createInflate(flush)
        : name === 'br'
          ? createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
          : undefined;
  if (decoder === undefined) return { headers, body };
  const plain = Object.fromEntries(
    Object.entries(headers).filter(([header]) => !/^content-(?:encoding|length)$/.test(header)),
  );
  // an error of either reaches whoever reads the decoder
  return { headers: plain, body: pipeline(body, decoder, () => undefined) };
}

/** A request's body in the clear; undefined where it is packed in a way that is not known, or too long unpacked. */
export function unpacked(body: Buffer, encoding: string | undefined, most: number): Buffer | undefined {
  const limit = { maxOutputLength: most };
  try {
    switch (encoding?.trim().toLowerCase() ?? '') {
      case '':
      case 'identity':
        return body;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, limit);
      case 'deflate':
        return inflateSync(body, limit);
      case 'br':
        return brotliDecompressSync(body, limit);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
