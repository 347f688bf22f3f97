import { mkdirSync } from 'node:fs';
import type { GitFailure } from '../model/failures/source.ts';
import { sha } from '../model/ids.ts';
import type { Sha } from '../model/ids.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { git, gitFailure, gitText } from './git-process.ts';
import type { GitOptions } from './git-process.ts';

/** One file of a tree. */
export interface TreeEntry {
  /** With forward slashes; bytes that are not UTF-8 are shown as U+FFFD (`rawPath` has them). */
  readonly path: string;
  readonly rawPath: Buffer;
  /** `100644`, `100755`, `120000` (link) or `160000` (submodule). */
  readonly mode: string;
  readonly type: 'blob' | 'commit';
  readonly id: string;
  /** Bytes; 0 for a submodule, -1 where the object is missing. */
  readonly size: number;
}

/** Makes an empty repository without hooks, templates or remotes; `bare` by default. */
export async function initRepository(
  dir: string,
  options: { readonly bare?: boolean } = {},
): Promise<Result<void, GitFailure>> {
  mkdirSync(dir, { recursive: true });
  const made = await gitText(dir, ['init', '--quiet', ...(options.bare === false ? [] : ['--bare']), '.']);
  return made.ok ? ok(undefined) : made;
}

/** Every file of a tree, commit or ref, at any depth, in git's order. */
export async function lsTree(
  repo: string,
  treeish: string,
  options: Pick<GitOptions, 'env' | 'signal'> = {},
): Promise<Result<TreeEntry[], GitFailure>> {
  const args = ['ls-tree', '-r', '-z', '--long', '--full-tree', treeish];
  const listed = await git(repo, args, options);
  if (!listed.ok) return listed;
  const entries: TreeEntry[] = [];
  const { stdout } = listed.value;
  for (let start = 0; start < stdout.length;) {
    const end = stdout.indexOf(0, start);
    const record = stdout.subarray(start, end);
    const tab = record.indexOf(9);
    const [mode, type, id, size] = record.subarray(0, tab).toString('latin1').split(/ +/);
    if (mode === undefined || id === undefined || (type !== 'blob' && type !== 'commit')) {
      return fail(gitFailure(args, `unexpected line: ${record.toString()}`));
    }
    const rawPath = Buffer.from(record.subarray(tab + 1));
    entries.push({ path: rawPath.toString(), rawPath, mode, type, id, size: sizeOf(type, size) });
    start = end + 1;
  }
  return ok(entries);
}

function sizeOf(type: string, size: string | undefined): number {
  if (type === 'commit') return 0;
  return size === undefined || !/^\d+$/.test(size) ? -1 : Number(size);
}

/** Content of blobs by id, through one `cat-file --batch`. Fails when one is missing. */
export async function readBlobs(
  repo: string,
  ids: readonly string[],
  options: Pick<GitOptions, 'env' | 'signal'> = {},
): Promise<Result<Map<string, Buffer>, GitFailure>> {
  const blobs = new Map<string, Buffer>();
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return ok(blobs);
  const args = ['cat-file', '--batch'];
  const odd = wanted.find((id) => !/^[0-9a-f]{40,64}$/.test(id));
  if (odd !== undefined) return fail(gitFailure(args, `not an object id: ${odd}`));
  const answered = await git(repo, args, { ...options, input: `${wanted.join('\n')}\n` });
  if (!answered.ok) return answered;
  const { stdout } = answered.value;
  let start = 0;
  for (const id of wanted) {
    const end = stdout.indexOf(10, start);
    const [, type, size] = stdout.subarray(start, end).toString('latin1').split(' ');
    if (end < 0 || type !== 'blob') return fail(gitFailure(args, `object ${id}: ${type ?? 'no answer'}`));
    const length = Number(size);
    blobs.set(id, Buffer.from(stdout.subarray(end + 1, end + 1 + length)));
    start = end + 1 + length + 1;
  }
  return ok(blobs);
}

/** Full id of the object that `revision` names. */
export async function resolveRevision(
  repo: string,
  revision: string,
  options: Pick<GitOptions, 'env' | 'signal'> = {},
): Promise<Result<Sha, GitFailure>> {
  const named = await gitText(repo, ['rev-parse', '--verify', '--end-of-options', revision], options);
  return named.ok ? ok(sha(named.value)) : named;
}
