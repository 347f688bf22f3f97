import type { SuiteStrength } from '../model/tests.ts';
import type { LinesByPath } from './migrated-lines.ts';
import type { Reach } from './reach.ts';

/** Under this a suite says little: `low_confidence`. */
const CONFIDENT = 0.5;

/** How strong the preserved tests are: the smaller of what they kill of the mutants and execute of the lines. */
export function strengthOf(
  mutants: { readonly total: number; readonly killed: number },
  { executable, unreachable }: Reach,
  executed: readonly LinesByPath[],
): SuiteStrength {
  const all = new Set(keysOf(executable));
  const ran = new Set(executed.flatMap(keysOf).filter((key) => all.has(key)));
  const shares = [
    ...(mutants.total === 0 ? [] : [mutants.killed / mutants.total]),
    ...(all.size === 0 ? [] : [ran.size / all.size]),
  ];
  const value = shares.length === 0 ? null : Math.min(...shares);
  return {
    mutants: { total: mutants.total, killed: mutants.killed },
    lines: { executable: all.size, executed: ran.size },
    unreachable: [...unreachable],
    value,
    lowConfidence: value === null || value < CONFIDENT,
  };
}

function keysOf(lines: LinesByPath): string[] {
  return Object.entries(lines).flatMap(([path, numbers]) => numbers.map((line) => `${line} ${path}`));
}
