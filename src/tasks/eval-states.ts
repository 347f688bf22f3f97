import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import type { FrozenGroup } from '../scoring/frozen-group.ts';
import { hasPassed, type OriginRun, outcomeOf } from '../scoring/test-classes.ts';
import type { EvalSuite } from './eval-suite.ts';
import type { EvalTrees, LaidTree } from './eval-trees.ts';
import { blockFor, type ReadyRecord, type SuiteRunner } from './suite-runs.ts';

/** Of the run in random order. */
const SEED = 20261121;

/** One run of a state of the code; everything that ran is noted. */
export type StateRunner = (options: {
  readonly name: string;
  readonly tree: LaidTree;
  readonly role: 'a' | 'b';
  readonly settings: EvalTrees['settings']['before'];
  readonly ids?: readonly TestId[] | null;
  readonly ignore?: readonly string[];
  readonly shuffled?: boolean;
  readonly traced?: boolean;
}) => Promise<Result<SuiteRun, Failure>>;

export function stateRunner(
  run: SuiteRunner,
  runs: EvalSuite['runs'],
  record: ReadyRecord,
  trees: EvalTrees,
): StateRunner {
  return async ({
    name,
    tree,
    role,
    settings,
    ids = null,
    ignore = [],
    shuffled = false,
    traced = false,
  }) => {
    const lines = role === 'a' ? trees.lines.before : trees.lines.after;
    const done = await run({
      name,
      tree: tree.dir,
      role,
      block: role === 'a' ? null : blockFor(record, tree.paths, trees.kept, trees.migratedTests),
      ids,
      ignore,
      settings,
      ...(shuffled ? { order: { seed: SEED } } : {}),
      ...(traced ? { trace: lines } : {}),
    });
    if (!done.ok) return done;
    const outcomes: Record<string, number> = {};
    for (const outcome of Object.values(done.value.tests)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const { collectionErrors, ended, starts, seconds } = done.value;
    runs.push({ name, outcomes, collectionErrors: [...collectionErrors], ended, starts, seconds });
    return done;
  };
}

/** The runs of one suite on the frozen states of the code. */
export async function freezeStates(
  run: StateRunner,
  suite: {
    readonly prefix: string;
    readonly before: LaidTree;
    readonly after: LaidTree;
    readonly settings: EvalTrees['settings']['before'];
    /** Files whose tests count; null: all. */
    readonly files: ReadonlySet<string> | null;
  },
): Promise<Result<FrozenGroup, Failure>> {
  const { prefix, settings, files } = suite;
  const ignore = files === null ? [] : suite.after.paths.filter((file) => isOutside(file, files));
  const shared = { settings, ignore } as const;
  const onAfter = { name: `${prefix}-tests-on-after`, tree: suite.after, role: 'b', ...shared } as const;
  const first = await run(onAfter);
  if (!first.ok) return first;
  const onBefore = { name: `${prefix}-tests-on-before`, tree: suite.before, role: 'a', ...shared } as const;
  const known = Object.keys(first.value.tests);
  const ids = files === null ? null : known.filter((id) => files.has(id.split('::')[0] ?? id));
  const [before, after, blocked] = await Promise.all([
    repeatedly(run, { ...onBefore, ids }, null),
    repeatedly(run, { ...onAfter, ids }, first.value),
    run({ ...onBefore, name: `${onBefore.name}-blocked`, role: 'b', ids }),
  ]);
  if (!before.ok) return before;
  if (!after.ok) return after;
  if (!blocked.ok) return blocked;
  return ok({
    before: before.value.runs,
    after: after.value.runs,
    blocked: blocked.value,
    executed: [before.value.executed, after.value.executed],
  });
}

/** Whether a file has tests of its own that do not count; what others load is never left out. */
function isOutside(file: string, files: ReadonlySet<string>): boolean {
  return file.endsWith('.py') && !files.has(file) && !/(^|\/)(conftest|__init__)\.py$/.test(file);
}

/**
 * One state three times: as it is, shuffled, and watched for migrated lines. Watching can change what a test sees, so
 * tests that end differently only then are run once more, plainly, and that counts.
 */
async function repeatedly(
  run: StateRunner,
  state: Parameters<StateRunner>[0],
  first: SuiteRun | null,
): Promise<Result<{ runs: OriginRun[]; executed: SuiteRun['executed'] }, Failure>> {
  const plain = first === null ? await run(state) : ok(first);
  if (!plain.ok) return plain;
  const shuffled = await run({ ...state, name: `${state.name}-shuffled`, shuffled: true });
  if (!shuffled.ok) return shuffled;
  const traced = await run({ ...state, name: `${state.name}-traced`, traced: true });
  if (!traced.ok) return traced;
  const odd = Object.keys(traced.value.tests).filter((id) => {
    const [a, b, c] = [plain.value, shuffled.value, traced.value].map((of) => hasPassed(outcomeOf(id, of)));
    return a === b && c !== a;
  });
  let third: OriginRun = traced.value;
  if (odd.length > 0) {
    const again = await run({ ...state, name: `${state.name}-again`, ids: odd });
    if (!again.ok) return again;
    third = { ...traced.value, tests: { ...traced.value.tests, ...again.value.tests } };
  }
  return ok({ runs: [plain.value, shuffled.value, third], executed: traced.value.executed });
}
