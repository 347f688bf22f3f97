import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { FrozenTest } from '../model/tests.ts';
import type { Completion, TaskWork } from '../pipeline/task.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import { mountEnvironment } from '../runners/environment.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { gateTest } from '../scoring/gates.ts';
import { oracleReasons } from '../scoring/oracle.ts';
import { strengthOf } from '../scoring/strength.ts';
import { hasPassed } from '../scoring/test-classes.ts';
import { digestJson } from '../workspace/disk.ts';
import { developerStages } from './developer-stages.ts';
import { falsifiedTwins, importOnlyPasses } from './eval-controls.ts';
import { generatedSuite } from './eval-generated.ts';
import { completeEval, contentsOf, judged } from './eval-result.ts';
import type { Stage } from './eval-stage.ts';
import { RunNotes, stateRunner } from './eval-states.ts';
import { type EvalSuite, mutableSettings } from './eval-suite.ts';
import { evalReach } from './eval-reach.ts';
import type { EvalTrees } from './eval-trees.ts';
import { killMutants } from './kill-mutants.ts';
import { type ReadyRecord, suiteRunner } from './suite-runs.ts';
import type { SuiteMakerContext } from './testing-session.ts';

/** Everything that a suite is made of. */
export interface FreezeRequest {
  readonly context: SuiteMakerContext;
  readonly work: TaskWork;
  readonly environment: EnvironmentArtefact;
  readonly record: ReadyRecord;
  readonly runtime: Runtime;
  readonly trees: EvalTrees;
}

/** Freezes the tests of every origin, measures their strength on hunk mutants, tries the controls, and writes it all. */
export async function freezeSuite(request: FreezeRequest): Promise<Result<Completion, Failure>> {
  const { context, work, environment, record, runtime, trees } = request;
  const { scratchDir } = work;
  const notes = new RunNotes();
  const run = stateRunner(
    suiteRunner(context, work, environment, record, runtime, 'eval_test'),
    notes,
    record,
    trees,
  );
  const question = (name: string, tree: string): PythonQuestion => ({
    runtime,
    tree,
    environment: mountEnvironment(environment, record.roles.b, runtime),
    limits: context.limits,
    labels: { run: work.runId, unit: context.migration.id, task: 'eval_test' },
    scratchDir,
    logDir: work.logDir,
    name,
    signal: work.signal,
  });
  const { testing } = context;
  const common = { work, record, trees, run, notes, question };
  const [developers, generated, reach] = await Promise.all([
    developerStages(common),
    testing === null ? ok(null) : generatedSuite({ ...common, context, testing, runtime }),
    evalReach(question, trees, record),
  ]);
  if (!developers.ok) return developers;
  if (!generated.ok) return generated;
  if (!reach.ok) return reach;
  const added = generated.value;

  // those that nothing makes relevant yet: a mutant may
  const open = (added?.stage?.tests ?? []).filter(
    (test) => test.class === 'preserved' && test.relevant !== true && hasPassed(test.blocked),
  );
  const soFar = [...developers.value.stages, ...(added?.stage == null ? [] : [added.stage])];
  work.progress('taking hunks of the migration back');
  const killed = await killMutants({
    run,
    stages: soFar,
    trees: { ...trees, mutants: reach.value.mutants },
    open: new Set(open.map(({ id }) => id)),
    record,
    scratchDir,
  });
  if (!killed.ok) return killed;
  const { evidence, kills } = killed.value;

  const gated = (added?.facts ?? []).map((facts) => {
    const mutant = kills.get(facts.id) ?? null;
    return gateTest({ ...facts, relevance: { ...facts.relevance, kills: mutant } });
  });
  const keptIds = new Set(gated.filter(({ kept }) => kept).map(({ id }) => id));
  // generated tests that only the ground truth passes are kept aside: they are no part of the denominator
  const staysIn = (test: FrozenTest): boolean => keptIds.has(test.id) || test.class === 'gt_specific';
  const stages: Stage[] = soFar.map((stage) =>
    stage.origin === 'generated' ? { ...stage, tests: stage.tests.filter(staysIn) } : stage,
  );
  const falsifySeed = digestJson({
    unit: context.migration.id,
    tests: stages.flatMap(({ tests }) => tests.map(({ id }) => id)),
    contents: contentsOf(trees.entries.after),
  });
  const [twins, importOnly] = await Promise.all([
    falsifiedTwins(run, stages, falsifySeed),
    importOnlyPasses({ run, stages, trees, record, scratchDir }),
  ]);
  if (!twins.ok) return twins;
  if (!importOnly.ok) return importOnly;

  const tests = stages.flatMap((stage) =>
    stage.tests.map((test) => ({ ...test, twin: twins.value.get(stage.origin)?.has(test.id) === true })),
  );
  const judges = stages.filter((stage) => stage.tests.some((test) => test.class === 'preserved'));
  const strength = strengthOf(
    { total: evidence.length, killed: evidence.filter((one) => one.killed).length },
    reach.value,
    judges.flatMap(executedBy),
  );
  const reasons = oracleReasons({
    tests,
    goldErrors: developers.value.goldErrors,
    dropped: record.dropped,
    unfinished: notes.unfinished,
    importOnlyPasses: importOnly.value,
    strength: judges.length === 0 ? null : strength,
    session: added?.session ?? null,
  });
  const suite: EvalSuite = {
    schema: 2,
    tests,
    ...judged(reasons),
    gates: [...developers.value.gated, ...gated],
    strength,
    mutants: [...evidence],
    known: notes.known,
    falsifySeed,
    doctests: Object.assign({}, ...stages.map(({ doctests }) => doctests)) as Record<string, string>,
    testingAgent: added?.session ?? null,
    kept: [...trees.kept],
    migratedTests: [...trees.migratedTests].sort(),
    settings: mutableSettings(trees.settings),
    runs: notes.runs.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  const files = {
    ...contentsOf(trees.testsAfter),
    generated: digestJson(contentsOf(added?.files ?? new Map())),
  };
  return ok(completeEval(work, suite, files));
}

/** Migrated lines that a stage's preserved tests execute, or that run while they are loaded. */
function executedBy({ tests, executed, loaded }: Stage): Readonly<Record<string, readonly number[]>>[] {
  const preserved = tests.filter((test) => test.class === 'preserved');
  return [loaded, ...preserved.map(({ id }) => executed[id] ?? {})];
}
