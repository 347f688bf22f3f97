import path from 'node:path';
import type { EnvironmentArtefact, EvalSuiteArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import { type FrozenGroup, freezeGroup } from '../scoring/frozen-group.ts';
import { hasPassed, oracleOf, type OriginRun, outcomeOf } from '../scoring/test-classes.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { EVAL_SUITE_FILE, type EvalSuite, readEvalSuite, TESTS_AFTER } from './eval-suite.ts';
import type { EvalTrees, LaidTree } from './eval-trees.ts';
import {
  blockFor,
  readyRecord,
  type ReadyRecord,
  type SuiteContext,
  suiteParams,
  type SuiteRunner,
  suiteRunner,
} from './suite-runs.ts';

/** Of the run in random order. */
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
    codeVersion: 2,
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
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const { layEvalTrees } = await import('./eval-trees.ts');
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
      files: null,
    }),
    trees.after === null || trees.beforeWithTestsAfter === null || !areCollected(trees.changedTests, record)
      ? Promise.resolve(null)
      : freezeStates(state, {
          prefix: 'after',
          before: trees.beforeWithTestsAfter,
          after: trees.after,
          settings: trees.settings.after,
          files: trees.changedTests,
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
  const unfinished = runs
    .filter(({ ended }) => ended !== 'exited')
    .map(({ name, ended }) => `${name}: ${ended}`);
  const lacks = [
    ...(record.dropped.length > 0 ? [`dropped requirements: ${record.dropped.join(', ')}`] : []),
    ...unfinished.sort(),
  ];
  const suite: EvalSuite = {
    schema: 2,
    tests,
    oracle: oracleOf(tests, lacks),
    gates: [],
    strength: null,
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
  readonly ids?: readonly TestId[] | null;
  readonly ignore?: readonly string[];
  readonly shuffled?: boolean;
  readonly traced?: boolean;
}) => Promise<Result<SuiteRun, Failure>>;

function stateRunner(
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
async function freezeStates(
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

/** Whether pytest is given any of these files: not where the paths of the tests are others. */
function areCollected(files: ReadonlySet<string>, record: ReadyRecord): boolean {
  const places = record.testPaths.map((place) => path.posix.join(place, '.'));
  const isGiven = (file: string): boolean =>
    places.some((place) => place === '.' || file === place || file.startsWith(`${place}/`));
  return places.length === 0 || [...files].some(isGiven);
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

function mutable(settings: EvalTrees['settings']['before']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(settings).map(([key, values]) => [key, [...values]]));
}

function emptySuite(why: string): EvalSuite {
  return {
    schema: 2,
    tests: [],
    oracle: { status: 'invalid', why },
    gates: [],
    strength: null,
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
