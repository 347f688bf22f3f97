import type { Match } from './line-matching.ts';
import { tokensOfKey } from './logical-line.ts';
import { intersection } from './multiset.ts';
import type { ChangeStatus } from './patch-score.ts';
import { firstPlaces, type Comparison, type Unit } from './units.ts';

interface Tally {
  old: number;
  gone: number;
  added: number;
  exact: number;
  matched: number;
  /** Tokens of the candidate's lines that its new lines are matched with. */
  readonly tokens: Map<string, number>;
}

/**
 * What became of each label, over its lines that the ground truth deletes and adds: `exact` when all matched
 * exactly; `api` when all its old lines are gone and its matched lines hold the last part of each target API as
 * often as the label does (a label without target APIs proves none); `partial`, `missing`; `unevaluable` when the
 * ground truth changes none of its lines.
 */
export function changeStatuses(
  comparison: Comparison,
  matchings: readonly (readonly Match[])[],
): ChangeStatus[] {
  const tallies = comparison.labels.map((): Tally => ({
    old: 0,
    gone: 0,
    added: 0,
    exact: 0,
    matched: 0,
    tokens: new Map(),
  }));
  comparison.units.forEach((unit, index) => {
    tallyDeleted(unit, tallies);
    tallyAdded(unit, matchings[index] ?? [], tallies);
  });
  return comparison.labels.map((label, index) => {
    const tally = tallies[index];
    if (label.dropped || tally === undefined || tally.old + tally.added === 0) return 'unevaluable';
    if (tally.gone === tally.old && tally.exact === tally.added) return 'exact';
    if (tally.gone === tally.old && holdsApis(label.change.targetApis, tally.tokens)) return 'api';
    return tally.gone + tally.matched > 0 ? 'partial' : 'missing';
  });
}

function tallyDeleted(unit: Unit, tallies: readonly Tally[]): void {
  const gone = intersection(unit.dm, unit.edits.dc);
  for (const [place, number] of firstPlaces(unit.before, unit.dm)) {
    for (const label of place.labels) {
      const tally = tallies[label];
      if (tally === undefined) continue;
      tally.old++;
      if (number < (gone.get(place.line.key) ?? 0)) tally.gone++;
    }
  }
}

function tallyAdded(unit: Unit, matching: readonly Match[], tallies: readonly Tally[]): void {
  const matches = new Map<string, Match[]>();
  for (const match of matching) {
    if (!match.labelled) continue;
    const known = matches.get(match.wanted) ?? [];
    for (let count = 0; count < match.count; count++) known.push(match);
    matches.set(match.wanted, known);
  }
  for (const [place, number] of firstPlaces(unit.after, unit.am)) {
    const match = matches.get(place.line.key)?.[number];
    for (const label of place.labels) {
      const tally = tallies[label];
      if (tally === undefined) continue;
      tally.added++;
      if (match === undefined) continue;
      tally.matched++;
      if (match.likeness === 1) tally.exact++;
      for (const token of tokensOfKey(match.found))
        tally.tokens.set(token, (tally.tokens.get(token) ?? 0) + 1);
    }
  }
}

function holdsApis(apis: readonly string[], tokens: ReadonlyMap<string, number>): boolean {
  const wanted = new Map<string, number>();
  for (const api of apis) {
    const name = /([\p{L}\p{N}_]+)\W*$/u.exec(api)?.[1] ?? api;
    wanted.set(name, (wanted.get(name) ?? 0) + 1);
  }
  return wanted.size > 0 && [...wanted].every(([name, count]) => (tokens.get(name) ?? 0) >= count);
}
