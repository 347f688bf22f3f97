import type { LabelledFile } from '../model/labels.ts';
import { isManifest, isTest, kindByName } from './file-kinds.ts';
import { LibraryNames } from './library-names.ts';
import { SourceReader } from './source-reader.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';
import { compareTrees, firstPlaces, type PlacedLine } from './units.ts';

/** Physical lines (1-based, ascending) by path. */
export type LinesByPath = Readonly<Record<string, readonly number[]>>;

/**
 * The lines of the migration on each side: every physical line that a labelled logical line spans which the
 * ground truth deletes (before) or adds (after). Tests decide their relevance by it.
 *
 * @param labels resolved ones: see `resolveLabels` for derived labels and for all changed lines
 */
export function migratedLines(
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
  reader = new SourceReader(),
): { readonly before: LinesByPath; readonly after: LinesByPath } {
  const { units } = compareTrees(reader, before, after, after, labels);
  return {
    before: linesOf(units.flatMap((unit) => [...firstPlaces(unit.before, unit.dm).keys()])),
    after: linesOf(units.flatMap((unit) => [...firstPlaces(unit.after, unit.am).keys()])),
  };
}

function linesOf(places: readonly PlacedLine[]): LinesByPath {
  return byPath(places.map(({ path, line }) => ({ path, first: line.first, last: line.last })));
}

function byPath(spans: readonly { path: string; first: number; last: number }[]): LinesByPath {
  const found = new Map<string, Set<number>>();
  for (const { path, first, last } of spans) {
    const lines = found.get(path) ?? new Set();
    for (let line = first; line <= last; line++) lines.add(line);
    found.set(path, lines);
  }
  return Object.fromEntries(
    [...found]
      .sort(([a], [b]) => compareCodePoints(a, b))
      .map(([path, lines]) => [path, [...lines].sort((a, b) => a - b)]),
  );
}

/**
 * The lines of a tree that the names of a library alone find (no ground truth is looked at): code files without
 * tests and manifests. Reads every such file whose text could hold a name, so the view must offer them all.
 */
export function sourceNameLines(
  before: TreeView,
  importNames: readonly string[],
  reader = new SourceReader(),
): LinesByPath {
  const names = new LibraryNames(reader, before, importNames);
  const spans = [...before.entries.keys()]
    .filter((path) => !isTest(path) && !isManifest(path) && kindByName(path) !== 'other')
    .filter((path) => reader.isCode(path, before))
    .flatMap((path) => {
      const source = reader.read(before, path);
      if (source === null || !source.text.includes('import')) return [];
      const lines = source.lexed.ok ? source.lexed.lines : source.fallBack;
      return names.hits(path, lines).map(({ first, last }) => ({ path, first, last }));
    });
  return byPath(spans);
}
