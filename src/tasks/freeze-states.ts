import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import type { FrozenGroup } from '../scoring/frozen-group.ts';
import type { LinesByPath } from '../scoring/migrated-lines.ts';
import { hasPassed, type OriginRun, outcomeOf } from '../scoring/test-classes.ts';
import type { OriginOptions } from './eval-suite.ts';
import type { RunNotes, StateOptions, StateRunner } from './eval-states.ts';
import type { LaidTree } from './eval-trees.ts';

/** The tests of one origin on both trees. */
export interface StateSuite {
  readonly prefix: string;
  readonly before: LaidTree;
  readonly after: LaidTree;
  readonly origin: OriginOptions;
  /** Files whose tests count; null: all. */
  readonly files: ReadonlySet<string> | null;
}

/** How they ended in the states that no candidate has a part in, and what was seen on the way. */
export interface FrozenRuns extends FrozenGroup {
  /** Watched lines of the ground truth that ran while its tests were loaded. */
  readonly loaded: LinesByPath;
  /** Docstrings by which doctests were judged. */
  readonly doctests: Readonly<Record<TestId, string>>;
  /** What tests said that did not pass on the ground truth. */
  readonly messages: Readonly<Record<TestId, string>>;
}

/** More tests than this are not run alone: a suite of so many suspects is flaky in any case. */
const MOST_ALONE = 20;

/** Runs one suite on (B, E_A), (G, E_B) and (B, E_B). Doctests are those of the tree that the tests come from. */
export async function freezeStates(
  run: StateRunner,
  notes: RunNotes,
  suite: StateSuite,
): Promise<Result<FrozenRuns, Failure>> {
  const { prefix, origin, files } = suite;
  const ignore = files === null ? [] : suite.after.paths.filter((file) => isOutside(file, files));
  const shared = { origin, ignore, ids: null } as const;
  const onBefore = { name: `${prefix}-tests-on-before`, tree: suite.before, role: 'a', ...shared } as const;
  const plain = { name: `${prefix}-tests-on-after`, tree: suite.after, role: 'b', ...shared } as const;
  const firsts = await Promise.all([files === null ? run(onBefore) : null, run(plain)]);
  const [beforeFirst, afterFirst] = firsts;
  if (beforeFirst?.ok === false) return beforeFirst;
  if (!afterFirst.ok) return afterFirst;
  const doctests = beforeFirst?.value.docstrings ?? {};
  const onAfter = Object.keys(doctests).length === 0 ? plain : { ...plain, doctests };
  const isOther = Object.entries(afterFirst.value.docstrings).some(
    ([id, text]) => (doctests[id] ?? text) !== text,
  );
  const first = isOther ? await run(onAfter) : afterFirst;
  if (!first.ok) return first;
  const known = Object.keys(first.value.tests);
  const ids = files === null ? null : known.filter((id) => files.has(id.split('::')[0] ?? id));
  if (known.length === 0 && Object.keys(beforeFirst?.value.tests ?? {}).length === 0 && files === null) {
    return ok(withoutTests(beforeFirst?.value ?? first.value, first.value));
  }
  const [before, after, blocked] = await Promise.all([
    repeatedly(run, { ...onBefore, ids }, beforeFirst?.value ?? null),
    repeatedly(run, { ...onAfter, ids }, first.value),
    run({ ...onBefore, name: `${onBefore.name}-blocked`, role: 'b', ids, doctests }),
  ]);
  if (!before.ok) return before;
  if (!after.ok) return after;
  if (!blocked.ok) return blocked;
  for (const each of [...before.value.runs, ...after.value.runs]) notes.know(each);
  return ok({
    before: outcomesOf(before.value),
    after: outcomesOf(after.value),
    blocked: blocked.value,
    executed: [before.value.traced.executed, after.value.traced.executed],
    loaded: after.value.traced.loaded,
    doctests,
    messages: first.value.messages,
  });
}

/** Nothing was found on either tree: there is nothing to repeat. */
function withoutTests(before: SuiteRun, after: SuiteRun): FrozenRuns {
  const { loaded, messages } = after;
  return { before: [before], after: [after], blocked: before, executed: [], loaded, doctests: {}, messages };
}

/** Whether a file has tests of its own that do not count; what others load is never left out. */
function isOutside(file: string, files: ReadonlySet<string>): boolean {
  return file.endsWith('.py') && !files.has(file) && !/(^|\/)(conftest|__init__)\.py$/.test(file);
}

/** The runs of one state: together, shuffled, watched, and outcomes of suspicious tests alone. */
export interface StateRuns {
  readonly runs: readonly [SuiteRun, SuiteRun, SuiteRun];
  readonly traced: SuiteRun;
  readonly alone: Readonly<Record<TestId, OriginRun>>;
}

/**
 * One state three times: as it is, shuffled, and watched for migrated lines. A test whose runs disagree is run once
 * more, alone. Watching can change what a test sees: where only the watched run differs, the lonely one counts instead.
 */
export async function repeatedly(
  run: StateRunner,
  state: StateOptions,
  first: SuiteRun | null,
): Promise<Result<StateRuns, Failure>> {
  const plain = first === null ? await run(state) : ok(first);
  if (!plain.ok) return plain;
  const shuffled = await run({ ...state, name: `${state.name}-shuffled`, shuffled: true });
  if (!shuffled.ok) return shuffled;
  const traced = await run({ ...state, name: `${state.name}-traced`, traced: true });
  if (!traced.ok) return traced;
  const runs = [plain.value, shuffled.value, traced.value] as const;
  const suspicious = Object.keys(traced.value.tests).filter(
    (id) => new Set(runs.map((of) => hasPassed(outcomeOf(id, of)))).size > 1,
  );
  const alone: Record<TestId, OriginRun> = {};
  const rest = suspicious.slice(MOST_ALONE);
  for (const [index, ids] of [...suspicious.slice(0, MOST_ALONE).map((id) => [id]), rest].entries()) {
    if (ids.length === 0) continue;
    const again = await run({ ...state, name: `${state.name}-alone-${index + 1}`, ids });
    if (!again.ok) return again;
    for (const id of ids) alone[id] = again.value;
  }
  return ok({ runs, traced: traced.value, alone });
}

/** The runs as classes see them: what was run alone takes the place of the watched run, for the tests concerned. */
export function outcomesOf({ runs: [plain, shuffled, traced], alone }: StateRuns): readonly OriginRun[] {
  const lonely = Object.entries(alone).map(([id, run]) => [id, outcomeOf(id, run)] as const);
  return [plain, shuffled, { ...traced, tests: { ...traced.tests, ...Object.fromEntries(lonely) } }];
}
