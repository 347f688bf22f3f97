import type { LabelledFile } from '../model/labels.ts';
import { changesImportsAlone } from './import-hunks.ts';
import { type FilePair, type LabelledHunk, labelledGroups } from './labelled-groups.ts';
import type { LogicalLine } from './logical-line.ts';
import { SourceReader } from './source-reader.ts';
import { withTexts } from './text-tree.ts';
import type { TreeView } from './tree-view.ts';

/**
 * The tree before with the migration's imports alone, a control that no suite may find resolved: hunks that change
 * imports and what guards them are the ground truth's, all else is as it was. Null where the migration has no such
 * hunk, or nothing else.
 *
 * @param labels resolved ones: see `resolveLabels` for derived labels and for all changed lines
 */
export function importOnlyCandidate(
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
  reader = new SourceReader(),
): TreeView | null {
  const hunks = labelledGroups(reader, before, after, labels).groups.flat();
  const taken = new Map<FilePair, LabelledHunk[]>();
  let left = 0;
  for (const hunk of hunks) {
    const { file } = hunk;
    const old = lexedLines(reader, before, file.beforePath);
    const now = lexedLines(reader, after, file.afterPath);
    const isImports = old !== null && now !== null && changesImportsAlone([hunk], old, now);
    if (isImports) taken.set(file, [...(taken.get(file) ?? []), hunk]);
    else left++;
  }
  if (taken.size === 0 || left === 0) return null;
  const texts = [...taken].map(([file, own]) => [file.beforePath ?? file.path, applied(file, own)] as const);
  return withTexts(before, new Map(texts));
}

function lexedLines(
  reader: SourceReader,
  tree: TreeView,
  path: string | null,
): readonly LogicalLine[] | null {
  const source = path === null ? null : reader.read(tree, path);
  return source?.lexed.ok === true ? source.lexed.lines : null;
}

function applied(file: FilePair, hunks: readonly LabelledHunk[]): string {
  const lines: string[] = [];
  let at = 0;
  for (const hunk of [...hunks].sort((a, b) => a.aFrom - b.aFrom || a.bFrom - b.bFrom)) {
    lines.push(...file.old.slice(at, hunk.aFrom), ...file.now.slice(hunk.bFrom, hunk.bTo));
    at = hunk.aTo;
  }
  return [...lines, ...file.old.slice(at)].join('\n');
}
