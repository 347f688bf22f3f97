import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Sha, sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { git, type GitFailure } from './git.ts';

/** A file as it is to stand in a tree. */
export interface ChangedFile {
  readonly rawPath: Buffer;
  /** `100644` or `100755`. */
  readonly mode: string;
  readonly content: Uint8Array;
}

/** A tree and the git folder in which it can be read; that folder borrows the objects of the repository. */
export interface ChangedTree {
  readonly objects: string;
  readonly tree: Sha;
}

/**
 * The tree `base` with some files written anew. The repository itself is only read: new objects lie in a folder
 * made below `scratchDir`.
 */
export async function treeWith(
  repo: string,
  base: Sha,
  files: readonly ChangedFile[],
  scratchDir: string,
): Promise<Result<ChangedTree, GitFailure>> {
  mkdirSync(scratchDir, { recursive: true });
  const objects = mkdtempSync(path.join(scratchDir, 'tree-'));
  const format = base.length === 64 ? 'sha256' : 'sha1';
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, objects];
  const made = await git(null, args);
  if (!made.ok) return made;
  const found = await git(repo, ['rev-parse', '--git-path', 'objects']);
  if (!found.ok) return found;
  const borrowed = path.resolve(repo, found.value.stdout.toString().trim());
  mkdirSync(path.join(objects, 'objects', 'info'), { recursive: true });
  writeFileSync(path.join(objects, 'objects', 'info', 'alternates'), `${borrowed}\n`);

  const env = { GIT_DIR: objects, GIT_INDEX_FILE: path.join(objects, 'changed.index') };
  const read = await git(objects, ['read-tree', base], { env });
  if (!read.ok) return read;
  const lines: Buffer[] = [];
  for (const { rawPath, mode, content } of files) {
    const input = Buffer.from(content);
    const hashed = await git(objects, ['hash-object', '-w', '--no-filters', '--stdin'], { env, input });
    if (!hashed.ok) return hashed;
    const id = hashed.value.stdout.toString().trim();
    lines.push(Buffer.from(`${mode} ${id}\t`), rawPath, Buffer.of(0));
  }
  const filled = await git(objects, ['update-index', '-z', '--index-info'], {
    env,
    input: Buffer.concat(lines),
  });
  if (!filled.ok) return filled;
  const tree = await git(objects, ['write-tree', '--missing-ok'], { env });
  if (!tree.ok) return tree;
  return ok({ objects, tree: sha(tree.value.stdout.toString().trim()) });
}
