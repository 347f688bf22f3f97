import type { LineRanges } from '../model/labels.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';

/** The two sides of PyMigBench's `line`. */
export interface LineShape {
  readonly before: LineRanges;
  readonly after: LineRanges;
}

/**
 * Reads `line := side ":" side` with `side := "" | part ("," part)*` and `part := blanks N ("-" N)? blanks`;
 * 1-based, inclusive; one side may be empty, both may not. Fails with what is wrong, in words.
 */
export function parseLineShape(text: string): Result<LineShape, string> {
  const sides = text.split(':');
  const [left, right] = sides;
  if (left === undefined || right === undefined || sides.length !== 2) {
    return fail(`"${text}" is not "<lines before>:<lines after>"`);
  }
  const before = parseSide(left);
  if (!before.ok) return before;
  const after = parseSide(right);
  if (!after.ok) return after;
  if (before.value.length === 0 && after.value.length === 0)
    return fail(`"${text}" names no line on either side`);
  return ok({ before: before.value, after: after.value });
}

function parseSide(text: string): Result<LineRanges, string> {
  if (text === '') return ok([]);
  const ranges: [number, number][] = [];
  for (const part of text.split(',')) {
    const match = /^[ \t]*(\d{1,9})(?:-(\d{1,9}))?[ \t]*$/.exec(part);
    if (match === null) return fail(`"${part}" is neither a line nor a range of lines`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first < 1) return fail(`"${part}": lines count from 1`);
    if (last < first) return fail(`"${part}" ends before it begins`);
    ranges.push([first, last]);
  }
  return ok(ranges);
}
