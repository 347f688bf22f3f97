import type { Sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { differingPaths, type TreeView } from '../scoring/tree-view.ts';
import { lsTree, readBlobs, type GitFailure, type TreeEntry } from '../workspace/git.ts';

/** Trees of one git folder as scoring sees them, over the contents that were read so far. */
export interface OpenTrees {
  readonly repo: string;
  readonly listings: readonly (readonly TreeEntry[])[];
}

/** Content that the repository has not got (partial copies): like binary content it is not compared. */
const UNREADABLE = Uint8Array.of(0);

/** Lists trees that `repo` can read (borrowed objects included). */
export async function openTrees(
  repo: string,
  ...trees: readonly Sha[]
): Promise<Result<OpenTrees, GitFailure>> {
  const listings: TreeEntry[][] = [];
  const known = new Map<Sha, TreeEntry[]>();
  for (const tree of trees) {
    const same = known.get(tree);
    if (same !== undefined) {
      listings.push(same);
      continue;
    }
    const listed = await lsTree(repo, tree);
    if (!listed.ok) return listed;
    known.set(tree, listed.value);
    listings.push(listed.value);
  }
  return ok({ repo, listings });
}

/**
 * Runs a pure step over trees, reading contents in batches: first what differs between the trees, then whatever
 * the step turned out to ask for beyond, and the step again with that, until it asks for nothing new. So a step
 * stays synchronous and nothing is read that is not needed.
 */
export async function readWhatIsNeeded<T>(
  { repo, listings }: OpenTrees,
  step: (trees: readonly [TreeView, TreeView, TreeView]) => T,
): Promise<Result<T, GitFailure>> {
  const contents = new Map<string, Uint8Array>();
  const missing = new Set<string>();
  const views = listings.map((entries): TreeView => {
    const files = new Map(entries.map(({ path, id, mode, size }) => [path, { id, mode, size }]));
    return {
      entries: files,
      read: (path) => {
        const file = files.get(path);
        if (file === undefined || file.size < 0) return UNREADABLE;
        const content = contents.get(file.id);
        if (content === undefined) missing.add(file.id);
        return content ?? UNREADABLE;
      },
    };
  });
  const [first, second = first, third = second] = views;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('no tree was opened');
  for (const path of differingPaths(...views)) {
    for (const view of views) if (view.entries.get(path)?.mode.startsWith('100') === true) view.read(path);
  }
  for (;;) {
    if (missing.size > 0) {
      const blobs = await readBlobs(repo, [...missing]);
      if (!blobs.ok) return blobs;
      for (const [id, content] of blobs.value) contents.set(id, content);
      missing.clear();
    }
    const result = step([first, second, third]);
    if (missing.size === 0) return ok(result);
  }
}
