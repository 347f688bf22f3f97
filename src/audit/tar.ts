/** A plain file of a tar archive. */
export interface TarFile {
  readonly path: string;
  /** Null where it is larger than what is held (`readTar`). */
  readonly content: Buffer | null;
}

const BLOCK = 512;
const rounded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

interface Header {
  readonly path: string;
  readonly size: number;
  readonly type: string;
}

/** Plain files of an archive in memory; a broken end ends them. */
export function* tarEntries(archive: Buffer): Generator<{ readonly path: string; readonly content: Buffer }> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = readHeader(archive.subarray(at, at + BLOCK));
    if (header === undefined) return;
    const content = archive.subarray(at + BLOCK, at + BLOCK + header.size);
    at += BLOCK + rounded(header.size);
    const named = nameIn(header, content);
    if (named !== undefined) longName = named;
    else if (header.type === 'file') yield { path: longName ?? header.path, content };
    if (header.type === 'file' || header.type === 'other') longName = undefined;
  }
}

/** Plain files of an archive that comes in pieces; content larger than `largest` bytes is passed over. */
export async function* readTar(pieces: AsyncIterable<Buffer>, largest: number): AsyncGenerator<TarFile> {
  let held: Buffer[] = [];
  let length = 0;
  let passOver = 0;
  let longName: string | undefined;
  let header: Header | undefined;
  const take = (count: number): Buffer => {
    const all = held.length === 1 ? (held[0] ?? Buffer.alloc(0)) : Buffer.concat(held);
    held = [all.subarray(count)];
    length -= count;
    return all.subarray(0, count);
  };
  for await (const piece of pieces) {
    const rest = piece.subarray(Math.min(passOver, piece.length));
    passOver -= piece.length - rest.length;
    held.push(rest);
    length += rest.length;
    for (;;) {
      if (header === undefined) {
        if (length < BLOCK) break;
        header = readHeader(take(BLOCK));
        if (header === undefined) return;
      }
      const { size, type } = header;
      if (size > largest) {
        const here = Math.min(rounded(size), length);
        take(here);
        passOver = rounded(size) - here;
        if (type === 'file') yield { path: longName ?? header.path, content: null };
      } else {
        if (length < rounded(size)) break;
        const content = take(rounded(size)).subarray(0, size);
        const named = nameIn(header, content);
        if (named !== undefined) longName = named;
        else if (type === 'file') yield { path: longName ?? header.path, content };
      }
      if (type === 'file' || type === 'other') longName = undefined;
      header = undefined;
      if (passOver > 0) break;
    }
  }
}

function readHeader(block: Buffer): (Header & { readonly type: 'file' | 'long' | 'pax' | 'other' }) | undefined {
  const text = (from: number, to: number): string => block.toString('utf8', from, to).replace(/\0[^]*$/, '');
  const name = text(0, 100);
  if (name === '') return undefined;
  const sizeText = text(124, 136).trim();
  const size = (block[124] ?? 0) >= 0x80 ? Number(block.readBigUInt64BE(128)) : parseInt(sizeText || '0', 8);
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const prefix = block.toString('latin1', 257, 262) === 'ustar' && block[263] === 48 ? text(345, 500) : '';
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = flag === '0' || flag === '\0' || flag === '7' ? 'file' : flag === 'L' ? 'long' : flag === 'x' ? 'pax' : 'other';
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, type };
} // prettier-ignore

function nameIn({ type }: Header, content: Buffer): string | undefined {
  if (type === 'long') return content.toString().replace(/\0[^]*$/, '');
  if (type === 'pax') return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString())?.[1];
  return undefined;
}
