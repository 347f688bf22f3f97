import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import type { UnpackFolder } from './unpack-folder.ts';
import { RefusedContent } from './unpack-limits.ts';

const KIND = 0o170000;
const LINK = 0o120000;

/** Unpacks a zip archive by its central directory. Throws `RefusedContent`, or the reader's own error. */
export async function unzip(file: string, folder: UnpackFolder): Promise<void> {
  const { open } = await import('yauzl');
  const openZip = promisify<string, object, ZipFile>(open);
  // names come as bytes in older archives; the reader decodes them and checks them for itself, too
  const zip = await openZip(file, { lazyEntries: true, validateEntrySizes: true, strictFileNames: true });
  try {
    for await (const entry of entriesOf(zip)) await place(zip, entry, folder);
  } finally {
    zip.close();
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      const settle = (action: () => void): void => {
        zip.removeListener('entry', onEntry);
        zip.removeListener('end', onEnd);
        zip.removeListener('error', onError);
        action();
      };
      const onEntry = (found: Entry): void => settle(() => resolve(found));
      const onEnd = (): void => settle(() => resolve(undefined));
      const onError = (error: Error): void => settle(() => reject(error));
      zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
      zip.readEntry();
    });
    if (entry === undefined) return;
    yield entry;
  }
}

async function place(zip: ZipFile, entry: Entry, folder: UnpackFolder): Promise<void> {
  const name = entry.fileName;
  // the upper half holds Unix modes where the archive was made by a Unix tool
  const mode = entry.versionMadeBy >> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0;
  if (name.endsWith('/')) {
    folder.folder(name);
    return;
  }
  const kind = mode & KIND;
  if (kind !== 0 && kind !== 0o100000 && kind !== LINK)
    throw new RefusedContent(name, 'a device or the like');
  const content = await contentOf(zip, entry, folder);
  if (kind === LINK) folder.link(name, content.toString());
  else folder.file(name, content, (mode & 0o100) !== 0);
}

async function contentOf(zip: ZipFile, entry: Entry, folder: UnpackFolder): Promise<Buffer> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => {
      if (error === null) resolve(opened);
      else reject(error);
    });
  });
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        folder.count(entry.fileName, piece.length);
        done(null, piece);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  stream.on('error', (error) => meter.destroy(error));
  return await buffer(stream.pipe(meter));
}
