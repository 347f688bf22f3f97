import type { SuiteStrength } from '../model/tests.ts';
import type { LinesByPath } from './migrated-lines.ts';

/** What a suite's strength is measured by. */
export interface Reach {
  /** Executable lines of the migration in files that can be run here. */
  readonly executable: LinesByPath;
  /** Files that cannot, which are no part of the measure. */
  readonly unreachable: SuiteStrength['unreachable'];
}

/**
 * Leaves out of the measure what no test can run on this machine: files that cannot be loaded in the ground truth as a
 * module is missing that neither it nor the libraries have (one of another operating system). A test that runs them is
 * as impossible as a candidate that fails by them, so they say nothing about the tests. Only while they hold less than
 * half of the executable lines: else the environment is too poor to judge the migration, and the measure says so.
 *
 * @param missing why, by file
 */
export function withinReach(executable: LinesByPath, missing: Readonly<Record<string, string>>): Reach {
  const linesOf = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => sum + (executable[path]?.length ?? 0), 0);
  const all = Object.keys(executable);
  const lost = all.filter((path) => missing[path] !== undefined);
  if (linesOf(lost) * 2 >= linesOf(all)) return { executable, unreachable: [] };
  return {
    executable: Object.fromEntries(Object.entries(executable).filter(([path]) => !lost.includes(path))),
    unreachable: lost.map((path) => ({ path, why: missing[path] ?? '' })),
  };
}
