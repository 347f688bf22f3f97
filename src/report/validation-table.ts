import type { StandInSeen, ValidationRecord } from '../model/validation.ts';
import { healthReasonMessage } from './messages/validation.ts';

/** A line of the table: a verdict with all that it was decided from, or why there is none. */
export type TableEntry =
  | { readonly status: 'validated'; readonly id: string; readonly record: ValidationRecord }
  | { readonly status: 'unknown'; readonly id: string; readonly why: string };

const HEADINGS = ['gold', 'noop', 'half', 'tests', 'mutants lines', 'labels'] as const;
const GAP = '  ';
const VERDICT_WIDTH = 'unhealthy'.length;

/** Under the table: what its columns say. */
export const TABLE_LEGEND: readonly string[] = [
  'gold, noop, half: editF1; ✓ all preserved tests pass (resolved), ✗ not all, – no test score',
  "tests: preserved ones of the developers' before + after + generated; mutants: hunk mutants killed;",
  'lines: migrated lines that the tests run',
];

/** Room for ids below which the numbers go on a line of their own. */
const LEAST_ID_WIDTH = 34;

/**
 * Verdicts as a table that fits `columns`: a line each where the id leaves room for the numbers, else the numbers
 * on the line below it. Ids are never cut. What is not healthy says why below.
 */
export function validationTable(entries: readonly TableEntry[], columns: number): string[] {
  const cells = entries.map((entry) => (entry.status === 'validated' ? cellsOf(entry.record) : []));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const longest = Math.max('migration'.length, ...entries.map(({ id }) => id.length));
  const numbers = widths.reduce((sum, width) => sum + GAP.length + width, 0);
  const room = Math.min(longest, columns - VERDICT_WIDTH - GAP.length - numbers);
  const idWidth = room < Math.min(longest, LEAST_ID_WIDTH) ? 0 : room;
  const padded = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP);
  const indent = ' '.repeat(VERDICT_WIDTH + GAP.length);
  /** One line where the name fits its column; else the numbers below it, in their columns. */
  const laid = (verdict: string, name: string, row: readonly string[]): string[] => {
    const start = `${verdict.padEnd(VERDICT_WIDTH)}${GAP}`;
    if (row.length === 0) return [`${start}${name}`];
    if (name.length <= idWidth) return [`${start}${name.padEnd(idWidth)}${GAP}${padded(row)}`.trimEnd()];
    const below = idWidth === 0 ? indent : `${indent}${' '.repeat(idWidth)}${GAP}`;
    return [`${start}${name}`, `${below}${padded(row)}`.trimEnd()];
  };
  const lines = laid('verdict', 'migration', HEADINGS);
  for (const [index, entry] of entries.entries()) {
    const verdict = entry.status === 'validated' ? entry.record.verdict : 'unknown';
    lines.push(...laid(verdict, entry.id, cells[index] ?? []));
    for (const why of whysOf(entry)) lines.push(...wrapped(why, columns, indent));
  }
  return lines;
}

function whysOf(entry: TableEntry): string[] {
  return entry.status === 'validated' ? entry.record.reasons.map(healthReasonMessage) : [entry.why];
}

function cellsOf(record: ValidationRecord): string[] {
  const { gold, noop, half } = record.standIns;
  return [
    standInCell(gold),
    standInCell(noop),
    half.notApplicable === null ? standInCell(half) : 'n/a',
    testsText(record.tests.preserved),
    strengthText(record.strength, '  '),
    record.labels ?? '–',
  ];
}

function standInCell({ patchEval, unitTestEval }: StandInSeen): string {
  const likeness = patchEval.status === 'scored' ? String(Math.floor(patchEval.editF1 * 1000) / 1000) : '–';
  const tests = unitTestEval.status === 'unscored' ? '–' : unitTestEval.resolved ? '✓' : '✗';
  return `${likeness} ${tests}`;
}

/** Preserved tests by origin, `123+5+0`. */
export function testsText(preserved: ValidationRecord['tests']['preserved']): string {
  return `${preserved['developers-before']}+${preserved['developers-after']}+${preserved.generated}`;
}

/** Mutants killed of all, and migrated lines run of all; `not measured` where they were not. */
export function strengthText(strength: ValidationRecord['strength'], between: string): string {
  if (strength === null) return 'not measured';
  const { mutants, lines } = strength;
  return `${mutants.killed}/${mutants.total}${between}${lines.executed}/${lines.executable}`;
}

/** Breaks a sentence at blanks into indented lines; a word that is longer than a line stays whole. */
function wrapped(text: string, columns: number, indent: string): string[] {
  const room = Math.max(20, columns - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}`);
}
