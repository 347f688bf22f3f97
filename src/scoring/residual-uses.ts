import type { LabelledFile } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import { labelledPaths, testsAreMigrated } from './label-lines.ts';
import { LibraryNames } from './library-names.ts';
import type { LogicalLine } from './logical-line.ts';
import { countLines, minus } from './multiset.ts';
import type { PatchMetrics } from './patch-score.ts';
import type { SourceReader } from './source-reader.ts';
import type { Trees } from './surroundings.ts';
import { differingPaths, differs, type TreeView } from './tree-view.ts';
import { isScorable } from './units.ts';
import {
  CopyFinder,
  type Definition,
  definitionsIn,
  KnownDefinitions,
  namesUsed,
  type VendoredFile,
} from './vendored.ts';
import { VendoredNames } from './vendored-names.ts';

/**
 * Uses of the source library in the candidate's product code beyond those that the ground truth keeps: lines with
 * names that its imports bind, also by way of the repository's own modules or by a text (`import_module('A')`), and
 * lines that use what the candidate defines in its place (a copy of it under another name). Null in an upgrade.
 */
export function residualUses(
  trees: Trees,
  labels: readonly LabelledFile[],
  source: readonly Library[],
  target: readonly Library[],
): PatchMetrics['residualA'] {
  const { reader, before, after, candidate } = trees;
  const own = source.flatMap((library) => library.importNames);
  const others = target.flatMap((library) => library.importNames);
  if (own.some((name) => others.includes(name))) return null;
  const excluded = others.filter((name) => own.some((library) => name.startsWith(`${library}.`)));
  const testsInScope = testsAreMigrated(labels);
  const labelled = labelledPaths(labels);
  const isProduct = (path: string): boolean =>
    isScorable(path, reader, labelled, testsInScope, before, after, candidate);
  const paths = differingPaths(before, after, candidate).filter(isProduct);
  const namesIn = (tree: TreeView): LibraryNames =>
    new LibraryNames(reader, tree, own, { excluded, byText: true });
  const [inBefore, inAfter, inCandidate] = [namesIn(before), namesIn(after), namesIn(candidate)];
  const hits = (names: LibraryNames, tree: TreeView, path: string): LogicalLine[] =>
    names.hits(path, linesOf(reader, tree, path), 0);
  const copies = copiesOf(trees, paths, (path) => hits(inBefore, before, path), others);
  const copied = new VendoredNames(reader, candidate, copies);
  // Files that nobody changed use what a changed one of them defines.
  const users = copies.some(({ whole }) => !whole) ? [...candidate.entries.keys()].filter(isProduct) : paths;
  const uses = [...new Set([...paths, ...users])].flatMap((path) => {
    const lines = linesOf(reader, candidate, path);
    const ofCopies = new Set(copies.length === 0 ? [] : copied.hits(path, lines));
    const ofLibrary = new Set(paths.includes(path) ? hits(inCandidate, candidate, path) : []);
    const left = lines.filter((line) => ofCopies.has(line) || ofLibrary.has(line));
    if (left.length === 0) return [];
    const extra = minus(countLines(left), countLines(hits(inAfter, after, path)));
    return left.flatMap((line) => {
      const count = extra.get(line.key) ?? 0;
      if (count === 0) return [];
      extra.set(line.key, count - 1);
      return [{ path, line: line.first, text: line.tokens.join(' ').slice(0, 200) }];
    });
  });
  return { count: uses.length, uses };
}

function linesOf(reader: SourceReader, tree: TreeView, path: string): readonly LogicalLine[] {
  const source = reader.read(tree, path);
  if (source === null) return [];
  return source.lexed.ok ? source.lexed.lines : source.fallBack;
}

const textOf = ({ lines }: Definition): string => lines.map(({ key }) => key).join('\n');

/**
 * What the candidate defines under names that B's code used from the source library. A definition that B or the
 * ground truth has much like it is not the candidate's, and where the ground truth defines such a name for itself,
 * without the target library, so may the candidate.
 */
function copiesOf(
  { reader, before, after, candidate }: Trees,
  paths: readonly string[],
  hitsBefore: (path: string) => readonly LogicalLine[],
  target: readonly string[],
): VendoredFile[] {
  const changedIn = (tree: TreeView): string[] =>
    paths.filter((path) => tree.entries.has(path) && differs(path, before, tree));
  const own = changedIn(candidate).filter((path) => differs(path, after, candidate));
  const isWritten = (path: string): boolean => {
    const known = new Set(definitionsIn(linesOf(reader, before, path)).map(textOf));
    return definitionsIn(linesOf(reader, candidate, path)).some(
      (definition) => !known.has(textOf(definition)),
    );
  };
  if (!own.some(isWritten)) return [];
  const wanted = new Set(paths.flatMap((path) => [...namesUsed(hitsBefore(path))]));
  if (wanted.size === 0) return [];
  const copies = (tree: TreeView, files: readonly string[], known: KnownDefinitions): VendoredFile[] => {
    const finder = new CopyFinder(reader, tree, target, wanted, known);
    return files.flatMap((path) => {
      const isNew = !before.entries.has(path) && !after.entries.has(path);
      return finder.find(path, linesOf(reader, tree, path), isNew) ?? [];
    });
  };
  const definedIn = (...trees: readonly TreeView[]): KnownDefinitions =>
    new KnownDefinitions(
      trees.flatMap((tree) => paths.flatMap((path) => definitionsIn(linesOf(reader, tree, path)))),
    );
  for (const { names } of copies(after, changedIn(after), definedIn(before)))
    for (const name of names) wanted.delete(name);
  return copies(candidate, own, definedIn(before, after));
}
