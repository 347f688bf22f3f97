import type { LabelledFile } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import { isManifest, isTest, kindByName } from './file-kinds.ts';
import { labelledPaths, testsAreMigrated } from './label-lines.ts';
import type { PatchMetrics } from './patch-score.ts';
import { ratio } from './sequence-matcher.ts';
import type { SourceReader } from './source-reader.ts';
import { compareCodePoints, differingPaths, differs, isRegular, type TreeView } from './tree-view.ts';
import { isScorable } from './units.ts';

/** The three trees of one scoring, read through one reader. */
export interface Trees {
  readonly reader: SourceReader;
  readonly before: TreeView;
  readonly after: TreeView;
  readonly candidate: TreeView;
}

/** Which manifests, of those that are not alike in the three trees, name each library. */
export function manifestsOf(
  { reader, before, after, candidate }: Trees,
  source: readonly Library[],
  target: readonly Library[],
): PatchMetrics['manifest'] {
  const names = (path: string, libraries: readonly Library[]) => {
    const pattern = new RegExp(
      `(?<![\\w.-])(?:${libraries.map((library) => spelled(library.name)).join('|')})(?![\\w-]|\\.\\w)`,
      'i',
    );
    const holds = (tree: TreeView): boolean => pattern.test(reader.read(tree, path)?.text ?? '');
    return { before: holds(before), after: holds(after), candidate: holds(candidate) };
  };
  return differingPaths(before, after, candidate)
    .filter(isManifest)
    .map((path) => ({ path, source: names(path, source), target: names(path, target) }));
}

/** A distribution's name in any of its spellings (`-`, `_`, `.` and case are one). */
function spelled(name: string): string {
  return name
    .split(/[-_.]+/)
    .map((part) => part.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&'))
    .join('[-_.]+');
}

/** What the candidate changed outside the score, and inside it where the ground truth changes nothing. */
export function scopeOf(trees: Trees, labels: readonly LabelledFile[]): PatchMetrics['scope'] {
  const { reader, before, after, candidate } = trees;
  const labelled = labelledPaths(labels);
  const testsInScope = testsAreMigrated(labels);
  const scope = {
    tests: [] as string[],
    manifests: [] as string[],
    other: [] as string[],
    beyond: [] as string[],
  };
  for (const path of differingPaths(before, candidate)) {
    if (isScorable(path, reader, labelled, testsInScope, before, candidate)) {
      if (!differs(path, before, after)) scope.beyond.push(path);
    } else if (isManifest(path)) scope.manifests.push(path);
    else if (isTest(path)) scope.tests.push(path);
    else scope.other.push(path);
  }
  return scope;
}

/** How much the candidate changed, of any kind; lines are compared as multisets, file by file. */
export function churnOf({ reader, before, candidate }: Trees): PatchMetrics['churn'] {
  const churn = { files: 0, added: 0, deleted: 0 };
  for (const path of differingPaths(before, candidate)) {
    churn.files++;
    const old = physicalLines(reader, before, path);
    const now = physicalLines(reader, candidate, path);
    // Lines alike at both ends are in balance without being counted.
    let start = 0;
    let [oldEnd, nowEnd] = [old.length, now.length];
    while (start < oldEnd && start < nowEnd && old[start] === now[start]) start++;
    while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) {
      oldEnd--;
      nowEnd--;
    }
    const balance = new Map<string, number>();
    for (const line of old.slice(start, oldEnd)) balance.set(line, (balance.get(line) ?? 0) - 1);
    for (const line of now.slice(start, nowEnd)) balance.set(line, (balance.get(line) ?? 0) + 1);
    for (const count of balance.values()) {
      if (count > 0) churn.added += count;
      else churn.deleted -= count;
    }
  }
  return churn;
}

/**
 * The older tools' number, for comparison only: difflib's ratio by lines, averaged over the code files (by their
 * ending) that candidate and ground truth have in common. Files alike in both count 1 without being read.
 */
export function legacySimilarity({ reader, after, candidate }: Trees): number | null {
  let sum = 0;
  let files = 0;
  for (const path of [...candidate.entries.keys()].sort(compareCodePoints)) {
    const [mine, theirs] = [candidate.entries.get(path), after.entries.get(path)];
    if (mine === undefined || theirs === undefined || kindByName(path) !== 'code') continue;
    if (!isRegular(mine) || !isRegular(theirs)) continue;
    files++;
    sum +=
      mine.id === theirs.id
        ? 1
        : ratio(physicalLines(reader, candidate, path), physicalLines(reader, after, path));
  }
  return files === 0 ? null : Math.min(1, sum / files);
}

function physicalLines(reader: SourceReader, tree: TreeView, path: string): readonly string[] {
  return reader.read(tree, path)?.physicalLines ?? [];
}
