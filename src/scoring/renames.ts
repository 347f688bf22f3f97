import type { SourceReader, SourceText } from './source-reader.ts';
import { weightOfKey, type LogicalLine } from './logical-line.ts';
import { countLines, weightOf } from './multiset.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';

/** A path only in the tree before and the path only in another tree that its content went to. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  readonly similarity: number;
}

interface Side {
  readonly path: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly weight: number;
}

/**
 * Pairs paths only in `before` with paths only in `other` where 2·w(common)/(w+w) is at least one half, greedily
 * by similarity, then path. Where either text does not lex both are compared by the fall-back, but where `other` is
 * a candidate its broken file counts as empty and so pairs with nothing.
 *
 * @param paths the paths that may take part
 * @param fallsBack for a candidate: whether a path is read by the fall-back, for the sake of the other two trees
 */
export function findRenames(
  reader: SourceReader,
  before: TreeView,
  other: TreeView,
  paths: readonly string[],
  fallsBack?: (path: string) => boolean,
): Rename[] {
  const read = (tree: TreeView, path: string): { path: string; source: SourceText }[] => {
    const source = reader.read(tree, path);
    return source === null ? [] : [{ path, source }];
  };
  const gone = paths.filter((path) => before.entries.has(path) && !other.entries.has(path));
  const fresh = paths.filter((path) => !before.entries.has(path) && other.entries.has(path));
  if (gone.length === 0 || fresh.length === 0) return [];
  const old = gone.flatMap((path) => read(before, path));
  const now = fresh.flatMap((path) => read(other, path));
  const reads = ({ path, source }: { path: string; source: SourceText }): boolean =>
    source.lexed.ok && fallsBack?.(path) !== true;
  const [lexing, broken] = [old.filter(reads), old.filter((file) => !reads(file))];
  const [nowLexing, nowBroken] = [now.filter(reads), now.filter((file) => !reads(file))];
  const byLexer = ({ path, source }: { path: string; source: SourceText }): Side =>
    side(path, source.lexed.ok ? source.lexed.lines : []);
  const byFallBack = ({ path, source }: { path: string; source: SourceText }): Side =>
    side(path, source.fallBack);
  const pairs = similarPairs(lexing.map(byLexer), nowLexing.map(byLexer));
  const forced = nowBroken.filter(({ path }) => fallsBack?.(path) !== false);
  pairs.push(...similarPairs(lexing.map(byFallBack), forced.map(byFallBack)));
  if (broken.length > 0) pairs.push(...similarPairs(broken.map(byFallBack), now.map(byFallBack)));
  return greedily(pairs);
}

function side(path: string, lines: readonly LogicalLine[]): Side {
  const counts = countLines(lines);
  return { path, counts, weight: weightOf(counts) };
}

function similarPairs(old: readonly Side[], now: readonly Side[]): Rename[] {
  if (old.length === 0 || now.length === 0) return [];
  const places = new Map<string, [index: number, count: number][]>();
  now.forEach(({ counts }, index) => {
    for (const [key, count] of counts) {
      const known = places.get(key);
      if (known === undefined) places.set(key, [[index, count]]);
      else known.push([index, count]);
    }
  });
  const pairs: Rename[] = [];
  for (const { path, counts, weight } of old) {
    const common = new Float64Array(now.length);
    for (const [key, count] of counts) {
      for (const [index, others] of places.get(key) ?? []) {
        common[index] = (common[index] ?? 0) + Math.min(count, others) * weightOfKey(key);
      }
    }
    now.forEach((other, index) => {
      const shared = common[index] ?? 0;
      const both = weight + other.weight;
      if (shared > 0 && 4 * shared >= both)
        pairs.push({ from: path, to: other.path, similarity: (2 * shared) / both });
    });
  }
  return pairs;
}

function greedily(pairs: Rename[]): Rename[] {
  const used = new Set<string>();
  return pairs
    .sort(
      (a, b) =>
        b.similarity - a.similarity || compareCodePoints(a.from, b.from) || compareCodePoints(a.to, b.to),
    )
    .filter(({ from, to }) => {
      if (used.has(`<${from}`) || used.has(`>${to}`)) return false;
      used.add(`<${from}`);
      used.add(`>${to}`);
      return true;
    });
}
