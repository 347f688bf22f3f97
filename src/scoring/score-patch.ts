import type { LabelledFile, Labels } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import { changeStatuses } from './change-status.ts';
import { hidesInDeadCode } from './dead-code.ts';
import { resolveLabels, type ResolvedLabels } from './derive-labels.ts';
import { editF1, type EditF1 } from './edit-f1.ts';
import { kindByName } from './file-kinds.ts';
import { addsDeadBlocks, indentationProblem, isAliased } from './flags.ts';
import type { ChangeStatus, PatchMetrics } from './patch-score.ts';
import { labelledPaths } from './label-lines.ts';
import { residualUses } from './residual-uses.ts';
import { SourceReader } from './source-reader.ts';
import { churnOf, legacySimilarity, manifestsOf, scopeOf, type Trees } from './surroundings.ts';
import { differingPaths, differs, type TreeView } from './tree-view.ts';
import { compareTrees, isScorable, type Comparison, type Unit } from './units.ts';

/** What one candidate is scored against. */
export interface PatchCase {
  readonly before: TreeView;
  readonly after: TreeView;
  readonly candidate: TreeView;
  readonly labels: Labels;
  /** `labels` as `resolveLabels` gives them, where that is done already. */
  readonly resolved?: ResolvedLabels;
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  /** Shares what was read with other scorings over the same trees. */
  readonly reader?: SourceReader;
}

/** Labelled weight below which one extra function decides the score. */
const SMALL_WEIGHT = 20;

/**
 * Likeness of a candidate's edits to the developers' own: editF1 over logical lines as multisets of tokens, with
 * its parts and what stands beside it. Pure; reads files that differ (and the repository's own modules that bind
 * a library's name). It measures likeness, not correctness.
 */
export function scorePatch(given: PatchCase): PatchMetrics {
  const reader = given.reader ?? new SourceReader();
  const trees: Trees = { reader, before: given.before, after: given.after, candidate: given.candidate };
  const { before, after, candidate } = trees;
  const { labels, used } = given.resolved ?? resolveLabels(given.labels, { ...given, reader });
  const comparison = compareTrees(reader, before, after, candidate, labels);
  const score = editF1(comparison.units);
  const statuses = changeStatuses(comparison, score.matchings);
  const changes = comparison.labels.map(({ path, change, dropped }, index) => ({
    path,
    before: change.before.map(([first, last]): [number, number] => [first, last]),
    after: change.after.map(([first, last]): [number, number] => [first, last]),
    isImport: change.isImport,
    status: statuses[index] ?? 'unevaluable',
    why: dropped ? 'test' : statuses[index] === 'unevaluable' ? 'no labelled line differs' : null,
  }));
  const syntax = syntaxOf(trees, comparison);
  const { labelledAdded, labelledDeleted } = score.weights;
  return {
    ...verdict(score, labels, used, comparison.testsInScope, trees),
    editF1: score.editF1,
    recall: score.recall,
    recallAdd: score.recallAdd,
    recallDel: score.recallDel,
    precision: score.precision,
    weights: score.weights,
    flags: {
      aliased: comparison.units.some(({ edits }) => isAliased(edits.ac, given.source, given.target)),
      small: labelledAdded + labelledDeleted < SMALL_WEIGHT,
      one_sided: (labelledAdded === 0) !== (labelledDeleted === 0),
      syntax: syntax.length > 0,
      vacuous: comparison.units.some(
        (unit) => addsDeadBlocks(unit.edits.ac, unit.edits.ag) || hidesInDeadCode(unit),
      ),
    },
    labels: {
      used,
      count: comparison.labels.length,
      dropped: comparison.labels.filter((label) => label.dropped).length,
      testsMigrated: comparison.testsInScope,
    },
    changes,
    changeCounts: {
      imports: countStatuses(changes.filter((change) => change.isImport)),
      others: countStatuses(changes.filter((change) => !change.isImport)),
    },
    residualA: residualUses(trees, labels, given.source, given.target),
    manifest: manifestsOf(trees, given.source, given.target),
    ...locations(comparison.units),
    scope: scopeOf(trees, labels),
    churn: churnOf(trees),
    syntax,
    legacy: { similarity: legacySimilarity(trees) },
  };
}

function verdict(
  score: EditF1,
  labels: readonly LabelledFile[],
  used: 'given' | 'derived' | 'all',
  testsInScope: boolean,
  trees: Trees,
): Pick<PatchMetrics, 'status' | 'why'> {
  if (score.editF1 !== null) return { status: 'scored', why: null };
  const { reader, before, after } = trees;
  const labelled = labelledPaths(labels);
  const isCompared = (path: string): boolean =>
    isScorable(path, reader, labelled, testsInScope, before, after);
  if (!differingPaths(before, after).some(isCompared))
    return { status: 'not_applicable', why: 'identical by design' };
  if (used === 'derived' && labels.length === 0) return { status: 'unscored', why: 'nothing derivable' };
  return { status: 'unscored', why: 'no labelled line differs' };
}

/** Over units: of those that the candidate edited, how many hold labelled lines; of those, how many it edited. */
function locations(units: readonly Unit[]): Pick<PatchMetrics, 'locPrecision' | 'locRecall'> {
  const isEdited = ({ edits }: Unit): boolean => edits.ac.size + edits.dc.size > 0;
  const edited = units.filter(isEdited);
  const labelled = units.filter(({ am, dm }) => am.size + dm.size > 0);
  const right = labelled.filter(isEdited).length;
  return {
    locPrecision: edited.length === 0 ? null : right / edited.length,
    locRecall: labelled.length === 0 ? null : right / labelled.length,
  };
}

/** Files that the candidate changed and that do not read as Python, though what it started from did. */
function syntaxOf({ reader, before, candidate }: Trees, comparison: Comparison): PatchMetrics['syntax'] {
  const problems: PatchMetrics['syntax'] = comparison.broken
    .filter(({ path }) => kindByName(path) !== 'other')
    .map(({ path, failure }) => ({ path, line: failure.line, problem: failure.problem }));
  for (const path of comparison.units.flatMap((unit) => unit.paths)) {
    if (!differs(path, before, candidate) || !reader.isCode(path, candidate)) continue;
    const [source, old] = [reader.read(candidate, path), reader.read(before, path)];
    if (source?.lexed.ok !== true) continue;
    const wasWrong = old?.lexed.ok === true && indentationProblem(old.lexed.lines) !== null;
    const found = wasWrong ? null : indentationProblem(source.lexed.lines);
    if (found !== null) problems.push({ path, ...found });
  }
  return problems;
}

function countStatuses(changes: readonly { status: ChangeStatus }[]): Record<ChangeStatus, number> {
  const counts = { exact: 0, api: 0, partial: 0, missing: 0, unevaluable: 0 };
  for (const { status } of changes) counts[status]++;
  return counts;
}
