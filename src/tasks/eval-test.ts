import path from 'node:path';
import type { EnvironmentArtefact, EvalSuiteArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import { type FrozenGroup, freezeGroup } from '../scoring/frozen-group.ts';
import { oracleOf } from '../scoring/test-classes.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { EVAL_SUITE_FILE, type EvalSuite, readEvalSuite, TESTS_AFTER } from './eval-suite.ts';
import { type EvalTrees, type LaidTree, layEvalTrees } from './eval-trees.ts';
import {
  blockFor,
  readyRecord,
  type ReadyRecord,
  type SuiteContext,
  suiteParams,
  type SuiteRunner,
  suiteRunner,
} from './suite-runs.ts';

/** A third plain run is made where the first took less than this: k = 3, one of them in random order. */
const QUICK_SECONDS = 60;
const SEED = 20261121;

/**
 * `eval_test` of the built-in testing agent `existing`: the developers' tests of both trees, each with its class,
 * frozen before any candidate is scored. Empty where there is no environment. Hidden.
 */
export function defineEvalTest(context: SuiteContext): Task<EvalSuiteArtefact> {
  const { migration } = context;
  const libraries = (side: typeof migration.source): Json =>
    side.map(({ name, importNames }) => ({ name, importNames: [...importNames] }));
  return {
    id: 'eval_test',
    unit: migration.id,
    variant: context.variant,
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'repo_dl', port: 'after' },
      { task: 'repo_dl', port: 'labels' },
      { task: 'env_setup', port: 'environment' },
    ],
    provides: [{ name: 'eval-suite', visibility: 'hidden' }],
    codeVersion: 1,
    params: {
      ...suiteParams(context),
      source: libraries(migration.source),
      target: libraries(migration.target),
    },
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: true,
    run: (work) => make(context, work),
    load: (dir) => {
      const suite = readEvalSuite(dir);
      return suite.ok ? ok({ dir, tests: suite.value.tests, oracle: suite.value.oracle }) : suite;
    },
  };
}

async function make(context: SuiteContext, work: TaskWork): Promise<Result<Completion, Failure>> {
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const record = readyRecord(environment);
  if (typeof record === 'string')
    return ok(complete(work, emptySuite(`there is no environment: ${record}`), {}));
  const runtime = await context.runtime();
  if (!runtime.ok) return runtime;
  const repo = work.artefact<RepoArtefact>('repo_dl');
  work.progress('laying out the trees');
  const testsDir = path.join(work.dir, TESTS_AFTER);
  const laid = await layEvalTrees(repo, context.migration, record, work.scratchDir, testsDir);
  if (!laid.ok) return laid;
  const trees = laid.value;
  const run = suiteRunner(context, work, environment, record, runtime.value, 'eval_test');
  const runs: EvalSuite['runs'] = [];
  const state = stateRunner(run, runs, record, trees);

  const groups = await Promise.all([
    freezeStates(state, {
      prefix: 'before',
      before: trees.before,
      after: trees.afterWithTestsBefore,
      settings: trees.settings.before,
    }),
    trees.after === null || trees.beforeWithTestsAfter === null
      ? Promise.resolve(null)
      : freezeStates(state, {
          prefix: 'after',
          before: trees.beforeWithTestsAfter,
          after: trees.after,
          settings: trees.settings.after,
        }),
  ]);
  const [ofBefore, ofAfter] = groups;
  if (!ofBefore.ok) return ofBefore;
  if (ofAfter !== null && !ofAfter.ok) return ofAfter;
  const fileOf = (id: string): string => id.split('::')[0] ?? id;
  const tests = [
    ...freezeGroup('developers-before', ofBefore.value, () => false),
    ...(ofAfter === null
      ? []
      : freezeGroup('developers-after', ofAfter.value, (id) => trees.hiddenTests.has(fileOf(id))).filter(
          ({ id }) => trees.changedTests.has(fileOf(id)),
        )),
  ];
  const suite: EvalSuite = {
    schema: 1,
    tests,
    oracle: oracleOf(
      tests,
      record.dropped.length > 0 ? [`dropped requirements: ${record.dropped.join(', ')}`] : [],
    ),
    kept: [...trees.kept],
    migratedTests: [...trees.migratedTests].sort(),
    settings: {
      before: mutable(trees.settings.before),
      after: mutable(trees.settings.after),
    },
    runs: runs.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  const contents = Object.fromEntries(
    [...trees.testsAfter].map(([file, { id, mode }]) => [file, `${mode} ${id}`]),
  );
  return ok(complete(work, suite, contents));
}

/** One run of a state of the code; everything that ran is noted. */
type StateRunner = (options: {
  readonly name: string;
  readonly tree: LaidTree;
  readonly role: 'a' | 'b';
  readonly settings: EvalTrees['settings']['before'];
  readonly shuffled?: boolean;
  readonly traced?: boolean;
}) => Promise<Result<SuiteRun, Failure>>;

function stateRunner(
  run: SuiteRunner,
  runs: EvalSuite['runs'],
  record: ReadyRecord,
  trees: EvalTrees,
): StateRunner {
  return async ({ name, tree, role, settings, shuffled = false, traced = false }) => {
    const lines = role === 'a' ? trees.lines.before : trees.lines.after;
    const done = await run({
      name,
      tree: tree.dir,
      role,
      block: role === 'a' ? null : blockFor(record, tree.paths, trees.kept, trees.migratedTests),
      ids: null,
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
async function freezeStates(
  run: StateRunner,
  suite: {
    readonly prefix: string;
    readonly before: LaidTree;
    readonly after: LaidTree;
    readonly settings: EvalTrees['settings']['before'];
  },
): Promise<Result<FrozenGroup, Failure>> {
  const { prefix, settings } = suite;
  const repeated = async (
    name: string,
    tree: LaidTree,
    role: 'a' | 'b',
  ): Promise<Result<SuiteRun[], Failure>> => {
    const found: SuiteRun[] = [];
    const plans = [{}, { shuffled: true }, {}, { traced: true }];
    for (const [index, plan] of plans.entries()) {
      if (index === 2 && (found[0]?.seconds ?? 0) > QUICK_SECONDS) continue;
      const suffix = 'traced' in plan ? 'traced' : 'shuffled' in plan ? 'shuffled' : String(index + 1);
      const done = await run({ name: `${prefix}-tests-on-${name}-${suffix}`, tree, role, settings, ...plan });
      if (!done.ok) return done;
      found.push(done.value);
    }
    return ok(found);
  };
  const [before, after, blocked] = await Promise.all([
    repeated('before', suite.before, 'a'),
    repeated('after', suite.after, 'b'),
    run({ name: `${prefix}-tests-on-before-blocked`, tree: suite.before, role: 'b', settings }),
  ]);
  if (!before.ok) return before;
  if (!after.ok) return after;
  if (!blocked.ok) return blocked;
  const split = (runs: SuiteRun[]): { plain: SuiteRun[]; traced: SuiteRun | undefined } => ({
    plain: runs.slice(0, -1),
    traced: runs.at(-1),
  });
  const [ofBefore, ofAfter] = [split(before.value), split(after.value)];
  return ok({
    before: ofBefore.plain,
    after: ofAfter.plain,
    blocked: blocked.value,
    executed: [ofBefore.traced?.executed ?? {}, ofAfter.traced?.executed ?? {}],
  });
}

function mutable(settings: EvalTrees['settings']['before']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(settings).map(([key, values]) => [key, [...values]]));
}

function emptySuite(why: string): EvalSuite {
  return {
    schema: 1,
    tests: [],
    oracle: { status: 'invalid', why },
    kept: [],
    migratedTests: [],
    settings: { before: {}, after: {} },
    runs: [],
  };
}

function complete(work: TaskWork, suite: EvalSuite, contents: Record<string, string>): Completion {
  writeAtomically(path.join(work.dir, EVAL_SUITE_FILE), `${JSON.stringify(suite, null, 1)}\n`);
  return {
    outcome: suite.tests.length === 0 ? 'empty' : suite.oracle.status,
    ports: { 'eval-suite': digestJson({ ...suite, runs: [], contents }) },
    files: [EVAL_SUITE_FILE],
    ...(suite.oracle.why === '' ? {} : { note: suite.oracle.why }),
  };
}
