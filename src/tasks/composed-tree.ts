import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { type Sha, sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { exportTree, git, type GitFailure, type TreeEntry } from '../workspace/git.ts';

/** Files of a tree by path. */
export type Entries = ReadonlyMap<string, TreeEntry>;

export function entriesOf(listing: readonly TreeEntry[]): Entries {
  return new Map(listing.map((entry) => [entry.path, entry]));
}

/** Writes a tree of these files into `objects`, a git folder of our own that can read their contents. */
export async function writeTree(objects: string, entries: Entries): Promise<Result<Sha, GitFailure>> {
  const env = {
    GIT_DIR: objects,
    GIT_INDEX_FILE: path.join(objects, `composed-${randomBytes(6).toString('hex')}`),
  };
  const lines = [...entries.values()].map(({ mode, id, rawPath }) =>
    Buffer.concat([Buffer.from(`${mode} ${id} 0\t`), rawPath, Buffer.from([0])]),
  );
  const indexed = await git(objects, ['update-index', '--replace', '-z', '--index-info'], {
    env,
    input: Buffer.concat(lines),
  });
  if (!indexed.ok) return indexed;
  const written = await git(objects, ['write-tree', '--missing-ok'], { env });
  return written.ok ? ok(sha(written.value.stdout.toString().trim())) : written;
}

/** Makes the folder `dest` of these files; names that are not UTF-8 can be neither copied nor told, and are left out. */
export async function exportEntries(
  objects: string,
  entries: Entries,
  dest: string,
): Promise<Result<string, GitFailure>> {
  const named = [...entries].filter(([file, { rawPath }]) => rawPath.equals(Buffer.from(file)));
  const tree = await writeTree(objects, new Map(named));
  if (!tree.ok) return tree;
  const exported = await exportTree(objects, tree.value, dest);
  return exported.ok ? ok(dest) : exported;
}
