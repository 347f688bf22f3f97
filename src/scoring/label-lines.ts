import type { LabelledChange, LabelledFile, LineRanges } from '../model/labels.ts';
import { isTest } from './file-kinds.ts';
import type { TreeView } from './tree-view.ts';
import type { Rename } from './renames.ts';

/** One labelled change with the files that its lines lie in. */
export interface PlacedLabel {
  readonly path: string;
  readonly change: LabelledChange;
  /** In the tree before: the label's path, else the file that the ground truth renamed to it; null when there is none. */
  readonly beforePath: string | null;
  /** In the ground truth: the label's path; null when it is not there. */
  readonly afterPath: string | null;
  /** Lies in a test while tests are out of scope: shown, not scored. */
  readonly dropped: boolean;
}

/** Whether the labels make tests the thing that is migrated: there are labels, and all lie in tests. */
export function testsAreMigrated(labels: readonly LabelledFile[]): boolean {
  const files = labels.filter((file) => file.changes.length > 0);
  return files.length > 0 && files.every((file) => isTest(file.path));
}

/** The paths whose labels count. */
export function labelledPaths(labels: readonly LabelledFile[]): Set<string> {
  const testsInScope = testsAreMigrated(labels);
  return new Set(
    labels
      .filter((file) => file.changes.length > 0 && (testsInScope || !isTest(file.path)))
      .map((file) => file.path),
  );
}

export function placeLabels(
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
  renames: readonly Rename[],
): PlacedLabel[] {
  const kept = labelledPaths(labels);
  const cameFrom = new Map(renames.map(({ from, to }) => [to, from]));
  return labels.flatMap(({ path, changes }) =>
    changes.map((change) => ({
      path,
      change,
      beforePath: before.entries.has(path) ? path : (cameFrom.get(path) ?? null),
      afterPath: after.entries.has(path) ? path : null,
      dropped: !kept.has(path),
    })),
  );
}

/** Whether a span of physical lines meets a set of them. */
export function meets(first: number, last: number, ranges: LineRanges): boolean {
  for (const [from, to] of ranges) if (from <= last && first <= to) return true;
  return false;
}
