import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { GitFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { git, gitFailure, gitText } from './git-process.ts';
import type { GitOptions } from './git-process.ts';
import { lsTree, readBlobs, resolveRevision } from './git-tree.ts';
import type { TreeEntry } from './git-tree.ts';

const SLASH = Buffer.from('/');
/** Blobs are read in groups of about this many bytes. */
const GROUP_BYTES = 32 << 20;

/**
 * Writes a tree into an empty folder (made when missing): exact bytes and modes, whatever attributes say; no
 * `.git`. Links are made as they are, last, and never followed; a submodule becomes an empty folder.
 * Fails on paths that would leave the folder or stand for a repository, on doubled paths and missing objects.
 */
export async function exportTree(
  repo: string,
  treeish: string,
  dest: string,
  options: Pick<GitOptions, 'env' | 'signal'> = {},
): Promise<Result<void, GitFailure>> {
  const args = ['export', treeish];
  const listed = await lsTree(repo, treeish, options);
  if (!listed.ok) return listed;
  const unsafe = listed.value.find((entry) => isUnsafePath(entry.rawPath));
  if (unsafe !== undefined) return fail(gitFailure(args, `unsafe path in the tree: ${unsafe.path}`));
  try {
    mkdirSync(dest, { recursive: true });
    if (readdirSync(dest).length > 0) return fail(gitFailure(args, `the folder ${dest} is not empty`));
    makeFolders(dest, listed.value);
    const files = listed.value.filter((entry) => entry.type === 'blob');
    // links last: nothing is ever written through one
    const ordered = [
      ...files.filter((e) => e.mode !== '120000'),
      ...files.filter((e) => e.mode === '120000'),
    ];
    for (const group of grouped(ordered)) {
      const blobs = await readBlobs(
        repo,
        group.map((entry) => entry.id),
        options,
      );
      if (!blobs.ok) return blobs;
      for (const entry of group) writeEntry(dest, entry, blobs.value.get(entry.id) ?? Buffer.alloc(0));
    }
  } catch (error) {
    return fail(gitFailure(args, error instanceof Error ? error.message : String(error)));
  }
  return ok(undefined);
}

/** `..`, absolute, empty or `.git` components (in any case, as git itself holds). */
export function isUnsafePath(rawPath: Buffer): boolean {
  return rawPath
    .toString('latin1')
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
}

function below(dir: string, rawPath: Buffer): Buffer {
  return Buffer.concat([Buffer.from(dir), SLASH, rawPath]);
}

function makeFolders(dest: string, entries: readonly TreeEntry[]): void {
  const made = new Set<string>();
  for (const entry of entries) {
    const end = entry.type === 'commit' ? entry.rawPath.length : entry.rawPath.lastIndexOf(47);
    if (end < 0) continue;
    const folder = entry.rawPath.subarray(0, end);
    const key = folder.toString('latin1');
    if (!made.has(key)) mkdirSync(below(dest, folder), { recursive: true });
    made.add(key);
  }
}

function* grouped(entries: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let group: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    group.push(entry);
    bytes += Math.max(entry.size, 0);
    if (bytes < GROUP_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

function writeEntry(dest: string, entry: TreeEntry, content: Buffer): void {
  const at = below(dest, entry.rawPath);
  if (entry.mode === '120000') symlinkSync(content, at);
  else {
    writeFileSync(at, content, { flag: 'wx' });
    // set apart from writing, because the user's umask must not decide it
    chmodSync(at, entry.mode === '100755' ? 0o755 : 0o644);
  }
}

/**
 * Writes a tree object of a folder as it is into `repo`, and gives its id: exact bytes, whatever ignore and
 * attribute files say. Left out: everything named `.git` (at any depth, in any case) or as in `leaveOut`,
 * empty folders, sockets and devices. Links are stored, not followed.
 */
export async function treeOfFolder(
  repo: string,
  dir: string,
  options: Pick<GitOptions, 'env' | 'signal'> & { readonly leaveOut?: readonly string[] } = {},
): Promise<Result<Sha, GitFailure>> {
  const { leaveOut = [], ...rest } = options;
  const ref = `refs/folders/${randomBytes(8).toString('hex')}`;
  const imported = await git(repo, ['fast-import', '--quiet', '--done'], {
    ...rest,
    input: folderStream(dir, ref, new Set(leaveOut)),
  });
  if (!imported.ok) return imported;
  const tree = await resolveRevision(repo, `${ref}^{tree}`, rest);
  const removed = await gitText(repo, ['update-ref', '-d', ref], rest);
  return removed.ok ? tree : removed;
}

/** One file or link of a folder, as a tree would hold it. */
export interface FolderEntry {
  readonly rawPath: Buffer;
  readonly mode: '100644' | '100755' | '120000';
  readonly content: Buffer;
}

/** Files and links below a folder in byte order of their paths, by the same rules as `treeOfFolder`. */
export function* folderEntries(dir: string, leaveOut: ReadonlySet<string>): Generator<FolderEntry> {
  const pending: Buffer[] = [Buffer.alloc(0)];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const place = at.length === 0 ? Buffer.from(dir) : below(dir, at);
    const status = lstatSync(place);
    if (status.isDirectory()) {
      const names = readdirSync(place, { encoding: 'buffer' }).filter((name) => {
        const shown = name.toString();
        return shown.toLowerCase() !== '.git' && !leaveOut.has(shown);
      });
      for (const name of names.sort((a, b) => Buffer.compare(b, a))) {
        pending.push(at.length === 0 ? name : Buffer.concat([at, SLASH, name]));
      }
    } else if (status.isSymbolicLink()) {
      yield { rawPath: at, mode: '120000', content: readlinkSync(place, { encoding: 'buffer' }) };
    } else if (status.isFile()) {
      const { content, executable } = readRegular(place);
      yield { rawPath: at, mode: executable ? '100755' : '100644', content };
    }
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an asynchronous stream of synchronous reads
async function* folderStream(
  dir: string,
  ref: string,
  leaveOut: ReadonlySet<string>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`commit ${ref}\ncommitter nobody <nobody@localhost> 0 +0000\ndata 0\n\n`);
  for (const { rawPath, mode, content } of folderEntries(dir, leaveOut)) {
    const head = Buffer.concat([Buffer.from(`M ${mode} inline `), quotedPath(rawPath)]);
    yield Buffer.concat([head, Buffer.from(`\ndata ${content.length}\n`), content, Buffer.from('\n')]);
  }
  yield Buffer.from('done\n');
}

function readRegular(file: Buffer): { content: Buffer; executable: boolean } {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(handle);
    return {
      content: status.isFile() ? readFileSync(handle) : Buffer.alloc(0),
      executable: (status.mode & 0o100) !== 0,
    };
  } finally {
    closeSync(handle);
  }
}

/** A path as fast-import reads it: git's C style, every unusual byte as an octal escape. */
export function quotedPath(rawPath: Buffer): Buffer {
  let text = '"';
  for (const byte of rawPath) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return Buffer.from(`${text}"`);
}
