import type { EnvironmentPlan } from './plan.ts';

/** pip has no date filter, and these were uploaded again later than their time. */
const UNDATED = new Set([
  'pytest',
  'pluggy',
  'packaging',
  'setuptools',
  'wheel',
  'attrs',
  'typing',
  'pathlib2',
  'atomicwrites',
  'pip',
  // what pytest 4.6 needs: taken back to an older date it would not import
  'py',
  'more-itertools',
  'wcwidth',
  'funcsigs',
  'importlib-metadata',
  'zipp',
  'contextlib2',
  'configparser',
  'scandir',
]);

/** Whether the date binds a distribution; A and B it always does. */
export function isDated(name: string, plan: Pick<EnvironmentPlan, 'kept'>): boolean {
  return !UNDATED.has(name) || plan.kept.has(name);
}
