/** A stretch that is alike: `size` elements from `a` in the first and from `b` in the second sequence. */
export interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** A stretch that is not alike, as half-open ranges of both sequences. */
export interface ChangedRun {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** Above this many comparisons equal ends are taken first, which keeps large repetitive files affordable. */
const DEAR_COMPARISONS = 2e7;

/**
 * Matching blocks as Python's difflib finds them (Ratcliff and Obershelp: the longest block, then both sides of
 * it), earliest in `a`, then in `b`, where several are as long.
 *
 * @param popular leave out elements of `b` in more than 1 % of at least 200 places, as difflib does by default
 */
export function matchingBlocks(a: readonly string[], b: readonly string[], popular: boolean): Block[] {
  const places = new Places(a, b, popular);
  const blocks: Block[] = [];
  const queue: Range[] = [];
  let start = 0;
  let aEnd = a.length;
  let bEnd = b.length;
  if (places.comparisons > DEAR_COMPARISONS) {
    while (start < aEnd && start < bEnd && a[start] === b[start]) start++;
    while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
      aEnd--;
      bEnd--;
    }
    if (start > 0) blocks.push({ a: 0, b: 0, size: start });
    if (aEnd < a.length) blocks.push({ a: aEnd, b: bEnd, size: a.length - aEnd });
  }
  queue.push([start, aEnd, start, bEnd]);
  for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
    const [aFrom, aTo, bFrom, bTo] = range;
    const block = extended(a, b, places.longest(range), range);
    if (block.size === 0) continue;
    blocks.push(block);
    if (aFrom < block.a && bFrom < block.b) queue.push([aFrom, block.a, bFrom, block.b]);
    if (block.a + block.size < aTo && block.b + block.size < bTo) {
      queue.push([block.a + block.size, aTo, block.b + block.size, bTo]);
    }
  }
  return blocks.sort((left, right) => left.a - right.a || left.b - right.b);
}

/** Half-open ranges of both sequences: from and to in `a`, from and to in `b`. */
type Range = readonly [number, number, number, number];

/** Where the elements of `a` stand in `b`, as numbers: the first place of each, and after each place the next. */
class Places {
  /** Pairs of equal elements, those left out as popular not counted. */
  readonly comparisons: number;
  private readonly firstOf: Int32Array;
  private readonly nextOf: Int32Array;
  /** Lengths of the blocks that end at each place of `b`, for two rows by turns, each with the row it was written in. */
  private readonly lengths: readonly [Int32Array, Int32Array];
  private readonly rows: readonly [Int32Array, Int32Array];
  private row = 1;

  constructor(a: readonly string[], b: readonly string[], popular: boolean) {
    const first = new Map<string, number>();
    const counts = new Int32Array(b.length);
    this.nextOf = new Int32Array(b.length);
    for (let index = b.length - 1; index >= 0; index--) {
      const element = b[index] ?? '';
      const next = first.get(element) ?? -1;
      this.nextOf[index] = next;
      counts[index] = next === -1 ? 1 : (counts[next] ?? 0) + 1;
      first.set(element, index);
    }
    const limit = popular && b.length >= 200 ? Math.floor(b.length / 100) + 1 : Infinity;
    let comparisons = 0;
    this.firstOf = Int32Array.from(a, (element) => {
      const place = first.get(element) ?? -1;
      const count = place === -1 ? 0 : (counts[place] ?? 0);
      if (count > limit) return -1;
      comparisons += count;
      return place;
    });
    this.comparisons = comparisons;
    this.lengths = [new Int32Array(b.length), new Int32Array(b.length)];
    this.rows = [new Int32Array(b.length), new Int32Array(b.length)];
  }

  /** The longest block in the ranges, popular elements left out; size 0 when nothing is alike. */
  longest([aFrom, aTo, bFrom, bTo]: Range): Block {
    const { firstOf, nextOf } = this;
    let [bestA, bestB, bestSize] = [aFrom, bFrom, 0];
    // A row that no other range has written: what an earlier one left reads as nothing.
    this.row++;
    for (let i = aFrom; i < aTo; i++) {
      const row = ++this.row;
      const [lengths, rows] = [this.lengths[row & 1 ? 1 : 0], this.rows[row & 1 ? 1 : 0]];
      const [above, rowsAbove] = [this.lengths[row & 1 ? 0 : 1], this.rows[row & 1 ? 0 : 1]];
      for (let j = firstOf[i] ?? -1; j !== -1 && j < bTo; j = nextOf[j] ?? -1) {
        if (j < bFrom) continue;
        const size = j > 0 && rowsAbove[j - 1] === row - 1 ? (above[j - 1] ?? 0) + 1 : 1;
        lengths[j] = size;
        rows[j] = row;
        if (size > bestSize) [bestA, bestB, bestSize] = [i - size + 1, j - size + 1, size];
      }
    }
    return { a: bestA, b: bestB, size: bestSize };
  }
}

/** Elements that were left out as popular still extend a block. */
function extended(
  a: readonly string[],
  b: readonly string[],
  block: Block,
  [aFrom, aTo, bFrom, bTo]: Range,
): Block {
  let { a: aAt, b: bAt, size } = block;
  while (aAt > aFrom && bAt > bFrom && a[aAt - 1] === b[bAt - 1]) {
    aAt--;
    bAt--;
    size++;
  }
  while (aAt + size < aTo && bAt + size < bTo && a[aAt + size] === b[bAt + size]) size++;
  return { a: aAt, b: bAt, size };
}

/** The stretches between the blocks, in order. */
export function changedRuns(a: readonly string[], b: readonly string[]): ChangedRun[] {
  const runs: ChangedRun[] = [];
  let aAt = 0;
  let bAt = 0;
  for (const block of [...matchingBlocks(a, b, false), { a: a.length, b: b.length, size: 0 }]) {
    if (aAt < block.a || bAt < block.b) runs.push({ aFrom: aAt, aTo: block.a, bFrom: bAt, bTo: block.b });
    aAt = block.a + block.size;
    bAt = block.b + block.size;
  }
  return runs;
}

/** difflib's `SequenceMatcher(None, a, b).ratio()`. */
export function ratio(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 1;
  const matched = matchingBlocks(a, b, true).reduce((sum, block) => sum + block.size, 0);
  return (2 * matched) / (a.length + b.length);
}
