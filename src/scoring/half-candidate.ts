import type { LabelledFile } from '../model/labels.ts';
import { meets, type PlacedLabel } from './label-lines.ts';
import { changedRuns, type ChangedRun } from './sequence-matcher.ts';
import { SourceReader } from './source-reader.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';
import { compareTrees, firstPlaces, type PlacedLine, type Unit } from './units.ts';

/** A stretch of a file that the half takes over: physical lines, 1-based, inclusive; null where that side has none. */
export interface TakenHunk {
  readonly path: string;
  readonly before: readonly [number, number] | null;
  readonly after: readonly [number, number] | null;
}

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

interface Hunk extends ChangedRun {
  readonly file: FilePair;
  readonly deletes: boolean;
  readonly adds: boolean;
}
interface FilePair {
  readonly path: string;
  readonly beforePath: string | null;
  readonly afterPath: string | null;
  readonly old: readonly string[];
  readonly now: readonly string[];
}

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
  const comparison = compareTrees(reader, before, after, after, labels);
  const groups = comparison.units
    .flatMap((unit) =>
      filePairs(reader, before, after, unit, comparison.labels).flatMap((file) =>
        groupsOf(file, unit, comparison.labels),
      ),
    )
    .sort((a, b) => compareCodePoints(pathOf(a), pathOf(b)) || lineOf(a) - lineOf(b));
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
    hunks: hunks.map((hunk) => ({
      path: hunk.file.path,
      before: span(hunk.aFrom, hunk.aTo),
      after: span(hunk.bFrom, hunk.bTo),
    })),
    tree: applied(before, hunks),
  };
}

const pathOf = (group: readonly Hunk[]): string => group[0]?.file.path ?? '';
const lineOf = (group: readonly Hunk[]): number => Math.min(...group.map((hunk) => hunk.aFrom));
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
  for (const { path, beforePath, afterPath, dropped } of labels) {
    if (dropped || !unit.paths.includes(path)) continue;
    const [old, now] = [lines(before, beforePath), lines(after, afterPath)];
    pairs.set(path, { path, beforePath, afterPath, old, now });
  }
  return [...pairs.values()];
}

function groupsOf(file: FilePair, unit: Unit, labels: readonly PlacedLabel[]): Hunk[][] {
  const old = [...firstPlaces(unit.before, unit.dm).keys()].filter(({ path }) => path === file.beforePath);
  const now = [...firstPlaces(unit.after, unit.am).keys()].filter(({ path }) => path === file.afterPath);
  const hunks = changedRuns(file.old, file.now).map((run): Hunk => ({
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
  const indexes = (test: (hunk: Hunk) => boolean): number[] =>
    hunks.flatMap((hunk, index) => (test(hunk) ? [index] : []));
  const ofLine = (side: readonly PlacedLine[], path: string | null, of: 'a' | 'b'): void => {
    for (const { path: own, line } of side) {
      if (own === path) joinAll(indexes((hunk) => overlaps(line, hunk[`${of}From`], hunk[`${of}To`])));
    }
  };
  ofLine(unit.before, file.beforePath, 'a');
  ofLine(unit.after, file.afterPath, 'b');
  for (const { path, change } of labels) {
    if (path !== file.path) continue;
    joinAll(
      indexes(
        (hunk) =>
          (hunk.aTo > hunk.aFrom && meets(hunk.aFrom + 1, hunk.aTo, change.before)) ||
          (hunk.bTo > hunk.bFrom && meets(hunk.bFrom + 1, hunk.bTo, change.after)),
      ),
    );
  }
  const groups = new Map<number, Hunk[]>();
  hunks.forEach((hunk, index) => {
    const root = group[index] ?? index;
    groups.set(root, [...(groups.get(root) ?? []), hunk]);
  });
  return [...groups.values()].filter((members) => members.some((hunk) => hunk.adds || hunk.deletes));
}

function overlaps(line: { first: number; last: number }, from: number, to: number): boolean {
  return to > from && line.first <= to && line.last > from;
}

/** The tree before with the hunks taken over; a renamed file keeps its old path. */
function applied(before: TreeView, hunks: readonly Hunk[]): TreeView {
  const byFile = new Map<FilePair, Hunk[]>();
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
  const entries = new Map(before.entries);
  for (const [path, text] of texts) {
    entries.set(path, { id: `text: ${text}`, mode: entries.get(path)?.mode ?? '100644' });
  }
  const encoder = new TextEncoder();
  return {
    entries,
    read: (path) => {
      const text = texts.get(path);
      return text === undefined ? before.read(path) : encoder.encode(text);
    },
  };
}
