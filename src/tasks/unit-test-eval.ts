import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  EnvironmentArtefact,
  EvalSuiteArtefact,
  PatchArtefact,
  RepoArtefact,
} from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { TestOrigin } from '../model/tests.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import type { SuiteRun } from '../runners/test-suite.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { grade } from '../scoring/test-classes.ts';
import { summaryOfUnitTestScore, unitTestScore, type UnitTestScore } from '../scoring/unit-test-score.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import type { Candidate } from './candidate-trees.ts';
import { type EvalSuite, readEvalSuite } from './eval-suite.ts';
import { tellScore } from './score-told.ts';
import {
  blockFor,
  type ReadyRecord,
  readyRecord,
  type SuiteContext,
  suiteParams,
  suiteRunner,
} from './suite-runs.ts';

/**
 * Scores a patch by running tests: the tree before with the patch, in E_B, without a network, with tests and
 * configuration from the reference. `score.json`, hidden.
 */
export function defineUnitTestEval(context: SuiteContext): Task<UnitTestScore> {
  return {
    id: 'unit_test_eval',
    unit: context.migration.id,
    variant: context.variant,
    needs: [
      { task: 'coding_agent', port: 'patch' },
      { task: 'repo_dl', port: 'before' },
      { task: 'eval_test', port: 'eval-suite' },
      { task: 'env_setup', port: 'environment' },
    ],
    provides: [{ name: 'score', visibility: 'hidden' }],
    codeVersion: 2,
    params: suiteParams(context),
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: false,
    run: (work) => evaluate(context, work),
    load: loadUnitTestScore,
  };
}

async function evaluate(context: SuiteContext, work: TaskWork): Promise<Result<Completion, Failure>> {
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const suite = readEvalSuite(work.artefact<EvalSuiteArtefact>('eval_test').dir);
  if (!suite.ok) {
    return fail({ class: 'eval', reason: 'runner-broken', detail: suite.failure, log: work.logDir });
  }
  const { oracle } = suite.value;
  const unscored = (why: string): Completion =>
    complete(work, {
      schema: 2,
      status: 'unscored',
      why,
      grade: null,
      tampered: [],
      watched: [],
      strength: suite.value.strength,
      vacuous: false,
      oracle,
      apply: null,
      dropped: [],
      block: null,
      marks: [],
      seconds: 0,
    });
  const record = readyRecord(environment);
  if (typeof record === 'string') return ok(unscored(`environment: ${record}`));
  if (oracle.status === 'invalid') return ok(unscored(`oracle: ${oracle.why}`));

  const repo = work.artefact<RepoArtefact>('repo_dl');
  const attempt = work.artefact<PatchArtefact>('coding_agent');
  const file = path.join(attempt.dir, 'migration.patch');
  const patch = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  work.progress('applying the patch');
  const suiteDir = work.artefact<EvalSuiteArtefact>('eval_test').dir;
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const { layCandidate } = await import('./candidate-trees.ts');
  const laid = await layCandidate({
    repo,
    patch,
    record,
    suite: suite.value,
    suiteDir,
    scratchDir: work.scratchDir,
  });
  if (!laid.ok) return laid;
  const runtime = await context.runtime();
  if (!runtime.ok) return runtime;
  const runs = await runOrigins(context, work, environment, record, suite.value, laid.value, runtime.value);
  if (!runs.ok) return runs;

  const seconds = Object.values(runs.value).reduce((sum, run) => sum + run.seconds, 0);
  const marks = [
    ...(suite.value.migratedTests.length > 0 ? ['tests_migrated'] : []),
    ...(runtime.value.isolation === 'process' || attempt.trust === 'unsealed' ? ['unsealed'] : []),
    ...(oracle.status === 'degraded' ? ['oracle: degraded'] : []),
    ...(['conflict', 'malformed'].includes(laid.value.apply) ? [`apply: ${laid.value.apply}`] : []),
    ...Object.entries(runs.value).flatMap(([origin, run]) =>
      run.ended === 'exited' ? [] : [`${origin}: ${run.ended}`],
    ),
  ];
  return ok(
    complete(work, {
      schema: 2,
      status: 'scored',
      why: null,
      grade: grade(suite.value.tests, runs.value),
      tampered: [],
      watched: [],
      strength: suite.value.strength,
      vacuous: false,
      oracle,
      apply: laid.value.apply,
      dropped: [...laid.value.dropped],
      block: record.block,
      marks,
      seconds,
    }),
  );
}

/** Each origin's tests run on a tree of their own, in a sandbox of their own. */
async function runOrigins(
  context: SuiteContext,
  work: TaskWork,
  environment: EnvironmentArtefact,
  record: ReadyRecord,
  suite: EvalSuite,
  candidate: Candidate,
  runtime: Runtime,
): Promise<Result<Partial<Record<TestOrigin, SuiteRun>>, Failure>> {
  const run = suiteRunner(context, work, environment, record, runtime, 'unit_test_eval');
  const runs: Partial<Record<TestOrigin, SuiteRun>> = {};
  const plans = [
    { origin: 'developers-before', tree: candidate.withTestsBefore, settings: suite.settings.before },
    { origin: 'developers-after', tree: candidate.withTestsAfter, settings: suite.settings.after },
  ] as const;
  const jobs = plans.map(async ({ origin, tree, settings }) => {
    const ids = suite.tests.filter((test) => test.origin === origin).map(({ id }) => id);
    if (ids.length === 0 || tree === null) return null;
    const block = blockFor(record, tree.paths, suite.kept, new Set(suite.migratedTests));
    const done = await run({ name: origin, tree: tree.dir, role: 'b', block, ids, settings });
    return done.ok ? ok({ origin, run: done.value }) : done;
  });
  for (const done of await Promise.all(jobs)) {
    if (done === null) continue;
    if (!done.ok) return done;
    runs[done.value.origin] = done.value.run;
  }
  return ok(runs);
}

function complete(work: TaskWork, score: UnitTestScore): Completion {
  const text = `${JSON.stringify(score, null, 2)}\n`;
  writeAtomically(path.join(work.dir, 'score.json'), text);
  return {
    outcome: score.status,
    ports: { score: digestJson({ ...score, seconds: 0 }) },
    files: ['score.json'],
    usage: tellScore(summaryOfUnitTestScore(score)),
    ...(score.why === null ? {} : { note: score.why }),
  };
}

/** The score as summaries show it. */
export { summaryOfUnitTestScore as unitTestEvalScore } from '../scoring/unit-test-score.ts';

/** Reads `score.json` back by its schema. */
export function loadUnitTestScore(dir: string): Result<UnitTestScore, string> {
  try {
    const parsed = unitTestScore.safeParse(JSON.parse(readFileSync(path.join(dir, 'score.json'), 'utf8')));
    return parsed.success
      ? ok(parsed.data)
      : fail(`score.json: ${parsed.error.issues[0]?.message ?? 'unfit'}`);
  } catch (error) {
    return fail(`score.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}
