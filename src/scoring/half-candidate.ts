import type { LabelledFile } from '../model/labels.ts';
import {
  labelledGroups,
  takenHunk,
  type FilePair,
  type LabelledHunk,
  type TakenHunk,
} from './labelled-groups.ts';
import { SourceReader } from './source-reader.ts';
import { withTexts } from './text-tree.ts';
import type { TreeView } from './tree-view.ts';

/** About half of the labelled migration, for validation: its score must lie strictly between 0 and 1. */
export type Half =
  | {
      readonly kind: 'half';
      readonly groups: number;
      readonly takenGroups: number;
      readonly hunks: readonly TakenHunk[];
      readonly tree: TreeView;
    }
  | { readonly kind: 'not applicable'; readonly why: string };

/**
 * Labelled hunks of the line difference, those that one logical line or one label spans taken together; the first
 * half of these groups in the order (path, line), and more while it lacks an added or a deleted labelled line.
 */
export function halfCandidate(
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
  reader = new SourceReader(),
): Half {
  const { groups } = labelledGroups(reader, before, after, labels);
  if (groups.length < 2) return { kind: 'not applicable', why: `${groups.length} group of labelled hunks` };
  let taken = Math.floor(groups.length / 2);
  const lacks = (kind: 'adds' | 'deletes'): boolean =>
    !groups
      .slice(0, taken)
      .flat()
      .some((hunk) => hunk[kind]);
  while (taken < groups.length && (lacks('adds') || lacks('deletes'))) taken++;
  if (taken === groups.length)
    return { kind: 'not applicable', why: 'only all groups together add and delete' };
  const hunks = groups.slice(0, taken).flat();
  return {
    kind: 'half',
    groups: groups.length,
    takenGroups: taken,
    hunks: hunks.map(takenHunk),
    tree: applied(before, hunks),
  };
}

/** The tree before with the hunks taken over; a renamed file keeps its old path. */
function applied(before: TreeView, hunks: readonly LabelledHunk[]): TreeView {
  const byFile = new Map<FilePair, LabelledHunk[]>();
  for (const hunk of hunks) byFile.set(hunk.file, [...(byFile.get(hunk.file) ?? []), hunk]);
  const texts = new Map<string, string>();
  for (const [file, own] of byFile) {
    const lines: string[] = [];
    let at = 0;
    for (const hunk of own.sort((a, b) => a.aFrom - b.aFrom || a.bFrom - b.bFrom)) {
      lines.push(...file.old.slice(at, hunk.aFrom), ...file.now.slice(hunk.bFrom, hunk.bTo));
      at = hunk.aTo;
    }
    lines.push(...file.old.slice(at));
    texts.set(file.beforePath ?? file.path, lines.join('\n'));
  }
  return withTexts(before, texts);
}
