import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';

/** sha256 (base64url) of files, kept as long as size, times and inode stay: environments do not change between starts. */
const known = new Map<string, { readonly identity: string; readonly hash: string }>();
const MOST = 400_000;

/** The digest of a file; `read` is called where it is not known. */
export function knownDigest(file: string, status: Stats, read: () => Buffer): string {
  const identity = `${status.dev} ${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}`;
  const entry = known.get(file);
  if (entry?.identity === identity) return entry.hash;
  const hash = createHash('sha256').update(read()).digest('base64url');
  if (known.size >= MOST) known.clear();
  known.set(file, { identity, hash });
  return hash;
}
