import type { LabelledFile } from '../model/labels.ts';
import type { Migration } from '../model/migration.ts';
import { resolveLabels } from '../scoring/derive-labels.ts';
import { hunkMutants } from '../scoring/hunk-mutants.ts';
import { importOnlyCandidate } from '../scoring/import-only.ts';
import { filesKeepingImports } from '../scoring/kept-imports.ts';
import { labelledPaths, testsAreMigrated } from '../scoring/label-lines.ts';
import { type LinesByPath, migratedLines } from '../scoring/migrated-lines.ts';
import { SourceReader } from '../scoring/source-reader.ts';
import { differingPaths, type TreeView } from '../scoring/tree-view.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** How a tree differs from another: what stands at each path, null where nothing does. */
export type TreeChanges = ReadonlyMap<string, Uint8Array | null>;

/** A hunk mutant as what it changes in the ground truth. */
export interface MutantTree {
  readonly name: string;
  /** Lines of the ground truth that it takes back. */
  readonly lines: readonly { readonly path: string; readonly first: number; readonly last: number }[];
  readonly changes: TreeChanges;
}

/** What the texts of both trees say about the migration. */
export interface EvalViews {
  readonly labels: readonly LabelledFile[];
  readonly lines: { readonly before: LinesByPath; readonly after: LinesByPath };
  readonly migratedTests: ReadonlySet<string>;
  readonly kept: readonly string[];
  /** At most `MUTANTS`, spread over all that there are. */
  readonly mutants: readonly MutantTree[];
  /** What the control that has the migration's imports alone changes in B; null where it cannot be told apart. */
  readonly importOnly: TreeChanges | null;
}

const MUTANTS = 30;

/** Reads both trees; nothing is run. Asks for texts as `readWhatIsNeeded` gives them. */
export function viewsOf(
  before: TreeView,
  after: TreeView,
  migration: Pick<Migration, 'labels' | 'source' | 'target'>,
  record: Pick<ReadyRecord, 'block' | 'source'>,
): EvalViews {
  const reader = new SourceReader();
  const { source, target } = migration;
  const { labels } = resolveLabels(migration.labels, { before, after, source, target, reader });
  const names = record.source.flatMap(({ importNames }) => importNames);
  const importOnly = importOnlyCandidate(before, after, labels, reader);
  return {
    labels,
    lines: migratedLines(before, after, labels, reader),
    migratedTests: testsAreMigrated(labels) ? labelledPaths(labels) : new Set<string>(),
    kept: record.block === 'blocked' ? filesKeepingImports(after, names, reader) : [],
    mutants: spread(hunkMutants(before, after, labels, reader), MUTANTS).map(({ name, hunks, tree }) => ({
      name,
      lines: hunks.flatMap(({ path, after: lines }) =>
        lines === null ? [] : [{ path, first: lines[0], last: lines[1] }],
      ),
      changes: changesOf(after, tree),
    })),
    importOnly: importOnly === null ? null : changesOf(before, importOnly),
  };
}

function changesOf(from: TreeView, to: TreeView): TreeChanges {
  return new Map(
    differingPaths(from, to).map((path) => [path, to.entries.has(path) ? to.read(path) : null] as const),
  );
}

/** So many of them at even steps, the first always. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}
