import { weightOfKey } from './logical-line.ts';
import { matchLines, type Match } from './line-matching.ts';
import { intersection, weightOf } from './multiset.ts';
import type { Unit } from './units.ts';

/** The score and its parts, each in [0, 1]; null where there is nothing to measure it by. */
export interface EditF1 {
  readonly editF1: number | null;
  readonly recall: number | null;
  readonly recallAdd: number | null;
  readonly recallDel: number | null;
  readonly precision: number | null;
  /** Token weights that the parts are made of. */
  readonly weights: {
    readonly labelledAdded: number;
    readonly labelledDeleted: number;
    readonly added: number;
    readonly deleted: number;
    readonly right: number;
  };
  /** The matching of each unit, in the order of the units. */
  readonly matchings: readonly (readonly Match[])[];
}

/** Pools all units: recall over the labelled lines together, precision over all edits of code. */
export function editF1(units: readonly Unit[]): EditF1 {
  const matchings = units.map((unit) => matchLines(unit.edits.ag, unit.am, unit.edits.ac));
  const weights = { labelledAdded: 0, labelledDeleted: 0, added: 0, deleted: 0, right: 0 };
  let foundAdded = 0;
  let foundDeleted = 0;
  units.forEach((unit, index) => {
    weights.labelledAdded += weightOf(unit.am);
    weights.labelledDeleted += weightOf(unit.dm);
    weights.added += weightOf(unit.edits.ac);
    weights.deleted += weightOf(unit.edits.dc);
    weights.right += weightOf(intersection(unit.edits.dg, unit.edits.dc));
    foundDeleted += weightOf(intersection(unit.dm, unit.edits.dc));
    for (const match of matchings[index] ?? []) {
      const credit = match.likeness * match.count;
      weights.right += credit * weightOfKey(match.found);
      if (match.labelled) foundAdded += credit * weightOfKey(match.wanted);
    }
  });
  if (weights.labelledAdded + weights.labelledDeleted === 0) {
    return {
      editF1: null,
      recall: null,
      recallAdd: null,
      recallDel: null,
      precision: null,
      weights,
      matchings,
    };
  }
  const recallAdd = weights.labelledAdded === 0 ? null : foundAdded / weights.labelledAdded;
  const recallDel = weights.labelledDeleted === 0 ? null : foundDeleted / weights.labelledDeleted;
  const recall =
    recallAdd === null || recallDel === null
      ? (recallAdd ?? recallDel ?? 0)
      : Math.sqrt(recallAdd * recallDel);
  const edited = weights.added + weights.deleted;
  const precision = edited === 0 ? 0 : Math.min(1, weights.right / edited);
  const both = precision + recall;
  return {
    editF1: both === 0 ? 0 : (2 * precision * recall) / both,
    recall,
    recallAdd,
    recallDel,
    precision,
    weights,
    matchings,
  };
}
