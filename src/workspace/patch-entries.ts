import { accessSync, chmodSync, constants, lstatSync, readdirSync, type Dirent, type Stats } from 'node:fs';

/** Bounds on what an agent may leave behind; what passes them is left out and recorded. */
export interface PatchLimits {
  /** A file longer than this is not read. */
  readonly fileBytes: number;
  /** All content that the base does not have, together. */
  readonly newBytes: number;
  /** Entries of the workspace that are looked at. */
  readonly entries: number;
}

export const PATCH_LIMITS: PatchLimits = { fileBytes: 20 << 20, newBytes: 128 << 20, entries: 100_000 };

/** Something of the workspace that is not in the patch, and why. */
export interface SkippedEntry {
  readonly path: string;
  readonly why: 'special-file' | 'git-folder' | 'unreadable' | 'too-large' | 'too-many' | 'unsafe-link';
}

/** A file or link as found. `at` holds the exact bytes of its place: names need not be UTF-8. */
export interface FoundEntry {
  readonly path: Buffer;
  readonly at: Buffer;
  readonly kind: 'file' | 'link';
  readonly executable: boolean;
  readonly size: number;
}

const SLASH = Buffer.from('/');

/**
 * Lists files and links below a folder that foreign code wrote: links are never followed, `.git` of any
 * level is passed over, special files are recorded. Nothing that lies there makes it throw.
 */
export function findEntries(
  dir: string,
  limits: PatchLimits,
): { readonly found: readonly FoundEntry[]; readonly skipped: readonly SkippedEntry[] } {
  const found: FoundEntry[] = [];
  const skipped: SkippedEntry[] = [];
  const pending: { path: Buffer; at: Buffer }[] = [{ path: Buffer.alloc(0), at: Buffer.from(dir) }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = readableFolder(folder.at);
    if (entries === undefined) {
      skipped.push({ path: folder.path.toString(), why: 'unreadable' });
      continue;
    }
    for (const entry of entries) {
      const at = Buffer.concat([folder.at, SLASH, entry.name]);
      const path = folder.path.length === 0 ? entry.name : Buffer.concat([folder.path, SLASH, entry.name]);
      const name = entry.name.toString().toLowerCase();
      if (name === '.git') {
        if (folder.path.length > 0) skipped.push({ path: path.toString(), why: 'git-folder' });
      } else if (entry.isDirectory()) {
        pending.push({ path, at });
      } else if (!entry.isFile() && !entry.isSymbolicLink()) {
        skipped.push({ path: path.toString(), why: 'special-file' });
      } else if (entry.isSymbolicLink() && name === '.gitmodules') {
        skipped.push({ path: path.toString(), why: 'unsafe-link' });
      } else if (found.length >= limits.entries) {
        skipped.push({ path: path.toString(), why: 'too-many' });
        return { found, skipped };
      } else {
        const stat = statusOf(at);
        if (stat === undefined) {
          skipped.push({ path: path.toString(), why: 'unreadable' });
          continue;
        }
        found.push({
          path,
          at,
          kind: entry.isSymbolicLink() ? 'link' : 'file',
          executable: (stat.mode & 0o100) !== 0,
          size: stat.size,
        });
      }
    }
  }
  return { found, skipped };
}

/** Undefined where a place cannot be looked at: a path can be deeper than the system takes in one piece. */
function statusOf(at: Buffer): Stats | undefined {
  try {
    return lstatSync(at);
  } catch {
    return undefined;
  }
}

/** True when the file can be read, after its owner's permission was put back if that was what it lacked. */
export function isReadable(at: Buffer): boolean {
  return permitted(at, constants.R_OK, 0o600);
}

function readableFolder(at: Buffer): Dirent<Buffer>[] | undefined {
  if (!permitted(at, constants.R_OK | constants.X_OK, 0o700)) return undefined;
  try {
    return readdirSync(at, { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return undefined;
  }
}

function permitted(at: Buffer, access: number, mode: number): boolean {
  try {
    accessSync(at, access);
    return true;
  } catch {
    try {
      chmodSync(at, mode);
      accessSync(at, access);
      return true;
    } catch {
      return false;
    }
  }
}
