import type { EnvironmentPlan } from './plan.ts';
import type { Requirement } from './requirement.ts';

/** What collecting the tests asked for beyond what the trees say. */
export interface Mended {
  readonly add: readonly Requirement[];
  /** Version of pytest instead of the newest that the date allows; null: as it is. */
  readonly pytest: string | null;
  /** Further folders of the import path. */
  readonly pythonpath: readonly string[];
  /** Working folder of the tests; null: the tree's root. */
  readonly cwd: string | null;
  /** Further arguments of pytest. */
  readonly args: readonly string[];
  /** One sentence for each change, and for what was seen and left. */
  readonly steps: readonly string[];
  readonly notes: readonly string[];
}

export const NOTHING_MENDED: Mended = {
  add: [],
  pytest: null,
  pythonpath: [],
  cwd: null,
  args: [],
  steps: [],
  notes: [],
};

/** A plan with what was asked for in addition. What the plan has already stays as it is, the test runner's version aside. */
export function mendedPlan(plan: EnvironmentPlan, { add, pytest }: Mended): EnvironmentPlan {
  const known = new Set(plan.requirements.map(({ name }) => name));
  const kept = plan.requirements.map((one) =>
    one.name === 'pytest' && pytest !== null ? { ...one, specifier: `==${pytest}` } : one,
  );
  return { ...plan, requirements: [...kept, ...add.filter(({ name }) => !known.has(name))] };
}
