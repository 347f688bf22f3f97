import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The content of one member of a wheel (a zip archive without encryption), the first whose path satisfies
 * `wanted`; null when there is none or the bytes are no such archive. Wheels over 4 GiB are not read.
 */
export function wheelMember(archive: Buffer, wanted: (path: string) => boolean): Buffer | null {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== END) return null;
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== CENTRAL) return null;
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const skip = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const start = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (wanted(name)) return unpack(archive, start, packed, method);
    at += 46 + nameLength + skip;
  }
  return null;
}

function unpack(archive: Buffer, start: number, packed: number, method: number): Buffer | null {
  if (start + 30 > archive.length || archive.readUInt32LE(start) !== LOCAL) return null;
  const from = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
  const bytes = archive.subarray(from, from + packed);
  if (method === STORED) return bytes;
  return method === DEFLATED ? inflateRawSync(bytes) : null;
}
