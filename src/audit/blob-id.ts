import { createHash } from 'node:crypto';

/** Hash of a repository's object ids. */
export type IdFormat = 'sha1' | 'sha256';

/** The id that git gives a file of this content. */
export function blobId(content: Buffer, format: IdFormat): string {
  return createHash(format).update(`blob ${content.length}\0`).update(content).digest('hex');
}
