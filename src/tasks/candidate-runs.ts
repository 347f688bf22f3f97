import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { FrozenTest, TestId, TestOrigin } from '../model/tests.ts';
import type { TaskWork } from '../pipeline/task.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Disagreement } from '../scoring/tampering.ts';
import { hasPassed, type OriginRun, outcomeOf } from '../scoring/test-classes.ts';
import { asTheyAre, contradictionsOf, planTwins, toRunAgain, wasCutShort } from '../scoring/twins.ts';
import type { Candidate } from './candidate-trees.ts';
import { type EvalSuite, originOptions } from './eval-suite.ts';
import { blockFor, type ReadyRecord, type SuiteContext, suiteRunner } from './suite-runs.ts';

/** What all starts of one origin's tests gave. */
export interface OriginResult {
  readonly run: OriginRun;
  /** How the whole start ended. */
  readonly ended: SuiteRun['ended'];
  readonly disagreements: readonly Disagreement[];
  readonly canaries: SuiteRun['canaries'];
  /** Tests that passed as they are, and falsified too, twice. */
  readonly contradictions: readonly TestId[];
  readonly watched: SuiteRun['watched'];
}

export type OriginResults = Readonly<Partial<Record<TestOrigin, OriginResult>>>;

const ORIGINS = ['developers-before', 'developers-after', 'generated'] as const;

/** One start of a candidate's tests of one origin. */
type Start = (
  what: 'whole' | 'other' | 'again' | 'again-other',
  ids: readonly TestId[],
  falsified: readonly TestId[],
) => Promise<Result<SuiteRun, Failure>>;

/** Runs a candidate's trees, the tests of each origin in sandboxes of their own, all at once. */
export async function runCandidate(given: {
  readonly context: SuiteContext;
  readonly work: TaskWork;
  readonly environment: EnvironmentArtefact;
  readonly record: ReadyRecord;
  readonly suite: EvalSuite;
  readonly candidate: Candidate;
  readonly runtime: Runtime;
  /** In [0, 1); chooses the twins. */
  readonly random: () => number;
}): Promise<Result<OriginResults, Failure>> {
  const { context, work, environment, record, suite, candidate, runtime } = given;
  const run = suiteRunner(context, work, environment, record, runtime, 'unit_test_eval');
  const results: Partial<Record<TestOrigin, OriginResult>> = {};
  const jobs = ORIGINS.map(async (origin) => {
    const tests = suite.tests.filter((test) => test.origin === origin);
    const tree = candidate.trees[origin];
    if (tests.length === 0 || tree === undefined) return null;
    const { kept, ownTests, before } = candidate;
    const block = blockFor(record, tree.paths, kept, new Set(ownTests), before);
    const options = originOptions(suite, origin);
    const product = ownTests.filter((file) => !suite.migratedTests.includes(file));
    const start: Start = async (what, ids, falsified) => {
      const request = {
        ...options,
        name: what === 'whole' ? origin : `${origin}-${what}`,
        tree: tree.dir,
        role: 'b',
        block,
        ids,
        // the few tests of the second start need no other file to be loaded
        ...(what === 'other' && options.paths === undefined ? { paths: filesOf(ids) } : {}),
        falsified,
        falsifySeed: suite.falsifySeed,
        doctests: suite.doctests,
        product,
      } as const;
      const done = await run(request);
      // nothing of the candidate runs before the runner stands: somebody outside ended it, or it had too little time
      return done.ok || done.failure.reason !== 'runner-broken' ? done : await run(request);
    };
    const done = await runTwins(start, tests, given.random);
    return done.ok ? ok({ origin, result: done.value }) : done;
  });
  for (const done of await Promise.all(jobs)) {
    if (done === null) continue;
    if (!done.ok) return done;
    results[done.value.origin] = done.value.result;
  }
  return ok(results);
}

function filesOf(ids: readonly TestId[]): string[] {
  return [...new Set(ids.map((id) => id.split('::', 1)[0] ?? id))].sort();
}

/** The tests of one origin by two starts at once, and by further ones where these leave a question. */
async function runTwins(
  start: Start,
  tests: readonly FrozenTest[],
  random: () => number,
): Promise<Result<OriginResult, Failure>> {
  const ids = tests.map(({ id }) => id);
  const plan = planTwins(tests, random);
  const few = [...plan.inWhole, ...plan.inOther];
  const [first, second] = await Promise.all([
    start('whole', ids, plan.inWhole),
    few.length === 0 ? null : start('other', few, plan.inOther),
  ]);
  if (!first.ok) return first;
  if (second?.ok === false) return second;
  const whole = first.value;
  const runs = second === null ? [whole] : [whole, second.value];
  let outcomes: Record<TestId, SuiteRun['tests'][TestId]> = { ...whole.tests };
  let contradictions: TestId[] = [];
  const again = async (
    chosen: readonly TestId[],
    falsified: readonly TestId[],
    what: 'again' | 'again-other' = 'again',
  ): Promise<Result<SuiteRun, Failure>> => {
    const done = await start(what, chosen, falsified);
    if (done.ok) runs.push(done.value);
    return done;
  };

  if (second !== null) {
    outcomes = asTheyAre(whole, second.value);
    const able = new Set(tests.filter(({ twin }) => twin).map(({ id }) => id));
    const suspicious = contradictionsOf(whole, second.value, able);
    if (suspicious.length > 0) {
      const repeated = await again(withFiles(suspicious, ids), suspicious);
      if (!repeated.ok) return repeated;
      contradictions = suspicious.filter(
        (id) => repeated.value.falsifiedIds.includes(id) && hasPassed(outcomeOf(id, repeated.value)),
      );
    }
    const unsure = toRunAgain(ids, whole, second.value, able);
    if (unsure.length > 0) {
      const places = withFiles(unsure, ids);
      const known = unsure.filter((id) => able.has(id));
      // again two that cannot be told apart: what passes only now must not pass falsified
      const [repeated, falsified] = await Promise.all([
        again(places, []),
        known.length === 0 ? null : again(places, known, 'again-other'),
      ]);
      if (!repeated.ok) return repeated;
      if (falsified?.ok === false) return falsified;
      for (const id of unsure) outcomes[id] = outcomeOf(id, repeated.value);
      if (falsified !== null) {
        const found = contradictionsOf(falsified.value, repeated.value, able);
        contradictions = [...new Set([...contradictions, ...found])].sort();
      }
    }
  }
  const run = { tests: outcomes, collectionErrors: whole.collectionErrors };
  const cut = ids.filter((id) => wasCutShort(id, run));
  if (cut.length > 0) {
    // somebody outside may have ended the process: what the candidate does, it does again
    const repeated = await again(cut, []);
    if (!repeated.ok) return repeated;
    for (const id of cut) outcomes[id] = outcomeOf(id, repeated.value);
    const files = new Set(filesOf(cut));
    run.collectionErrors = [
      ...whole.collectionErrors.filter(({ file }) => !files.has(file)),
      ...repeated.value.collectionErrors.filter(({ file }) => files.has(file)),
    ];
  }
  return ok({
    run,
    ended: whole.ended,
    disagreements: runs.flatMap((one) => one.disagreements),
    canaries: runs.flatMap((one) => one.canaries),
    contradictions,
    watched: runs.flatMap((one) => one.watched),
  });
}

/** All tests of the files that these lie in, in their order. */
function withFiles(chosen: readonly TestId[], ids: readonly TestId[]): TestId[] {
  const files = new Set(filesOf(chosen));
  return ids.filter((id) => files.has(id.split('::', 1)[0] ?? id));
}
