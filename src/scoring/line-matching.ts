import { tokensOfKey } from './logical-line.ts';
import type { LineCounts } from './multiset.ts';
import { LineLcs, likeness, TokenIds } from './token-lcs.ts';
import { compareCodePoints } from './tree-view.ts';

/** `count` added lines of the ground truth matched with as many of the candidate's, each pair this much alike. */
export interface Match {
  readonly wanted: string;
  readonly found: string;
  readonly labelled: boolean;
  readonly likeness: number;
  readonly count: number;
}

/** Above this many steps a comparison waits until its upper bound is the best that is left. */
const DEAR_STEPS = 4096;

interface Wanted {
  readonly key: string;
  readonly labelled: boolean;
  readonly ids: Int32Array;
  left: number;
}
interface Found {
  readonly key: string;
  readonly ids: Int32Array;
  left: number;
}

/**
 * Matches the ground truth's added lines with the candidate's, of one unit: equal lines first, labelled before
 * unlabelled; then greedily by likeness (at least one half), labelled first, weight, the wanted line's tokens,
 * the found line's tokens. Matching labelled lines alone would lend other work as credit.
 *
 * @param labelled how many of the occurrences of each wanted line are labelled
 */
export function matchLines(wanted: LineCounts, labelled: LineCounts, found: LineCounts): Match[] {
  const matches: Match[] = [];
  const ids = new TokenIds();
  const openWanted: Wanted[] = [];
  const openFound: Found[] = [];
  for (const [key, count] of wanted) {
    const marked = labelled.get(key) ?? 0;
    const equal = Math.min(count, found.get(key) ?? 0);
    const equalMarked = Math.min(marked, equal);
    const add = (isLabelled: boolean, exact: number, left: number): void => {
      if (exact > 0)
        matches.push({ wanted: key, found: key, labelled: isLabelled, likeness: 1, count: exact });
      if (left > 0) openWanted.push({ key, labelled: isLabelled, ids: ids.of(tokensOfKey(key)), left });
    };
    add(true, equalMarked, marked - equalMarked);
    add(false, equal - equalMarked, count - marked - (equal - equalMarked));
  }
  for (const [key, count] of found) {
    const left = count - Math.min(count, wanted.get(key) ?? 0);
    if (left > 0) openFound.push({ key, ids: ids.of(tokensOfKey(key)), left });
  }
  openWanted.sort(
    (a, b) =>
      Number(b.labelled) - Number(a.labelled) ||
      b.ids.length - a.ids.length ||
      compareCodePoints(a.key, b.key),
  );
  openFound.sort((a, b) => compareCodePoints(a.key, b.key));
  return [...matches, ...greedily(openWanted, openFound, ids.size)];
}

/** Pairs are named by one number each: ascending numbers are the order of ties. */
function greedily(wanted: readonly Wanted[], found: readonly Found[], tokens: number): Match[] {
  const matches: Match[] = [];
  const exact = new Map<number, number[]>();
  const bounded = new Map<number, number[]>();
  const put = (table: Map<number, number[]>, value: number, pair: number): void => {
    const pairs = table.get(value);
    if (pairs === undefined) table.set(value, [pair]);
    else pairs.push(pair);
  };
  const prepared = new Map<number, LineLcs>();
  const table = new Int32Array(tokens);
  wanted.forEach((line, row) => {
    const lcs = new LineLcs(line.ids);
    const m = line.ids.length;
    if (m > 32) prepared.set(row, lcs);
    const spread = lcs.spread(table);
    found.forEach((other, column) => {
      const n = other.ids.length;
      if (4 * Math.min(m, n) < m + n) return;
      const dear = m * n > 32 * DEAR_STEPS;
      const shared = dear
        ? lcs.upperBound(other.ids)
        : spread === null
          ? lcs.length(other.ids)
          : lcs.lengthBy(spread, other.ids);
      if (4 * shared < m + n) return;
      put(dear ? bounded : exact, likeness(shared, m, n), row * found.length + column);
    });
    lcs.spread(table, true);
  });
  const values = new Descending([...exact.keys(), ...bounded.keys()]);
  for (let value = values.next(); value !== undefined; value = values.next()) {
    for (const pair of bounded.get(value) ?? []) {
      const row = Math.floor(pair / found.length);
      const [line, other] = [wanted[row], found[pair % found.length]];
      if (line === undefined || other === undefined || line.left === 0 || other.left === 0) continue;
      const shared = prepared.get(row)?.length(other.ids) ?? 0;
      if (4 * shared < line.ids.length + other.ids.length) continue;
      const true_ = likeness(shared, line.ids.length, other.ids.length);
      put(exact, true_, pair);
      values.add(true_);
    }
    for (const pair of (exact.get(value) ?? []).sort((a, b) => a - b)) {
      const [line, other] = [wanted[Math.floor(pair / found.length)], found[pair % found.length]];
      if (line === undefined || other === undefined) continue;
      const count = Math.min(line.left, other.left);
      if (count === 0) continue;
      line.left -= count;
      other.left -= count;
      matches.push({ wanted: line.key, found: other.key, labelled: line.labelled, likeness: value, count });
    }
  }
  return matches;
}

/** Distinct numbers, greatest first; numbers not above the last one given may be added on the way. */
class Descending {
  private readonly values: number[];
  private last = Infinity;

  constructor(values: readonly number[]) {
    this.values = [...new Set(values)].sort((a, b) => a - b);
  }

  add(value: number): void {
    if (value >= this.last) return;
    let low = 0;
    let high = this.values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    if (this.values[low] !== value) this.values.splice(low, 0, value);
  }

  next(): number | undefined {
    const value = this.values.pop();
    if (value !== undefined) this.last = value;
    return value;
  }
}
