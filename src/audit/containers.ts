import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { tarEntries } from './tar.ts';

/** Something that a file holds in another form. */
export interface Inner {
  readonly name: string;
  readonly content: Buffer;
}

/** What all that is unpacked for one file may come to, in bytes. */
export const UNPACKED_BYTES = 64 << 20;
/** Archives in archives are opened so deep. */
export const DEEPEST = 4;
/** Shorter runs of digits hold less than a line of code. */
const RUN = 40;
const DIGIT = Uint8Array.from({ length: 256 }, (_, code) =>
  code < 128 && /[\w+/-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/**
 * What content holds in another form: entries of zip (wheel, egg) and tar archives, gzip, zlib (a loose object), base64 and
 * hexadecimal runs, UTF-16. `limit` bounds the bytes of all; what is over it, or broken, is not given. Never throws.
 */
export function innerContents(content: Buffer, limit: number): Inner[] {
  const bound = { left: limit };
  const [first, second] = [content[0] ?? 0, content[1] ?? 0];
  if (first === 0x1f && second === 0x8b) return unpacked('gzip', () => gunzipSync(content, bounded(bound)));
  const directory = endOfZip(content);
  if (directory !== undefined) return [...zipEntries(content, directory, bound)];
  if (content.length > 262 && content.toString('latin1', 257, 262) === 'ustar')
    return [...tarEntries(content)].map(({ path, content: inside }) => ({ name: path, content: inside }));
  if (first === 0x78 && (first * 256 + second) % 31 === 0)
    return unpacked('zlib', () => inflateSync(content, bounded(bound)));
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return [utf16(content)];
  return encoded(content, limit);
}

const bounded = (bound: { left: number }): { maxOutputLength: number } => ({
  maxOutputLength: Math.max(bound.left, 1),
});

function unpacked(name: string, unpack: () => Buffer): Inner[] {
  try {
    return [{ name, content: unpack() }];
  } catch {
    return [];
  }
}

function utf16(content: Buffer): Inner {
  const swapped = content[0] === 0xfe ? Buffer.from(content).subarray(0, content.length & ~1).swap16() : content;
  return { name: 'utf-16', content: Buffer.from(swapped.toString('utf16le')) };
} // prettier-ignore

/** Runs of digits of base64 or hexadecimal, over line ends; one byte in forty is enough to find a run of forty. */
function* runsIn(content: Buffer): Generator<string> {
  let done = 0;
  for (let at = RUN - 1; at < content.length; at += RUN) {
    if (at < done || !isDigit(content[at])) continue;
    let from = at;
    while (from > done && isDigit(content[from - 1])) from--;
    let to = at + 1;
    while (isDigit(content[to])) to++;
    done = to;
    if (to - from < RUN) continue;
    for (let next = nextLine(content, to); next > to; next = nextLine(content, to)) {
      to = next;
      while (isDigit(content[to])) to++;
    }
    done = to;
    yield content.toString('latin1', from, to);
  }
}

const isDigit = (code: number | undefined): boolean => code !== undefined && DIGIT[code] === 1;

/** Where digits go on after a line end (a real one, or that of a text in quotes) and blanks; `end` where they do not. */
function nextLine(content: Buffer, end: number): number {
  const piece = content.toString('latin1', end, end + 16);
  const gap = /^(?:\r?\n|\\n)[ \t]{0,8}(?=[\w+/-]{4})/.exec(piece)?.[0].length ?? 0;
  return end + gap;
}

function encoded(content: Buffer, limit: number): Inner[] {
  const found: Inner[] = [];
  let left = limit;
  for (const run of runsIn(content)) {
    const digits = run.replace(/\\n|\s+/g, '');
    if (digits.length > left) break;
    left -= digits.length;
    if (/^[\da-f]+$/i.test(digits)) found.push({ name: 'hexadecimal', content: Buffer.from(digits, 'hex') });
    else found.push({ name: 'base64', content: Buffer.from(digits, 'base64') });
  }
  return found;
} // prettier-ignore

/** Where the central directory of a zip archive begins; archives may have anything before them. */
function endOfZip(content: Buffer): { readonly at: number; readonly shift: number } | undefined {
  const end = content.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + 22 > content.length || content.length - end > 22 + 65_535) return undefined;
  const at = end - content.readUInt32LE(end + 12);
  return at < 0 ? undefined : { at, shift: at - content.readUInt32LE(end + 16) };
}

function* zipEntries(
  content: Buffer,
  directory: { readonly at: number; readonly shift: number },
  bound: { left: number },
): Generator<Inner> {
  for (let at = directory.at; at + 46 <= content.length && content.readUInt32LE(at) === 0x02014b50;) {
    const [method, size] = [content.readUInt16LE(at + 10), content.readUInt32LE(at + 20)];
    const nameEnd = at + 46 + content.readUInt16LE(at + 28);
    const name = content.toString('utf8', at + 46, nameEnd);
    const local = content.readUInt32LE(at + 42) + directory.shift;
    at = nameEnd + content.readUInt16LE(at + 30) + content.readUInt16LE(at + 32);
    if (local < 0 || local + 30 > content.length) continue;
    const start = local + 30 + content.readUInt16LE(local + 26) + content.readUInt16LE(local + 28);
    const raw = content.subarray(start, start + size);
    if (method === 0) yield { name, content: raw };
    else if (method === 8 && bound.left > 0)
      for (const { content: inside } of unpacked(name, () => inflateRawSync(raw, bounded(bound)))) {
        bound.left -= inside.length;
        yield { name, content: inside };
      }
  }
}
