import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId, TestOutcome } from '../model/tests.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import type { Steadiness } from '../scoring/gates.ts';
import { hasPassed, outcomeOf } from '../scoring/test-classes.ts';
import type { StateOptions, StateRunner } from './eval-states.ts';

/** Eleven years less a bit, so that year, month, day, weekday and hour are others. */
const SHIFT_SECONDS = 4011 * 86_400 + 26_001;
const CLOCK = [{ module: 'mig_clock', options: { seconds: SHIFT_SECONDS } }];
const CLOCK_AT_REST = [{ module: 'mig_clock', options: { seconds: 0 } }];
/** Calls each test in a process of its own. */
const FORKED = [{ module: 'fork_calls', options: {} }];
/** Tests that fail in a forked process are run once more in a start of their own, so many at most. */
const MOST_ALONE = 20;

/** Generated tests on the code that they must pass on. */
export interface SteadyRuns {
  /** All that was collected, in order. */
  readonly ids: readonly TestId[];
  readonly first: SuiteRun;
  readonly steady: ReadonlyMap<TestId, Steadiness>;
  readonly messages: Readonly<Record<TestId, string>>;
}

/**
 * Runs generated tests so that whatever they depend on besides the code shows: together, shuffled, alone, on another
 * day, with other seeds of hashes. What can be is done in one run; only where something fails there its cause is sought.
 *
 * @param isSound whether the static gates let a test run at all
 */
export async function steadyRuns(
  run: StateRunner,
  state: StateOptions,
  isSound: (id: TestId) => boolean,
): Promise<Result<SteadyRuns, Failure>> {
  const first = await run(state);
  if (!first.ok) return first;
  const ids = Object.keys(first.value.tests).sort();
  const sound = ids.filter(isSound);
  const isWhole = sound.length === ids.length;
  // what the static gates reject must not run beside the others
  const plain =
    isWhole || sound.length === 0 ? first : await run({ ...state, name: `${state.name}-sound`, ids: sound });
  if (!plain.ok) return plain;
  const passing = sound.filter((id) => hasPassed(outcomeOf(id, plain.value)));
  const conditions = await underConditions(run, { ...state, ids: passing });
  if (!conditions.ok) return conditions;
  const steady = new Map(
    sound.map((id): [TestId, Steadiness] => {
      const found = conditions.value.get(id) ?? UNTRIED;
      return [id, { ...found, plain: outcomeOf(id, plain.value) }];
    }),
  );
  return ok({
    ids,
    first: first.value,
    steady,
    messages: { ...first.value.messages, ...plain.value.messages },
  });
}

type Conditions = Omit<Steadiness, 'plain'>;
const UNTRIED: Conditions = { again: null, shuffled: null, alone: null, clock: null, hashSeed: null };
const ALL_WELL: Conditions = {
  again: 'passed',
  shuffled: 'passed',
  alone: 'passed',
  clock: 'passed',
  hashSeed: 'passed',
};

async function underConditions(
  run: StateRunner,
  state: StateOptions,
): Promise<Result<Map<TestId, Conditions>, Failure>> {
  const ids = state.ids ?? [];
  const found = new Map(ids.map((id) => [id, ALL_WELL]));
  if (ids.length === 0) return ok(found);
  const named = (condition: string, more: Partial<StateOptions>): StateOptions => ({
    ...state,
    ...more,
    name: `${state.name}-${condition}`,
  });
  const [all, forked] = await Promise.all([
    run(named('shuffled-later', { shuffled: true, early: CLOCK, hashSeed: 1 })),
    run(named('alone', { early: FORKED, hashSeed: 2 })),
  ]);
  if (!all.ok) return all;
  if (!forked.ok) return forked;
  const set = (id: TestId, more: Partial<Conditions>): void => {
    found.set(id, { ...ALL_WELL, ...found.get(id), ...more });
  };

  const unsteady = ids.filter((id) => !hasPassed(outcomeOf(id, all.value)));
  if (unsteady.length > 0) {
    const apart = await Promise.all([
      run(named('shuffled', { shuffled: true })),
      run(named('later', { early: CLOCK })),
      run(named('seed', { hashSeed: 1 })),
    ]);
    const failed = apart.find((one) => !one.ok);
    if (failed?.ok === false) return failed;
    const [shuffled = all.value, clock = all.value, hashSeed = all.value] = apart.map((one) =>
      one.ok ? one.value : all.value,
    );
    // a test that minds the replaced clock itself, not the date, says nothing about the date
    const isLate = unsteady.some((id) => !hasPassed(outcomeOf(id, clock)));
    const rest = isLate ? await run(named('clock-at-rest', { early: CLOCK_AT_REST })) : ok(clock);
    if (!rest.ok) return rest;
    const atRest = rest.value;
    for (const id of unsteady) {
      const of = (one: SuiteRun): TestOutcome => outcomeOf(id, one);
      const minds = !hasPassed(of(atRest));
      const causes = {
        shuffled: of(shuffled),
        clock: minds ? 'passed' : of(clock),
        hashSeed: of(hashSeed),
      } as const;
      const isExplained = minds || Object.values(causes).some((outcome) => !hasPassed(outcome));
      set(id, { ...causes, ...(isExplained ? {} : { again: of(all.value) }) });
    }
  }

  const lonely = ids.filter((id) => !hasPassed(outcomeOf(id, forked.value)));
  if (lonely.length > 0) {
    const seeded = await run(named('other-seed', { hashSeed: 2 }));
    if (!seeded.ok) return seeded;
    for (const [index, id] of lonely.entries()) {
      let alone = outcomeOf(id, forked.value);
      if (index < MOST_ALONE) {
        const real = await run(named(`alone-${index + 1}`, { ids: [id] }));
        if (!real.ok) return real;
        alone = outcomeOf(id, real.value);
      }
      set(id, { alone });
      if (!hasPassed(outcomeOf(id, seeded.value))) set(id, { hashSeed: outcomeOf(id, seeded.value) });
    }
  }
  return ok(found);
}
