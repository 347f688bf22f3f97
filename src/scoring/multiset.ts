import { weightOfKey, type LogicalLine } from './logical-line.ts';

/** How often each line (by its key) occurs; counts are above zero. */
export type LineCounts = ReadonlyMap<string, number>;

export function countLines(lines: Iterable<LogicalLine>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line.key, (counts.get(line.key) ?? 0) + 1);
  return counts;
}

export function minus(a: LineCounts, b: LineCounts): Map<string, number> {
  const rest = new Map<string, number>();
  for (const [key, count] of a) {
    const left = count - (b.get(key) ?? 0);
    if (left > 0) rest.set(key, left);
  }
  return rest;
}

export function intersection(a: LineCounts, b: LineCounts): Map<string, number> {
  const both = new Map<string, number>();
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  for (const [key, count] of small) {
    const shared = Math.min(count, large.get(key) ?? 0);
    if (shared > 0) both.set(key, shared);
  }
  return both;
}

/** Sum of the weights of all occurrences. */
export function weightOf(lines: LineCounts): number {
  let weight = 0;
  for (const [key, count] of lines) weight += count * weightOfKey(key);
  return weight;
}
