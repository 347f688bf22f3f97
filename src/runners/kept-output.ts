import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { findEntries, isReadable } from '../workspace/patch-entries.ts';

/** Bytes of a stream's kept copy, half from its beginning and half from its end. */
export const KEPT_STREAM_BYTES = 2 << 20;
/** Bytes of everything that is kept of `/output`. */
export const KEPT_OUTPUT_BYTES = 64 << 20;

/** Shortens a file in place to its head and tail with one line between that says what was left out. Any bytes. */
export function cutMiddle(file: string, keepBytes = KEPT_STREAM_BYTES): void {
  const handle = openSync(file, 'r+');
  try {
    const { size } = fstatSync(handle);
    if (size <= keepBytes) return;
    const half = keepBytes >> 1;
    const head = Buffer.alloc(half);
    const tail = Buffer.alloc(half);
    readSync(handle, head, 0, half, 0);
    readSync(handle, tail, 0, half, size - half);
    const note = Buffer.from(`\n[... ${size - 2 * half} of ${size} bytes left out ...]\n`);
    writeFileSync(file, Buffer.concat([head, note, tail]));
  } finally {
    closeSync(handle);
  }
}

/** What happened to the files of `/output`. */
export interface KeptOutput {
  /** Paths below the folder of kept files. */
  readonly files: readonly string[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Copies the regular files that an agent left in its output folder: links are not followed, special files
 * and what passes the bound are left out and named.
 */
export function keepOutput(from: string, to: string, maxBytes = KEPT_OUTPUT_BYTES): KeptOutput {
  const { found, skipped } = findEntries(from, { fileBytes: maxBytes, newBytes: maxBytes, entries: 10_000 });
  const leftOut: { path: string; why: string }[] = skipped.map((entry) => ({
    path: entry.path,
    why: entry.why,
  }));
  const files: string[] = [];
  let total = 0;
  for (const entry of [...found].sort((a, b) => Buffer.compare(a.path, b.path))) {
    const name = entry.path.toString();
    if (entry.kind === 'link') leftOut.push({ path: name, why: 'link' });
    else if (total + entry.size > maxBytes) leftOut.push({ path: name, why: 'too-large' });
    else if (!Buffer.from(name).equals(entry.path)) leftOut.push({ path: name, why: 'name' });
    else if (!isReadable(entry.at)) leftOut.push({ path: name, why: 'unreadable' });
    else {
      const target = path.join(to, name);
      mkdirSync(path.dirname(target), { recursive: true });
      total += copyRegular(entry.at, target, entry.size);
      files.push(name);
    }
  }
  return { files, leftOut };
}

/** Copies at most `size` bytes (a file may still look longer than it was), never through a link. */
function copyRegular(from: Buffer, to: string, size: number): number {
  const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const target = openSync(to, 'wx', 0o644);
  const piece = Buffer.allocUnsafe(1 << 16);
  let done = 0;
  try {
    while (done < size) {
      const count = readSync(source, piece, 0, Math.min(piece.length, size - done), null);
      if (count === 0) break;
      writeSync(target, piece, 0, count);
      done += count;
    }
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    closeSync(source);
    closeSync(target);
  }
  return done;
}
