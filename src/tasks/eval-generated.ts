import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { FrozenTest } from '../model/tests.ts';
import type { TaskWork } from '../pipeline/task.ts';
import { inspectTests } from '../runners/inspect-tests.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { type GateFacts, gateTest, passesStatically } from '../scoring/gates.ts';
import { freeze, outcomeOf, type Repeated } from '../scoring/test-classes.ts';
import type { Entries } from './composed-tree.ts';
import type { Stage } from './eval-stage.ts';
import type { RunNotes, StateRunner } from './eval-states.ts';
import { GENERATED, GENERATED_PLACE, originOptions, type TestingSession } from './eval-suite.ts';
import type { EvalTrees } from './eval-trees.ts';
import { outcomesOf, repeatedly } from './freeze-states.ts';
import { generatedFacts, sourceOf } from './generated-facts.ts';
import { layGenerated } from './generated-trees.ts';
import { steadyRuns } from './steady-runs.ts';
import type { ReadyRecord } from './suite-runs.ts';
import {
  publicTests,
  type SuiteMakerContext,
  type TestingAgentContext,
  testingSession,
} from './testing-session.ts';

/** What a testing agent handed over, as far as runs on B and G tell; mutants have the last word on relevance. */
export interface GeneratedSuite {
  readonly session: TestingSession;
  readonly facts: readonly GateFacts[];
  /** Null where no test came so far. `tests` holds all that are preserved, relevant or not. */
  readonly stage: Stage | null;
  /** Every file of tests of the stage's trees. */
  readonly files: Entries;
}

/** What the tasks hand to it. */
export interface GeneratedRequest {
  readonly context: SuiteMakerContext;
  readonly testing: TestingAgentContext;
  readonly work: TaskWork;
  readonly record: ReadyRecord;
  readonly runtime: Runtime;
  readonly trees: EvalTrees;
  readonly run: StateRunner;
  readonly notes: RunNotes;
  /** Asks Python about a tree. */
  readonly question: (name: string, tree: string) => PythonQuestion;
}

/** Runs the testing agent in mode `eval` and takes what it hands over through the gates up to relevance. */
export async function generatedSuite(request: GeneratedRequest): Promise<Result<GeneratedSuite, Failure>> {
  const { context, work, record, trees, run, notes } = request;
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const truth = { after: repo.afterTree, labels: trees.labels };
  const done = await testingSession(context, request.testing, work, request.runtime, truth);
  if (!done.ok) return done;
  const { session, tests: handed } = done.value;
  if (session.outcome !== 'tests') return ok({ session, facts: [], stage: null, files: new Map() });
  const laid = await layGenerated({
    objects: trees.objects,
    before: trees.entries.before,
    after: trees.entries.after,
    handed,
    record,
    migratedTests: trees.migratedTests,
    scratchDir: work.scratchDir,
    keepDir: path.join(work.dir, GENERATED),
  });
  if (!laid.ok) return laid;
  const { before, after, files, hidden, tests } = laid.value;
  if (after === null) throw new Error('there is a later tree');
  const python = files.filter((file) => file.endsWith('.py'));
  const libraries = [...record.source, ...record.target].flatMap(({ importNames }) => importNames);
  const inspected = await inspectTests(request.question('generated-sources', after.dir), {
    files: python,
    libraries,
    pythonpath: record.pythonpath,
    generated: `${GENERATED_PLACE}/`,
  });
  if (!inspected.ok) return inspected;

  const options = originOptions(trees, 'generated');
  const onAfter = { name: 'generated-on-after', tree: after, role: 'b', origin: options, ids: null } as const;
  const onBefore = { name: 'generated-on-before', tree: before, role: 'a', origin: options } as const;
  const steady = await steadyRuns(run, onAfter, (id) => passesStatically(sourceOf(id, inspected.value)));
  if (!steady.ok) return steady;
  notes.know(steady.value.first);
  const known = generatedFacts(python, inspected.value, steady.value);
  const ids = known.filter((facts) => gateTest(facts).kept).map(({ id }) => id);
  if (ids.length === 0) return ok({ session, facts: known, stage: null, files: tests });
  const [traced, runs, blocked] = await Promise.all([
    run({ ...onAfter, name: `${onAfter.name}-traced`, ids, traced: true }),
    repeatedly(run, { ...onBefore, ids }, null),
    run({ ...onBefore, name: `${onBefore.name}-blocked`, role: 'b', ids }),
  ]);
  if (!traced.ok) return traced;
  if (!runs.ok) return runs;
  if (!blocked.ok) return blocked;
  for (const each of runs.value.runs) notes.know(each);

  const seen = await publicTexts(request);
  if (!seen.ok) return seen;

  const executed = [traced.value.executed, runs.value.traced.executed];
  const states = outcomesOf(runs.value);
  const frozen: FrozenTest[] = [];
  const facts = known.map((one): GateFacts => {
    if (!ids.includes(one.id) || one.steady === null) return one;
    const [first = 'missing', ...rest] = states.map((state) => outcomeOf(one.id, state));
    const onB: Repeated = [first, ...rest];
    const executes = executed.some((of) => Object.values(of[one.id] ?? {}).some(({ length }) => length > 0));
    const outcome = outcomeOf(one.id, blocked.value);
    const text = sourceOf(one.id, inspected.value).source?.text;
    const isHidden =
      hidden.has(one.id.split('::')[0] ?? one.id) && (text === undefined || !seen.value.has(text));
    frozen.push(
      freeze({
        id: one.id,
        origin: 'generated',
        before: onB,
        after: [one.steady.plain],
        blocked: outcome,
        relevant: executes,
        twin: false,
        hidden: isHidden,
      }),
    );
    const said = runs.value.runs[0].messages[one.id] ?? one.message;
    return { ...one, before: onB, message: said, relevance: { blocked: outcome, executes, kills: null } };
  });
  return ok({
    session,
    facts,
    files: tests,
    stage: {
      origin: 'generated',
      before,
      after,
      options,
      tests: frozen,
      executed: traced.value.executed,
      loaded: traced.value.loaded,
      doctests: {},
    },
  });
}

/** Digests of the tests that the agent writes without a ground truth: helper suites show them to coding agents. */
async function publicTexts(request: GeneratedRequest): Promise<Result<ReadonlySet<string>, Failure>> {
  const { context, testing, work, runtime } = request;
  const handed = await publicTests(context, testing, work, runtime);
  if (!handed.ok) return handed;
  const dir = path.join(work.scratchDir, 'public-tests');
  mkdirSync(dir, { recursive: true });
  for (const [file, content] of handed.value) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), content);
  }
  const inspected = await inspectTests(request.question('public-sources', dir), {
    files: [...handed.value.keys()].filter((file) => file.endsWith('.py')),
    libraries: [],
    pythonpath: [],
    generated: null,
  });
  if (!inspected.ok) return inspected;
  const tests = Object.values(inspected.value).flatMap((file) => Object.values(file.tests));
  return ok(new Set(tests.map(({ text }) => text)));
}
