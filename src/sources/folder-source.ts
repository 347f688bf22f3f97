import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { SourceFailure } from '../model/failures/source.ts';
import { digest } from '../model/ids.ts';
import type { Digest } from '../model/ids.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { sha256 } from '../workspace/disk.ts';
import { folderEntries, initRepository, treeOfFolder } from '../workspace/git.ts';
import type { OpenedTree } from './opened-tree.ts';

/** Left out of folder sources beside `.git`: what Python writes by itself. */
const LEFT_OUT = ['__pycache__'];

/** Digest of a folder's content as it would be taken: paths, modes, bytes. `folder-missing` where it cannot be read. */
export function folderDigest(dir: string): Result<Digest, SourceFailure> {
  const unfit = unfitFolder(dir);
  if (unfit !== undefined) return fail(unfit);
  const hash = createHash('sha256');
  try {
    for (const { rawPath, mode, content } of folderEntries(dir, new Set(LEFT_OUT))) {
      hash.update(rawPath).update(`\0${mode}\0${sha256(content)}\0`);
    }
  } catch (error) {
    return fail(folderFailure(dir, error instanceof Error ? error.message : String(error)));
  }
  return ok(digest(hash.digest('hex')));
}

/** Opens a plain folder as a tree: its own `.git` and `__pycache__` are left out, links are kept as links. */
export async function openFolder(
  dir: string,
  scratchDir: string,
): Promise<Result<OpenedTree, SourceFailure>> {
  const content = folderDigest(dir);
  if (!content.ok) return content;
  const store = path.join(scratchDir, 'folder.git');
  const made = await initRepository(store);
  if (!made.ok) return made;
  const tree = await treeOfFolder(store, dir, { leaveOut: LEFT_OUT });
  if (!tree.ok) return tree;
  const facts = { kind: 'path', content: content.value };
  return ok({ store, tree: tree.value, date: null, missing: [], facts });
}

function unfitFolder(dir: string): SourceFailure | undefined {
  const status = statSync(dir, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return undefined;
  return folderFailure(dir, status === undefined ? 'there is no such folder' : 'it is no folder');
}

function folderFailure(folder: string, detail: string): SourceFailure {
  return { class: 'infra', reason: 'folder-missing', folder, detail };
}
