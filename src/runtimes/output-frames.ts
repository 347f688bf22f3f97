import type { StreamName } from './recording.ts';

/**
 * Takes an engine's attached stream apart: frames of an 8-byte header (stream number, three zeros, length as a
 * big-endian 32-bit number) and that many bytes. Returns a function that takes chunks cut anywhere.
 */
export function frameReader(onBytes: (name: StreamName, bytes: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(8);
  let headerLength = 0;
  let left = 0;
  let name: StreamName = 'stdout';
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const taken = Math.min(8 - headerLength, chunk.length - at);
        chunk.copy(header, headerLength, at, at + taken);
        headerLength += taken;
        at += taken;
        if (headerLength < 8) return;
        headerLength = 0;
        name = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        continue;
      }
      const taken = Math.min(left, chunk.length - at);
      onBytes(name, chunk.subarray(at, at + taken));
      left -= taken;
      at += taken;
    }
  };
}
