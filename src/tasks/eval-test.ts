import path from 'node:path';
import type { EnvironmentArtefact, EvalSuiteArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { freezeGroup } from '../scoring/frozen-group.ts';
import { oracleStatus, type OracleReason } from '../model/oracle.ts';
import { oracleWhy } from '../report/oracle-words.ts';
import { oracleReasons } from '../scoring/oracle.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { EVAL_SUITE_FILE, type EvalSuite, readEvalSuite, TESTS_AFTER } from './eval-suite.ts';
import { freezeStates, stateRunner } from './eval-states.ts';
import type { EvalTrees } from './eval-trees.ts';
import { readyRecord, type ReadyRecord, type SuiteContext, suiteParams, suiteRunner } from './suite-runs.ts';

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
  if (typeof record === 'string') return ok(complete(work, emptySuite(record), {}));
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
  const reasons = oracleReasons({
    tests,
    goldErrors: ofBefore.value.after[0]?.collectionErrors ?? [],
    dropped: record.dropped,
    unfinished: runs
      .filter(({ ended }) => ended !== 'exited')
      .map(({ name: run, ended }) => ({ run, ended })),
    importOnlyPasses: null,
    strength: null,
    session: null,
  });
  const suite: EvalSuite = {
    schema: 2,
    tests,
    ...judged(reasons),
    gates: [],
    strength: null,
    ...structuredClone(NOTHING),
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

/** Whether pytest is given any of these files: not where the paths of the tests are others. */
function areCollected(files: ReadonlySet<string>, record: ReadyRecord): boolean {
  const places = record.testPaths.map((place) => path.posix.join(place, '.'));
  const isGiven = (file: string): boolean =>
    places.some((place) => place === '.' || file === place || file.startsWith(`${place}/`));
  return places.length === 0 || [...files].some(isGiven);
}

function mutable(settings: EvalTrees['settings']['before']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(settings).map(([key, values]) => [key, [...values]]));
}

const NOTHING = {
  mutants: [],
  known: { integrity: [], watched: [] },
  doctests: {},
  testingAgent: null,
} as const satisfies Partial<EvalSuite>;

function judged(reasons: OracleReason[]): Pick<EvalSuite, 'oracle' | 'reasons'> {
  return { oracle: { status: oracleStatus(reasons), why: oracleWhy(reasons) }, reasons };
}

function emptySuite(why: string): EvalSuite {
  return {
    schema: 2,
    tests: [],
    ...judged([{ reason: 'no-environment', why }]),
    gates: [],
    strength: null,
    ...structuredClone(NOTHING),
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
