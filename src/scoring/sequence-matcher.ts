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
  const places = new Map<string, number[]>();
  b.forEach((element, index) => {
    const known = places.get(element);
    if (known === undefined) places.set(element, [index]);
    else known.push(index);
  });
  if (popular && b.length >= 200) {
    const limit = Math.floor(b.length / 100) + 1;
    for (const [element, indexes] of places) if (indexes.length > limit) places.delete(element);
  }
  const blocks: Block[] = [];
  const queue: [number, number, number, number][] = [];
  let start = 0;
  let aEnd = a.length;
  let bEnd = b.length;
  let comparisons = 0;
  for (const element of a) comparisons += places.get(element)?.length ?? 0;
  if (comparisons > DEAR_COMPARISONS) {
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
    const block = longest(a, b, places, range);
    if (block.size === 0) continue;
    blocks.push(block);
    if (aFrom < block.a && bFrom < block.b) queue.push([aFrom, block.a, bFrom, block.b]);
    if (block.a + block.size < aTo && block.b + block.size < bTo) {
      queue.push([block.a + block.size, aTo, block.b + block.size, bTo]);
    }
  }
  return blocks.sort((left, right) => left.a - right.a || left.b - right.b);
}

function longest(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: readonly [number, number, number, number],
): Block {
  let best = { a: aFrom, b: bFrom, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  // Elements that were left out as popular still extend a block.
  while (best.a > aFrom && best.b > bFrom && a[best.a - 1] === b[best.b - 1]) {
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
  }
  while (
    best.a + best.size < aTo &&
    best.b + best.size < bTo &&
    a[best.a + best.size] === b[best.b + best.size]
  ) {
    best = { ...best, size: best.size + 1 };
  }
  return best;
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
