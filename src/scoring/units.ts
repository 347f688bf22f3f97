import type { LabelledFile, LineRanges } from '../model/labels.ts';
import { isManifest, isTest } from './file-kinds.ts';
import { labelledPaths, meets, placeLabels, testsAreMigrated, type PlacedLabel } from './label-lines.ts';
import type { LexFailure, LogicalLine } from './logical-line.ts';
import { intersection, minus, type LineCounts } from './multiset.ts';
import { findRenames } from './renames.ts';
import type { SourceReader } from './source-reader.ts';
import { compareCodePoints, differingPaths, differs, type TreeView } from './tree-view.ts';

/** A logical line at its place; `labels` are the indexes of the labels that meet it. */
export interface PlacedLine {
  readonly path: string;
  readonly line: LogicalLine;
  readonly labels: readonly number[];
}

/** The files that are compared as one: a path, or the paths that renames join; with their edits. */
export interface Unit {
  readonly paths: readonly string[];
  readonly before: readonly PlacedLine[];
  readonly after: readonly PlacedLine[];
  readonly candidate: readonly PlacedLine[];
  /** What the ground truth and the candidate delete and add (Dg, Ag, Dc, Ac). */
  readonly edits: {
    readonly dg: LineCounts;
    readonly ag: LineCounts;
    readonly dc: LineCounts;
    readonly ac: LineCounts;
  };
  /** What of the ground truth's edits is labelled (Dm, Am). */
  readonly dm: LineCounts;
  readonly am: LineCounts;
}

export interface Comparison {
  readonly units: readonly Unit[];
  readonly labels: readonly PlacedLabel[];
  readonly testsInScope: boolean;
  /** The candidate's files that do not lex. */
  readonly broken: readonly { readonly path: string; readonly failure: LexFailure }[];
}

/** Whether a path's content is compared: code or labelled; manifests and tests only as the labels say. */
export function isScorable(
  path: string,
  reader: SourceReader,
  labelled: ReadonlySet<string>,
  testsInScope: boolean,
  ...trees: readonly TreeView[]
): boolean {
  if (labelled.has(path)) return true;
  if (isManifest(path) || (!testsInScope && isTest(path))) return false;
  return reader.isCode(path, ...trees);
}

/** Reads what differs and puts it into units: labelled paths and code files that the candidate changed. */
export function compareTrees(
  reader: SourceReader,
  before: TreeView,
  after: TreeView,
  candidate: TreeView,
  labels: readonly LabelledFile[],
): Comparison {
  const labelled = labelledPaths(labels);
  const testsInScope = testsAreMigrated(labels);
  const paths = differingPaths(before, after, candidate).filter((path) =>
    isScorable(path, reader, labelled, testsInScope, before, after, candidate),
  );
  const renames = findRenames(reader, before, after, paths);
  const fallsBack = fallBackOf(reader, [before, after], joined(paths, renames));
  const moves = findRenames(reader, before, candidate, paths, fallsBack);
  const placed = placeLabels(before, after, labels, renames);
  const groups = joined(paths, [...renames, ...moves]);
  const broken: { path: string; failure: LexFailure }[] = [];
  const units = groups
    .filter((group) => group.some((path) => labelled.has(path) || differs(path, before, candidate)))
    .map((group) => makeUnit(reader, group, [before, after, candidate], placed, broken));
  return { units, labels: placed, testsInScope, broken };
}

/** Tells whether B's or G's version of a path, or of one that it is renamed with, does not lex. */
function fallBackOf(
  reader: SourceReader,
  trees: readonly TreeView[],
  groups: readonly (readonly string[])[],
): (path: string) => boolean {
  const groupOf = new Map(groups.flatMap((group) => group.map((path) => [path, group] as const)));
  return (path) =>
    (groupOf.get(path) ?? [path]).some((member) =>
      trees.some((tree) => reader.read(tree, member)?.lexed.ok === false),
    );
}

function joined(paths: readonly string[], pairs: readonly { from: string; to: string }[]): string[][] {
  const root = new Map(paths.map((path) => [path, path]));
  const find = (path: string): string => {
    let at = path;
    for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up;
    return at;
  };
  for (const { from, to } of pairs) root.set(find(to), find(from));
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const group = groups.get(find(path));
    if (group === undefined) groups.set(find(path), [path]);
    else group.push(path);
  }
  return [...groups.values()].map((group) => group.sort(compareCodePoints));
}

function makeUnit(
  reader: SourceReader,
  paths: readonly string[],
  [before, after, candidate]: readonly [TreeView, TreeView, TreeView],
  labels: readonly PlacedLabel[],
  broken: { path: string; failure: LexFailure }[],
): Unit {
  const sources = (tree: TreeView) =>
    paths.flatMap((path) => {
      const source = reader.read(tree, path);
      return source === null ? [] : [{ path, source }];
    });
  const [old, wanted, found] = [sources(before), sources(after), sources(candidate)];
  const fallBack = [...old, ...wanted].some(({ source }) => !source.lexed.ok);
  const lines = (files: typeof old, side: 'before' | 'after' | null): PlacedLine[] => {
    const placed: PlacedLine[] = [];
    for (const { path, source } of files) {
      const ranges = labels.flatMap((label, index) => {
        if (label.dropped || side === null) return [];
        return (side === 'before' ? label.beforePath : label.afterPath) === path
          ? [{ index, ranges: label.change[side] }]
          : [];
      });
      const all = fallBack ? source.fallBack : source.lexed.ok ? source.lexed.lines : [];
      for (const line of all) placed.push({ path, line, labels: labelsOf(line, ranges) });
    }
    return placed;
  };
  for (const { path, source } of found) {
    if (!fallBack && !source.lexed.ok && differs(path, before, candidate))
      broken.push({ path, failure: source.lexed.failure });
  }
  const sides = {
    before: lines(old, 'before'),
    after: lines(wanted, 'after'),
    candidate: lines(found, null),
  };
  const [b, g, c] = [counts(sides.before), counts(sides.after), counts(sides.candidate)];
  const edits = { dg: minus(b, g), ag: minus(g, b), dc: minus(b, c), ac: minus(c, b) };
  return {
    paths,
    ...sides,
    edits,
    dm: intersection(edits.dg, counts(sides.before.filter((line) => line.labels.length > 0))),
    am: intersection(edits.ag, counts(sides.after.filter((line) => line.labels.length > 0))),
  };
}

const NO_LABELS: readonly number[] = [];

function labelsOf(
  line: LogicalLine,
  ranges: readonly { readonly index: number; readonly ranges: LineRanges }[],
): readonly number[] {
  let labels: number[] | undefined;
  for (const own of ranges) {
    if (meets(line.first, line.last, own.ranges)) (labels ??= []).push(own.index);
  }
  return labels ?? NO_LABELS;
}

function counts(lines: readonly PlacedLine[]): LineCounts {
  const found = new Map<string, number>();
  for (const { line } of lines) found.set(line.key, (found.get(line.key) ?? 0) + 1);
  return found;
}

/**
 * Which of the labelled places the counts speak of: the first places of each line, in the order (path, line).
 * A multiset does not say which of several equal lines went; this makes the answer one.
 */
export function firstPlaces(lines: readonly PlacedLine[], counts: LineCounts): Map<PlacedLine, number> {
  const seen = new Map<string, number>();
  const places = new Map<PlacedLine, number>();
  for (const line of lines) {
    if (line.labels.length === 0) continue;
    const number = seen.get(line.line.key) ?? 0;
    if (number >= (counts.get(line.line.key) ?? 0)) continue;
    seen.set(line.line.key, number + 1);
    places.set(line, number);
  }
  return places;
}
