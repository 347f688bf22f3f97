import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { digest } from '../model/ids.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';

/** sha256 of bytes, or of a text as UTF-8. */
export function sha256(content: Uint8Array | string): Digest {
  return digest(createHash('sha256').update(content).digest('hex'));
}

/** sha256 of a file's content, read piece by piece. Throws the system's error. */
export function sha256File(file: string): Digest {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 16);
  const handle = openSync(file, 'r');
  try {
    for (let count = readSync(handle, piece); count > 0; count = readSync(handle, piece)) {
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
  return digest(hash.digest('hex'));
}

/**
 * Writes a file whole or not at all: temporary name beside it, fsync, rename. Makes the folder.
 * Throws the system's error; the temporary file is gone then.
 */
export function writeAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.tmp-${randomBytes(6).toString('hex')}`;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    const handle = openSync(temporary, 'wx', 0o644);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Removes a folder and everything below it, read-only folders and those deeper than a path can name included; links are
 * not followed.
 */
export function removeTree(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch {
    try {
      makeRemovable(dir);
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      removeStepwise(dir);
    }
  }
}

/** Foreign code can nest folders deeper than the system takes in one path: `rm` goes down step by step. */
function removeStepwise(dir: string): void {
  const [program, ...args] = ['rm', '-rf', '--', path.resolve(dir)] as const;
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    if (lstatSync(dir, { throwIfNoEntry: false }) !== undefined) throw error;
  }
}

function makeRemovable(entry: string | Buffer): void {
  const status = lstatSync(entry, { throwIfNoEntry: false });
  if (status?.isDirectory() !== true) return;
  chmodSync(entry, 0o700);
  for (const child of readdirSync(entry, { encoding: 'buffer' })) {
    makeRemovable(Buffer.concat([Buffer.from(entry), Buffer.from('/'), child]));
  }
}

/** JSON text with sorted keys and no blanks: equal values give equal texts. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const record = value;
  const members = Object.keys(record)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** sha256 of the canonical text of a value. */
export function digestJson(value: Json): Digest {
  return sha256(canonicalJson(value));
}
