import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { SourceFailure } from '../model/failures/source.ts';
import type { TreeSource } from '../model/migration.ts';
import { ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { openPackageIndex } from '../workspace/package-index.ts';
import type { PackageIndex } from '../workspace/package-index.ts';
import { openFolder } from './folder-source.ts';
import { createGitSource } from './git-source.ts';
import type { OpenedTree } from './opened-tree.ts';
import { openSdist } from './sdist-source.ts';

export interface SourcesRequest {
  readonly before: TreeSource;
  readonly after: TreeSource;
  /** Whose repository it is, for git sources without an address. */
  readonly owner: string;
  readonly repo: string;
  /** Paths whose content must be there in partial copies. */
  readonly needed: ReadonlySet<string>;
  readonly mirrors: readonly string[];
  /** `https://host` for git sources without an address; null: mirrors alone. */
  readonly host: string | null;
  readonly cacheDir: string;
  readonly scratchDir: string;
  readonly signal?: AbortSignal;
  /** Default: the host's own index. */
  readonly index?: () => Promise<Result<PackageIndex, SourceFailure>>;
}

/** Opens both trees of a migration, the later one first: it is the one that a wrong entry shows at. */
export async function openSources(
  request: SourcesRequest,
): Promise<Result<{ before: OpenedTree; after: OpenedTree }, SourceFailure>> {
  const { owner, repo, needed, mirrors, host, cacheDir, scratchDir, signal } = request;
  const gitDir = path.join(scratchDir, 'git');
  mkdirSync(gitDir, { recursive: true });
  const git = createGitSource({
    mirrors,
    host,
    scratchDir: gitDir,
    ...(signal === undefined ? {} : { signal }),
  });
  const openIndex = request.index ?? openPackageIndex;
  let opened: ReturnType<typeof openIndex> | undefined;
  const index = (): ReturnType<typeof openIndex> => (opened ??= openIndex());
  const open = async (source: TreeSource, side: string): Promise<Result<OpenedTree, SourceFailure>> => {
    const own = path.join(scratchDir, side);
    mkdirSync(own, { recursive: true });
    switch (source.kind) {
      case 'git':
        return await git.open(source, { owner, repo }, needed);
      case 'sdist':
        return await openSdist(source, { index, cacheDir, scratchDir: own });
      case 'path':
        return await openFolder(source.dir, own);
    }
  };
  const after = await open(request.after, 'after');
  if (!after.ok) return after;
  const before = await open(request.before, 'before');
  if (!before.ok) return before;
  return ok({ before: before.value, after: after.value });
}
