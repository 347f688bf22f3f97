import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';

/** Something below a folder; `path` is relative, with forward slashes, and for people where it is no UTF-8. */
export interface Entry {
  readonly path: string;
  readonly file: string | Buffer;
  readonly status: Stats;
}

/**
 * Everything below a folder, or the file itself; folders before what they hold, links not followed. Not entered: what
 * `enter` refuses. What may not be read, or is gone meanwhile, is told to `unreadable`.
 */
export function* walk(
  top: string,
  enter: (path: string) => boolean,
  unreadable: (path: string) => void,
): Generator<Entry> {
  const self = lstatSync(top, { throwIfNoEntry: false });
  if (self?.isDirectory() === false) yield { path: '', file: top, status: self };
  if (self?.isDirectory() !== true) return;
  const pending: { readonly path: string; readonly file: string | Buffer }[] = [{ path: '', file: top }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const names = namesIn(at.file);
    if (names === undefined) unreadable(at.path);
    for (const name of names ?? []) {
      const shown = at.path === '' ? name.toString() : `${at.path}/${name.toString()}`;
      const file = below(at.file, name);
      const status = lstatSync(file, { throwIfNoEntry: false });
      if (status === undefined) {
        unreadable(shown);
        continue;
      }
      yield { path: shown, file, status };
      if (status.isDirectory() && enter(shown)) pending.push({ path: shown, file });
    }
  }
}

/** Names as texts, as bytes where they are none; undefined where the folder cannot be read. */
function namesIn(dir: string | Buffer): readonly (string | Buffer)[] | undefined {
  try {
    const names = readdirSync(dir).sort();
    return names.some((name) => name.includes('\ufffd')) ? readdirSync(dir, { encoding: 'buffer' }) : names;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

function below(dir: string | Buffer, name: string | Buffer): string | Buffer {
  if (typeof dir === 'string' && typeof name === 'string') return path.join(dir, name);
  return Buffer.concat([Buffer.from(dir), Buffer.from('/'), Buffer.from(name)]);
}

/** No right to read it, or it is gone. */
export function isUnreadable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
