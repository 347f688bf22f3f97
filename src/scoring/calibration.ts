import type { Library } from '../model/library.ts';
import type { Labels } from '../model/labels.ts';
import { resolveLabels } from './derive-labels.ts';
import { editF1 } from './edit-f1.ts';
import { SourceReader } from './source-reader.ts';
import type { TreeView } from './tree-view.ts';
import { compareTrees } from './units.ts';

/** editF1 of an untouched tree and of the ground truth itself; null where no labelled line differs. */
export interface Calibration {
  readonly noop: number | null;
  readonly gold: number | null;
}

/** What the measure says of the two candidates whose score is known: it must be 0 and 1. */
export function calibrate(given: {
  readonly before: TreeView;
  readonly after: TreeView;
  readonly labels: Labels;
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  readonly reader?: SourceReader;
}): Calibration {
  const reader = given.reader ?? new SourceReader();
  const { labels } = resolveLabels(given.labels, { ...given, reader });
  const scoreOf = (candidate: TreeView): number | null =>
    editF1(compareTrees(reader, given.before, given.after, candidate, labels).units).editF1;
  return { noop: scoreOf(given.before), gold: scoreOf(given.after) };
}

/** Why a measure that is off by its own stand-ins says nothing; null when it holds. */
export function calibrationProblem({ noop, gold }: Calibration): string | null {
  if (noop === null || gold === null) return null;
  if (noop !== 0) return `an untouched tree scores ${noop}, not 0`;
  return gold === 1 ? null : `the ground truth scores ${gold}, not 1`;
}
