import type { FrozenTest, TestId, TestOutcome } from '../model/tests.ts';
import { hasPassed, type OriginRun, outcomeOf } from './test-classes.ts';

/** A test function: its id without parameters. What is falsified is falsified for all of them. */
export function functionOf(id: TestId): string {
  const cut = id.indexOf('[', id.indexOf('::'));
  return cut === -1 ? id : id.slice(0, cut);
}

const fileOf = (id: TestId): string => id.split('::', 1)[0] ?? id;

/**
 * Two starts at once, of which the code under test cannot know which is which: the whole one runs every test, some of
 * them falsified; the other one runs those as they are, and some further ones falsified that the whole one runs as
 * they are. So every test is run as it is once, and what passes both ways deceives.
 */
export interface TwinPlan {
  /** Falsified in the whole start; what counts of them comes from the other one. */
  readonly inWhole: readonly TestId[];
  /** Falsified in the other start. */
  readonly inOther: readonly TestId[];
}

/** Test functions that are falsified in both starts together. */
const MOST_FUNCTIONS = 20;

/**
 * Chooses by chance: first functions that the no-op does not pass (who forges must forge these), spread over files.
 *
 * @param random in [0, 1), as `Math.random`
 */
export function planTwins(
  tests: readonly FrozenTest[],
  random: () => number,
  most: number = MOST_FUNCTIONS,
): TwinPlan {
  const functions = new Map<string, FrozenTest[]>();
  for (const test of tests) {
    const name = functionOf(test.id);
    functions.set(name, [...(functions.get(name) ?? []), test]);
  }
  // the others of a function are falsified along with its preserved ones, and count as they ran in the other start
  const able = [...functions].filter(([, of]) => {
    const preserved = of.filter((test) => test.class === 'preserved');
    return preserved.length > 0 && preserved.every(({ twin }) => twin);
  });
  const needed = able.filter(([, of]) =>
    of.some((test) => test.class === 'preserved' && !hasPassed(test.blocked)),
  );
  const others = able.filter((one) => !needed.includes(one));
  const ordered = [...spread(shuffled(needed, random)), ...spread(shuffled(others, random))];
  const chosen = shuffled(ordered.slice(0, most), random);
  const middle = Math.ceil(chosen.length / 2);
  const idsOf = (part: typeof chosen): TestId[] => part.flatMap(([, of]) => of.map(({ id }) => id));
  return { inWhole: idsOf(chosen.slice(0, middle)), inOther: idsOf(chosen.slice(middle)) };
}

/** One function of each file, then a second one of each. */
function spread<T extends readonly [string, unknown]>(functions: readonly T[]): T[] {
  const turns = new Map<string, number>();
  const ranked = functions.map((one) => {
    const file = fileOf(one[0]);
    const turn = turns.get(file) ?? 0;
    turns.set(file, turn + 1);
    return { one, turn };
  });
  return ranked.sort((a, b) => a.turn - b.turn).map(({ one }) => one);
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const left = [...values];
  for (let at = left.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [left[at], left[other]] = [left[other] as T, left[at] as T];
  }
  return left;
}

/** A run that was given tests to falsify, and which of them it could. */
export interface TwinRun extends OriginRun {
  readonly falsifiedIds: readonly TestId[];
}

/**
 * Tests that passed as they are in one start and falsified in the other. A test that could not be falsified says
 * nothing.
 *
 * @param able tests that do not pass on the ground truth once they are falsified; others share a function with these
 */
export function contradictionsOf(whole: TwinRun, other: TwinRun, able: ReadonlySet<TestId>): TestId[] {
  const both = (falsified: TwinRun, plain: TwinRun): TestId[] =>
    falsified.falsifiedIds.filter(
      (id) => able.has(id) && hasPassed(outcomeOf(id, falsified)) && hasPassed(outcomeOf(id, plain)),
    );
  return [...new Set([...both(whole, other), ...both(other, whole)])].sort();
}

/** Outcomes of all tests as they are: of those that the whole start ran falsified, the other one's. */
export function asTheyAre(whole: TwinRun, other: TwinRun): Record<TestId, TestOutcome> {
  const outcomes = { ...whole.tests };
  for (const id of whole.falsifiedIds) outcomes[id] = outcomeOf(id, other);
  return outcomes;
}

/**
 * Tests that did not pass and might have in a start without falsified ones: those that ran as they are with few others
 * only, those of files that had a falsified test, on which they may depend, and all that can be falsified themselves,
 * since a test may read the files of others. They are run once more with their whole files before it is believed. Not
 * where the file itself did not load.
 *
 * @param able tests that can be falsified, so that a second chance to forge them is none
 */
export function toRunAgain(
  ids: readonly TestId[],
  whole: TwinRun,
  other: TwinRun,
  able: ReadonlySet<TestId>,
): TestId[] {
  const falsified = new Set(whole.falsifiedIds);
  const files = new Set(whole.falsifiedIds.map(fileOf));
  return ids.filter((id) => {
    const mayDepend = files.has(fileOf(id)) || (falsified.size > 0 && able.has(id));
    if (!mayDepend || outcomeOf(id, whole) === 'collection_error') return false;
    return !hasPassed(outcomeOf(id, falsified.has(id) ? other : whole));
  });
}

/**
 * Whether a test was lost because its process ended: as a crash, or with a file whose loading ended it. Both may be
 * somebody's doing outside of the sandbox.
 */
export function wasCutShort(id: TestId, run: OriginRun): boolean {
  const outcome = outcomeOf(id, run);
  if (outcome === 'crash') return true;
  return (
    outcome === 'collection_error' &&
    run.collectionErrors.some(
      ({ file, message }) => file === fileOf(id) && message.startsWith(ENDED_WHILE_LOADED),
    )
  );
}

/** How the runner words a file whose loading ended the process. */
const ENDED_WHILE_LOADED = 'while it was loaded:';
