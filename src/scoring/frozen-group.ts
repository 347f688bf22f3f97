import type { FrozenTest, TestId, TestOrigin } from '../model/tests.ts';
import { freeze, hasPassed, type OriginRun, outcomeOf, type Repeated } from './test-classes.ts';

/** Watched lines by test and path, as a traced run gives them. */
export type Executed = Readonly<Record<TestId, Readonly<Record<string, readonly number[]>>>>;

/** One suite on the states of the code that no candidate has a part in; each state ran at least once. */
export interface FrozenGroup {
  readonly before: readonly OriginRun[];
  readonly after: readonly OriginRun[];
  readonly blocked: OriginRun;
  /** Of the traced runs: a test is relevant where any of them saw it execute a migrated line. */
  readonly executed: readonly Executed[];
}

/** Every test that any of the runs knows, frozen, in order of its id. */
export function freezeGroup(
  origin: TestOrigin,
  group: FrozenGroup,
  isHidden: (id: TestId) => boolean,
): FrozenTest[] {
  const ids = new Set(
    [...group.before, ...group.after, group.blocked].flatMap(({ tests }) => Object.keys(tests)),
  );
  return [...ids].sort().map((id) => {
    const states = {
      before: repeated(id, group.before),
      after: repeated(id, group.after),
      blocked: outcomeOf(id, group.blocked),
    };
    const ran = hasPassed(states.before[0]) || hasPassed(states.after[0]);
    const lines = group.executed.flatMap((of) => Object.values(of[id] ?? {}));
    const relevant = group.executed.length === 0 || !ran ? null : lines.some(({ length }) => length > 0);
    return freeze({ id, origin, ...states, relevant, twin: false, hidden: isHidden(id) });
  });
}

function repeated(id: TestId, runs: readonly OriginRun[]): Repeated {
  const [first, ...rest] = runs.map((run) => outcomeOf(id, run));
  return [first ?? 'missing', ...rest];
}
