import { lstatSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import { type Sha, sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { git } from './git.ts';
import {
  findEntries,
  type FoundEntry,
  isReadable,
  type PatchLimits,
  type SkippedEntry,
} from './patch-entries.ts';
import { isExcluded } from './patch-exclude.ts';

interface IndexEntry {
  readonly mode: string;
  readonly id: string;
}

/** An entry of the base, with its length in bytes. */
interface BaseEntry extends IndexEntry {
  readonly size: number;
}

/** A folder as a tree object of `gitDir`, with what was left out of it. */
export interface Snapshot {
  readonly tree: Sha;
  readonly skipped: readonly SkippedEntry[];
  /** Paths that differ from the base, and that a pattern left out. */
  readonly excluded: readonly string[];
}

/** Names that differ from `.git` only for other systems are harmless here; git's own refusal would be a crash. */
export const ANY_NAME = ['-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false'];

/**
 * Writes the tree of a folder that foreign code wrote into `gitDir`, which can read the base's objects. What
 * is left out (excluded, unreadable, too large) is as in the base; special files and `.git` are absent.
 */
export async function snapshotFolder(
  gitDir: string,
  baseTree: Sha,
  dir: string,
  exclude: readonly string[],
  limits: PatchLimits,
): Promise<Result<Snapshot, GitFailure>> {
  const listed = await git(gitDir, ['ls-tree', '-r', '-z', '--long', baseTree], {
    env: { GIT_DIR: gitDir },
  });
  if (!listed.ok) return listed;
  const base = readTree(listed.value.stdout);
  const baseIds = new Set([...base.values()].map(({ id }) => id));
  const looked = exists(dir) ? findEntries(dir, limits) : { found: [], skipped: [] };
  const skipped = [...looked.skipped];
  const excluded: string[] = [];
  const chosen: FoundEntry[] = [];
  // what must be read to be told apart from the base is bounded too: holes make files of any length at no cost
  let unread = 4 * limits.newBytes;
  for (const entry of [...looked.found].sort((a, b) => Buffer.compare(a.path, b.path))) {
    if (isExcluded(entry.path.toString(), exclude)) continue;
    const differs = base.get(entry.path.toString('latin1'))?.size !== entry.size;
    if (differs && entry.size <= limits.fileBytes) unread -= entry.size;
    if (entry.size > limits.fileBytes || unread < 0)
      skipped.push({ path: entry.path.toString(), why: 'too-large' });
    else if (entry.kind === 'file' && !isReadable(entry.at)) {
      skipped.push({ path: entry.path.toString(), why: 'unreadable' });
    } else chosen.push(entry);
  }
  const places = chosen.map((entry, index) =>
    entry.kind === 'file' ? entry.at : linkTarget(gitDir, entry.at, index),
  );
  const ids = await hashObjects(gitDir, places, false);
  if (!ids.ok) return ids;

  const next = new Map<string, IndexEntry>();
  const fresh: Buffer[] = [];
  let freshBytes = 0;
  for (const [index, entry] of chosen.entries()) {
    const id = ids.value[index] ?? '';
    const key = entry.path.toString('latin1');
    if (!baseIds.has(id)) {
      freshBytes += entry.size;
      if (freshBytes > limits.newBytes) {
        skipped.push({ path: entry.path.toString(), why: 'too-large' });
        continue;
      }
      fresh.push(places[index] ?? entry.at);
    }
    next.set(key, { mode: entry.kind === 'link' ? '120000' : entry.executable ? '100755' : '100644', id });
  }
  const written = await hashObjects(gitDir, fresh, true);
  if (!written.ok) return written;

  keepBase(base, next, skipped, exclude);
  const foundKeys = new Set(looked.found.map(({ path: found }) => found.toString('latin1')));
  for (const key of foundKeys) {
    const name = Buffer.from(key, 'latin1').toString();
    if (!base.has(key) && isExcluded(name, exclude)) excluded.push(name);
  }
  const tree = await writeTree(gitDir, next);
  if (!tree.ok) return tree;
  return ok({ tree: tree.value, skipped: skipped.sort(byPath), excluded: excluded.sort() });
}

/** Entries of the base that the snapshot cannot or must not speak of stay as they were. */
function keepBase(
  base: ReadonlyMap<string, IndexEntry>,
  next: Map<string, IndexEntry>,
  skipped: readonly SkippedEntry[],
  exclude: readonly string[],
): void {
  const unknown = skipped
    .filter(({ why }) => why === 'unreadable' || why === 'too-large')
    .map((entry) => entry.path);
  const all = skipped.some(
    ({ path: place, why }) => why === 'too-many' || (why === 'unreadable' && place === ''),
  );
  const folders = new Set<string>();
  for (const key of next.keys()) {
    for (let cut = key.indexOf('/'); cut >= 0; cut = key.indexOf('/', cut + 1))
      folders.add(key.slice(0, cut));
  }
  for (const [key, entry] of base) {
    if (next.has(key) || folders.has(key)) continue;
    const name = Buffer.from(key, 'latin1').toString();
    const kept =
      all ||
      entry.mode === '160000' ||
      isExcluded(name, exclude) ||
      unknown.some((place) => name === place || name.startsWith(`${place}/`));
    const underFile = name
      .split('/')
      .some((_, index, parts) => index > 0 && next.has(latin1(parts.slice(0, index))));
    if (kept && !underFile) next.set(key, entry);
  }
}

const latin1 = (parts: readonly string[]): string => Buffer.from(parts.join('/')).toString('latin1');

function exists(dir: string): boolean {
  return lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The target of a link as a file of its own, so that one git process hashes everything. */
function linkTarget(gitDir: string, at: Buffer, index: number): Buffer {
  const dir = path.join(gitDir, 'link-targets');
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, String(index));
  writeFileSync(file, readlinkSync(at, { encoding: 'buffer' }));
  return Buffer.from(file);
}

async function hashObjects(
  gitDir: string,
  places: readonly Buffer[],
  write: boolean,
): Promise<Result<string[], GitFailure>> {
  if (places.length === 0) return ok([]);
  const args = ['hash-object', ...(write ? ['-w'] : []), '--no-filters', '--stdin-paths'];
  const input = places.map((place) => `${quoted(place)}\n`).join('');
  const hashed = await git(gitDir, args, { env: { GIT_DIR: gitDir }, input });
  if (!hashed.ok) return hashed;
  return ok(hashed.value.stdout.toString('latin1').split('\n').slice(0, places.length));
}

/** git's own quoting, every byte that is not plain in octal: names may hold newlines and any bytes. */
function quoted(place: Buffer): string {
  let text = '"';
  for (const byte of place) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `${text}"`;
}

function readTree(bytes: Buffer): Map<string, BaseEntry> {
  const entries = new Map<string, BaseEntry>();
  for (const line of bytes.toString('latin1').split('\0')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const [mode = '', , id = '', size = ''] = line.slice(0, tab).split(/ +/);
    entries.set(line.slice(tab + 1), { mode, id, size: /^\d+$/.test(size) ? Number(size) : -1 });
  }
  return entries;
}

async function writeTree(
  gitDir: string,
  entries: ReadonlyMap<string, IndexEntry>,
): Promise<Result<Sha, GitFailure>> {
  const env = { GIT_DIR: gitDir, GIT_INDEX_FILE: path.join(gitDir, 'snapshot.index') };
  const lines = [...entries].map(([key, { mode, id }]) => `${mode} ${id}\t${key}\0`).join('');
  const input = Buffer.from(lines, 'latin1');
  const filled = await git(gitDir, [...ANY_NAME, 'update-index', '-z', '--index-info'], { env, input });
  if (!filled.ok) return filled;
  const tree = await git(gitDir, [...ANY_NAME, 'write-tree', '--missing-ok'], { env });
  if (!tree.ok) return tree;
  return ok(sha(tree.value.stdout.toString().trim()));
}

function byPath(a: SkippedEntry, b: SkippedEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
