import { createReadStream, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import type { SourceFailure } from '../model/failures/source.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { UnpackFolder } from './unpack-folder.ts';
import { RefusedContent, UNPACK_LIMITS } from './unpack-limits.ts';
import type { UnpackLimits } from './unpack-limits.ts';
import { unzip } from './unpack-zip.ts';

/** Endings of source distributions that can be unpacked, the usual one first. */
export const ARCHIVE_ENDINGS = ['.tar.gz', '.tgz', '.zip', '.tar.bz2', '.tar'] as const;

/**
 * Unpacks a source distribution and gives the folder of its tree: the single top folder where there is one,
 * else `dest`. Nothing is written outside `dest`: no absolute paths, `..`, links out or through, devices;
 * names that stand for two contents, and archives over the limits, are refused (`content-refused`).
 */
export async function unpackArchive(
  file: string,
  dest: string,
  limits: UnpackLimits = UNPACK_LIMITS,
): Promise<Result<string, SourceFailure>> {
  const refused = (entry: string, detail: string): { ok: false; failure: SourceFailure } =>
    fail({ class: 'infra', reason: 'content-refused', source: path.basename(file), entry, detail });
  try {
    const folder = new UnpackFolder(dest, statSync(file).size, limits);
    const name = file.toLowerCase();
    if (name.endsWith('.zip')) await unzip(file, folder);
    else if (name.endsWith('.tar.gz') || name.endsWith('.tgz')) await untar(gunzipped(file), folder);
    else if (name.endsWith('.tar.bz2')) await untar(bunzipped(file, folder), folder);
    else if (name.endsWith('.tar')) await untar(createReadStream(file), folder);
    else return refused('', `unknown kind of archive; known are ${ARCHIVE_ENDINGS.join(', ')}`);
    folder.finish();
  } catch (error) {
    if (error instanceof RefusedContent) return refused(error.entry, error.message);
    return refused('', error instanceof Error ? error.message : String(error));
  }
  const top = readdirSync(dest, { withFileTypes: true });
  const [only, ...others] = top;
  const single = only?.isDirectory() === true && others.length === 0;
  return ok(single ? path.join(dest, only.name) : dest);
}

async function* gunzipped(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const piece of source.pipe(gunzip)) yield piece as Buffer;
  } finally {
    source.destroy();
  }
}

/**
 * The decompressor hands out all blocks of a piece before it returns, and 45 bytes can be a block of 900 kB: so
 * what comes out is counted as it comes (a listener that throws ends it).
 */
async function* bunzipped(file: string, folder: UnpackFolder): AsyncGenerator<Buffer> {
  const { default: createBunzip } = await import('unbzip2-stream');
  const bunzip = createBunzip();
  const pieces: Buffer[] = [];
  let problem: Error | undefined;
  bunzip.on('data', (piece: Buffer) => {
    folder.expect(piece.length);
    pieces.push(piece);
  });
  bunzip.on('error', (error: Error) => (problem ??= error));
  const handOut = (): Buffer[] => {
    if (problem !== undefined) throw problem;
    return pieces.splice(0);
  };
  for await (const piece of createReadStream(file)) {
    bunzip.write(piece as Buffer);
    yield* handOut();
  }
  bunzip.end();
  yield* handOut();
}

async function untar(pieces: AsyncIterable<unknown>, folder: UnpackFolder): Promise<void> {
  const { Parser } = await import('tar');
  let problem: Error | undefined;
  let entries = 0;
  const parser = new Parser({
    // the stream is plain by now: what still looks compressed inside is no archive of ours
    gzip: false,
    onReadEntry: (entry) => {
      entries += 1;
      const content: Buffer[] = [];
      entry.on('data', (piece: Buffer) => content.push(piece));
      entry.on('end', () => {
        if (problem !== undefined) return;
        try {
          place(folder, entry, Buffer.concat(content));
        } catch (error) {
          problem = error instanceof Error ? error : new Error(String(error));
        }
      });
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') problem ??= new RefusedContent('', `${code}: ${message}`);
    },
  });
  const ended = new Promise<void>((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
  });
  // it may fail while a piece is being written, before anybody waits for the end
  ended.catch(() => undefined);
  for await (const piece of pieces) {
    // the whole stream counts, headers and all: that is what a bomb is made of
    folder.count('', (piece as Buffer).length);
    parser.write(piece as Buffer);
    if (problem !== undefined) throw problem;
  }
  parser.end();
  await ended;
  if (problem !== undefined) throw problem;
  if (entries === 0) throw new RefusedContent('', 'an empty archive, or none');
}

interface TarEntry {
  readonly type: string;
  readonly path: string;
  readonly linkpath?: string | undefined;
  readonly mode?: number | undefined;
}

function place(folder: UnpackFolder, entry: TarEntry, content: Buffer): void {
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      folder.file(entry.path, content, ((entry.mode ?? 0) & 0o100) !== 0);
      return;
    case 'Directory':
    case 'GNUDumpDir':
      folder.folder(entry.path);
      return;
    case 'SymbolicLink':
      folder.link(entry.path, entry.linkpath ?? '');
      return;
    case 'Link':
      folder.copy(entry.path, entry.linkpath ?? '');
      return;
    default:
      throw new RefusedContent(entry.path, `an entry of type ${entry.type}`);
  }
}
