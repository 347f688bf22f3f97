import { constants, inflateSync } from 'node:zlib';
import { PATCH_LIMITS, type PatchLimits } from './patch-entries.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]));
/** Lines of a binary piece that are looked into: the sizes stand at its very beginning. */
const LINES_READ = 8;

/**
 * Why a patch is not even shown to git: it would make far more than it holds. Binary pieces state what they unpack to
 * (a few bytes may ask for gigabytes), and copies multiply. Null for what is within bounds.
 */
export function patchProblem(patch: Buffer, limits: PatchLimits = PATCH_LIMITS): string | null {
  if (patch.length > 2 * limits.newBytes) return `the patch has ${patch.length} bytes`;
  let newBytes = 0;
  let files = 0;
  for (const [at, line] of linesWith(patch)) {
    if (line.startsWith('diff --git ') || line.startsWith('--- ')) files++;
    const piece = /^(literal|delta) (\d+)$/.exec(line);
    if (piece === null) continue;
    const stated = Number(piece[2]);
    newBytes += piece[1] === 'literal' ? stated : stated + (deltaResult(patch, at + line.length + 1) ?? 0);
    if (!(newBytes <= limits.newBytes))
      return `its binary pieces unpack to more than ${limits.newBytes} bytes`;
  }
  return files > 2 * limits.entries ? `it names ${files} files` : null;
}

const LINE_STARTS = ['diff --git ', '--- ', 'literal ', 'delta '].map((start) => Buffer.from(`\n${start}`));

/** The lines that could be headers, each with its place; other lines are passed over. */
function* linesWith(patch: Buffer): Generator<readonly [at: number, line: string]> {
  for (const start of LINE_STARTS) {
    for (let at = patch.indexOf(start); at !== -1; at = patch.indexOf(start, at + 1)) {
      const end = patch.indexOf(10, at + 1);
      const from = at + 1;
      yield [from, patch.toString('latin1', from, Math.min(end === -1 ? patch.length : end, from + 200))];
    }
  }
}

/** The size of what a delta makes, by its own header; null where it cannot be read (git refuses it then). */
function deltaResult(patch: Buffer, from: number): number | null {
  const pieces: Buffer[] = [];
  for (let at = from, count = 0; count < LINES_READ; count++) {
    const end = patch.indexOf(10, at);
    const line = patch.toString('latin1', at, end === -1 ? patch.length : end);
    const length = lengthOf(line.charCodeAt(0));
    if (length === 0) break;
    pieces.push(decoded(line.slice(1)).subarray(0, length));
    if (end === -1) break;
    at = end + 1;
  }
  try {
    const header = inflateSync(Buffer.concat(pieces), { finishFlush: constants.Z_SYNC_FLUSH });
    const [, source] = varint(header, 0);
    return varint(header, source)[0];
  } catch {
    return null;
  }
}

function lengthOf(code: number): number {
  if (code >= 65 && code <= 90) return code - 64;
  return code >= 97 && code <= 122 ? code - 70 : 0;
}

function decoded(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil(text.length / 5) * 4);
  for (let at = 0; at * 5 < text.length; at++) {
    let value = 0;
    for (const character of text.slice(at * 5, at * 5 + 5)) value = value * 85 + (VALUES.get(character) ?? 0);
    bytes.writeUInt32BE(value % 2 ** 32, at * 4);
  }
  return bytes;
}

/** A number as deltas write it, and where the next thing begins. */
function varint(bytes: Buffer, from: number): readonly [value: number, next: number] {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at + 1];
  }
  return [value, bytes.length];
}

const SYSTEM_SAID =
  /: (?:No space left on device|Disk quota exceeded|Cannot allocate memory|Out of memory|Input\/output error|Read-only file system|Too many open files|Too many open files in system|Resource temporarily unavailable|Stale file handle)$|^fatal: (?:out of memory|Out of memory)|^(?:git could not be started|ended by )|^cancelled$/m;

/** Whether git failed by the world's doing, not by the patch's: a full disk, no memory, somebody's signal. */
export function isWorldsDoing(detail: string): boolean {
  return SYSTEM_SAID.test(detail);
}
