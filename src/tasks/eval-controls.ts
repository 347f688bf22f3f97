import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId, TestOrigin } from '../model/tests.ts';
import { hasPassed, outcomeOf } from '../scoring/test-classes.ts';
import { layChanged } from './changed-tree.ts';
import { preservedIds, type Stage } from './eval-stage.ts';
import type { StateRunner } from './eval-states.ts';
import type { EvalTrees } from './eval-trees.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** By origin, the preserved tests that do not pass on the ground truth once they are falsified. */
export async function falsifiedTwins(
  run: StateRunner,
  stages: readonly Stage[],
  falsifySeed: string,
): Promise<Result<ReadonlyMap<TestOrigin, ReadonlySet<TestId>>, Failure>> {
  const twins = new Map<TestOrigin, ReadonlySet<TestId>>();
  const jobs = stages.map(async ({ origin: of, after, options: origin, doctests, tests }) => {
    const ids = preservedIds({ tests });
    if (ids.length === 0) return ok(null);
    const name = `${of}-falsified`;
    return await run({
      name,
      tree: after,
      role: 'b',
      control: true,
      origin,
      ids,
      doctests,
      falsified: ids,
      falsifySeed,
    });
  });
  for (const [index, done] of (await Promise.all(jobs)).entries()) {
    if (!done.ok) return done;
    const { value } = done;
    const stage = stages[index];
    if (value === null || stage === undefined) continue;
    const failing = value.falsifiedIds.filter((id) => !hasPassed(outcomeOf(id, value)));
    twins.set(stage.origin, new Set(failing));
  }
  return ok(twins);
}

/**
 * Whether B with the migration's imports alone passes every preserved test. Null where that cannot be told apart from
 * the migration, or where doing nothing passes them all already.
 */
export async function importOnlyPasses(given: {
  readonly run: StateRunner;
  readonly stages: readonly Stage[];
  readonly trees: Pick<EvalTrees, 'importOnly' | 'migratedTests'>;
  readonly record: ReadyRecord;
  readonly scratchDir: string;
}): Promise<Result<boolean | null, Failure>> {
  const { run, trees, record } = given;
  const { importOnly } = trees;
  const preserved = given.stages.flatMap(({ tests }) => tests).filter((test) => test.class === 'preserved');
  if (importOnly === null || preserved.every((test) => hasPassed(test.blocked))) return ok(null);
  for (const stage of given.stages) {
    const ids = preservedIds(stage);
    if (ids.length === 0) continue;
    const dir = path.join(given.scratchDir, `import-only-${stage.origin}`);
    const tree = layChanged(stage.before, importOnly, dir, record, trees.migratedTests);
    const { options: origin, doctests } = stage;
    const done = await run({
      name: path.basename(dir),
      tree,
      role: 'b',
      control: true,
      origin,
      ids,
      doctests,
    });
    if (!done.ok) return done;
    if (ids.some((id) => !hasPassed(outcomeOf(id, done.value)))) return ok(false);
  }
  return ok(true);
}
