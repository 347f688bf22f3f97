import type { LabelledFile } from '../model/labels.ts';
import { meets, type PlacedLabel } from './label-lines.ts';
import type { LogicalLine } from './logical-line.ts';
import type { LineCounts } from './multiset.ts';
import { changedRuns, type ChangedRun } from './sequence-matcher.ts';
import type { SourceReader } from './source-reader.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';
import { compareTrees, firstPlaces, type PlacedLine, type Unit } from './units.ts';

/** A stretch of a file, as a candidate made of hunks names it: 1-based, inclusive; null where that side has none. */
export interface TakenHunk {
  readonly path: string;
  readonly before: readonly [number, number] | null;
  readonly after: readonly [number, number] | null;
}

/** A labelled file in the tree before and in the ground truth, by its physical lines. */
export interface FilePair {
  readonly path: string;
  readonly beforePath: string | null;
  readonly afterPath: string | null;
  readonly old: readonly string[];
  readonly now: readonly string[];
}

/** A run of changed physical lines of a labelled file, and whether labelled logical lines lie in it. */
export interface LabelledHunk extends ChangedRun {
  readonly file: FilePair;
  readonly deletes: boolean;
  readonly adds: boolean;
}

/** Hunks that belong together, in the order of the file; never empty. */
export type HunkGroup = readonly LabelledHunk[];

/** Groups of labelled hunks, and the units that the ground truth's edits lie in. */
export interface LabelledGroups {
  readonly groups: readonly HunkGroup[];
  readonly units: readonly Unit[];
}

/**
 * Labelled hunks of the line difference, those that one logical line or one label spans taken together, in the
 * order (path, line).
 */
export function labelledGroups(
  reader: SourceReader,
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
): LabelledGroups {
  const comparison = compareTrees(reader, before, after, after, labels);
  const groups = comparison.units
    .flatMap((unit) =>
      filePairs(reader, before, after, unit, comparison.labels).flatMap((file) =>
        groupsOf(file, unit, comparison.labels),
      ),
    )
    .sort((a, b) => compareCodePoints(pathOf(a), pathOf(b)) || lineOf(a) - lineOf(b));
  return { groups, units: comparison.units };
}

export function takenHunk({ file, aFrom, aTo, bFrom, bTo }: LabelledHunk): TakenHunk {
  // The line end at the very end begins no further line; where the other side has no file it is in the hunk.
  const end = (lines: readonly string[], to: number): number =>
    to === lines.length && to > 1 && lines.at(-1) === '' ? to - 1 : to;
  return {
    path: file.path,
    before: span(aFrom, file.now.length === 0 ? end(file.old, aTo) : aTo),
    after: span(bFrom, file.old.length === 0 ? end(file.now, bTo) : bTo),
  };
}

const pathOf = (group: HunkGroup): string => group[0]?.file.path ?? '';
const lineOf = (group: HunkGroup): number => Math.min(...group.map((hunk) => hunk.aFrom));
const span = (from: number, to: number): [number, number] | null => (from === to ? null : [from + 1, to]);

function filePairs(
  reader: SourceReader,
  before: TreeView,
  after: TreeView,
  unit: Unit,
  labels: readonly PlacedLabel[],
): FilePair[] {
  const lines = (tree: TreeView, path: string | null): string[] =>
    path === null ? [] : (reader.read(tree, path)?.text.split('\n') ?? []);
  const pairs = new Map<string, FilePair>();
  const own = labels.filter(({ path, dropped }) => !dropped && unit.paths.includes(path));
  // A renamed file may bear labels at both of its paths; it is one, and goes by its later path.
  for (const { path, beforePath, afterPath } of [...own].sort(
    (a, b) => Number(a.afterPath === null) - Number(b.afterPath === null),
  )) {
    const isKnown = [...pairs.values()].some((pair) => beforePath !== null && pair.beforePath === beforePath);
    if (pairs.has(path) || isKnown) continue;
    const [old, now] = [lines(before, beforePath), lines(after, afterPath)];
    pairs.set(path, { path, beforePath, afterPath, old, now });
  }
  return [...pairs.values()];
}

function groupsOf(file: FilePair, unit: Unit, labels: readonly PlacedLabel[]): LabelledHunk[][] {
  const runs = changedRuns(file.old, file.now);
  const old = edited(unit.before, unit.dm, file.beforePath, (line) =>
    runs.some((run) => overlaps(line, run.aFrom, run.aTo)),
  );
  const now = edited(unit.after, unit.am, file.afterPath, (line) =>
    runs.some((run) => overlaps(line, run.bFrom, run.bTo)),
  );
  const hunks = runs.map((run): LabelledHunk => ({
    ...run,
    file,
    deletes: old.some(({ line }) => overlaps(line, run.aFrom, run.aTo)),
    adds: now.some(({ line }) => overlaps(line, run.bFrom, run.bTo)),
  }));
  const group = hunks.map((_, index) => index);
  const joinAll = (met: readonly number[]): void => {
    const roots = new Set(met.map((index) => group[index]));
    const least = Math.min(...met.map((index) => group[index] ?? index));
    if (roots.size > 1) group.forEach((root, index) => roots.has(root) && (group[index] = least));
  };
  const indexes = (test: (hunk: LabelledHunk) => boolean): number[] =>
    hunks.flatMap((hunk, index) => (test(hunk) ? [index] : []));
  const ofLine = (side: readonly PlacedLine[], path: string | null, of: 'a' | 'b'): void => {
    for (const { path: own, line } of side) {
      if (own === path) joinAll(indexes((hunk) => overlaps(line, hunk[`${of}From`], hunk[`${of}To`])));
    }
  };
  ofLine(unit.before, file.beforePath, 'a');
  ofLine(unit.after, file.afterPath, 'b');
  for (const { beforePath, afterPath, change } of labels) {
    const isOld = beforePath !== null && beforePath === file.beforePath;
    const isNow = afterPath !== null && afterPath === file.afterPath;
    if (!isOld && !isNow) continue;
    joinAll(
      indexes(
        (hunk) =>
          (isOld && hunk.aTo > hunk.aFrom && meets(hunk.aFrom + 1, hunk.aTo, change.before)) ||
          (isNow && hunk.bTo > hunk.bFrom && meets(hunk.bFrom + 1, hunk.bTo, change.after)),
      ),
    );
  }
  const groups = new Map<number, LabelledHunk[]>();
  hunks.forEach((hunk, index) => {
    const root = group[index] ?? index;
    groups.set(root, [...(groups.get(root) ?? []), hunk]);
  });
  return [...groups.values()].filter((members) => members.some((hunk) => hunk.adds || hunk.deletes));
}

/** The labelled lines of a file that were edited: of equal ones those that lie in changed runs, then the first. */
function edited(
  lines: readonly PlacedLine[],
  counts: LineCounts,
  path: string | null,
  isChanged: (line: LogicalLine) => boolean,
): PlacedLine[] {
  const inRuns = (place: PlacedLine): boolean => place.path === path && isChanged(place.line);
  const ordered = [...lines].sort((a, b) => Number(inRuns(b)) - Number(inRuns(a)));
  return [...firstPlaces(ordered, counts).keys()].filter((place) => place.path === path);
}

/** Whether a logical line has a physical line in the half-open range of 0-based lines. */
export function overlaps(line: { first: number; last: number }, from: number, to: number): boolean {
  return to > from && line.first <= to && line.last > from;
}
