import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { resolveLabels } from '../scoring/derive-labels.ts';
import { type Half, halfCandidate } from '../scoring/half-candidate.ts';
import { SourceReader } from '../scoring/source-reader.ts';
import type { TreeView } from '../scoring/tree-view.ts';
import { treeWith, type ChangedFile } from '../workspace/changed-tree.ts';
import { diffTrees } from '../workspace/patch.ts';
import { openTrees, readWhatIsNeeded } from './tree-views.ts';

/** What decides the half besides the trees. */
export type HalfLabels = Pick<Migration, 'labels' | 'source' | 'target'>;

/** A patch, or why there is none of this kind. */
export interface HalfPatch {
  readonly patch: Buffer;
  readonly files: string[];
  /** Null where there is a patch. */
  readonly why: string | null;
}

/** About half of the ground truth as a patch (`edit-f1.md`, "Half"); none where the labelled migration has no half. */
export async function halfPatch(
  repo: RepoArtefact,
  { labels, source, target }: HalfLabels,
  scratchDir: string,
): Promise<Result<HalfPatch, Failure>> {
  const opened = await openTrees(repo.dir, repo.beforeTree, repo.afterTree);
  if (!opened.ok) return opened;
  const made = await readWhatIsNeeded(opened.value, ([before, after]) => {
    const reader = new SourceReader();
    const resolved = resolveLabels(labels, { before, after, source, target, reader });
    const half = halfCandidate(before, after, resolved.labels, reader);
    return half.kind === 'half' ? { half, changed: changedFiles(before, half) } : { half, changed: [] };
  });
  if (!made.ok) return made;
  const { half, changed } = made.value;
  if (half.kind !== 'half') return none(half.why);

  const rawPaths = new Map(opened.value.listings[0]?.map((entry) => [entry.path, entry.rawPath]));
  const files = changed.map(({ path, mode, content }): ChangedFile => ({
    rawPath: rawPaths.get(path) ?? Buffer.from(path),
    mode,
    content,
  }));
  const tree = await treeWith(repo.dir, repo.beforeTree, files, scratchDir);
  if (!tree.ok) return tree;
  const difference = await diffTrees(tree.value.objects, repo.beforeTree, tree.value.tree);
  if (!difference.ok) return difference;
  return ok({ ...difference.value, why: null });
}

function none(why: string): Result<HalfPatch, never> {
  return ok({ patch: Buffer.alloc(0), files: [], why: `half: n/a, ${why}` });
}

function changedFiles(
  before: TreeView,
  { tree }: Extract<Half, { kind: 'half' }>,
): { readonly path: string; readonly mode: string; readonly content: Uint8Array }[] {
  return [...tree.entries].flatMap(([path, { id, mode }]) => {
    const old = before.entries.get(path);
    if (old?.id === id) return [];
    const own = old === undefined ? null : before.read(path);
    return [{ path, mode, content: writtenLike(own, tree.read(path)) }];
  });
}

const MARK = Buffer.from('\uFEFF');

/** A text with the mark and the line ends of the file that it replaces, so that only what changed differs. */
function writtenLike(old: Uint8Array | null, text: Uint8Array): Uint8Array {
  if (old === null) return text;
  // Byte by byte: the coding is kept already.
  const [before, now] = [old, text].map((bytes) => Buffer.from(bytes).toString('latin1')) as [string, string];
  const ends = before.match(/\r?\n/g) ?? [];
  const ended = ends.length > 0 && ends.every((end) => end === '\r\n') ? now.replaceAll('\n', '\r\n') : now;
  const bytes = Buffer.from(ended, 'latin1');
  return MARK.equals(old.subarray(0, MARK.length)) ? Buffer.concat([MARK, bytes]) : bytes;
}
