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
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { summaryOfUnitTestScore, unitTestScore, type UnitTestScore } from '../scoring/unit-test-score.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { readEvalSuite } from './eval-suite.ts';
import { tamperingWords } from '../report/tampering-words.ts';
import { tellScore } from './score-told.ts';
import { readyRecord, type SuiteContext, suiteParams } from './suite-runs.ts';

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
      // what the developers have themselves is not held against a candidate
      { task: 'repo_dl', port: 'after' },
      { task: 'eval_test', port: 'eval-suite' },
      { task: 'env_setup', port: 'environment' },
    ],
    provides: [{ name: 'score', visibility: 'hidden' }],
    codeVersion: 6,
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
  const [{ layCandidate }, { runCandidate }, { judged }] = await Promise.all([
    import('./candidate-trees.ts'),
    import('./candidate-runs.ts'),
    import('../scoring/judged.ts'),
  ]);
  // opened meanwhile: an engine's client takes as long to load as a tree takes to be laid out
  const opening = context.runtime();
  const laid = await layCandidate({
    repo,
    patch,
    environment,
    record,
    suite: suite.value,
    suiteDir,
    scratchDir: work.scratchDir,
  });
  if (!laid.ok) return laid;
  const candidate = laid.value;
  const runtime = await opening;
  if (!runtime.ok) return runtime;
  const began = performance.now();
  const runs = await runCandidate({
    context,
    work,
    environment,
    record,
    suite: suite.value,
    candidate,
    runtime: runtime.value,
    random: Math.random,
  });
  if (!runs.ok) return runs;

  const { apply, dropped, code, residual, weakened } = candidate;
  const seconds = (performance.now() - began) / 1000;
  const python = record.interpreter?.version ?? '3.11';
  const verdict = judged({ suite: suite.value, results: runs.value, code, weakened, python });
  const marks = [
    ...(suite.value.migratedTests.length > 0 ? ['tests_migrated'] : []),
    ...(runtime.value.isolation === 'process' || attempt.trust === 'unsealed' ? ['unsealed'] : []),
    ...(oracle.status === 'degraded' ? ['oracle: degraded'] : []),
    ...(suite.value.strength?.lowConfidence === true ? ['low_confidence'] : []),
    ...(['conflict', 'malformed'].includes(apply) ? [`apply: ${apply}`] : []),
    ...(residual.length > 0 ? ['residual_a'] : []),
    ...verdict.marks,
  ];
  return ok(
    complete(work, {
      schema: 2,
      status: 'scored',
      why: null,
      grade: verdict.grade,
      tampered: verdict.tampered,
      watched: verdict.watched,
      strength: suite.value.strength,
      vacuous: verdict.vacuous,
      oracle,
      apply,
      dropped: [...dropped],
      block: record.block,
      marks,
      seconds,
    }),
  );
}

function complete(work: TaskWork, score: UnitTestScore): Completion {
  const text = `${JSON.stringify(score, null, 2)}\n`;
  writeAtomically(path.join(work.dir, 'score.json'), text);
  const note = score.why ?? score.tampered.map(tamperingWords).join('; ');
  return {
    outcome: score.tampered.length > 0 ? 'tampered' : score.status,
    ports: { score: digestJson({ ...score, seconds: 0 }) },
    files: ['score.json'],
    usage: tellScore(summaryOfUnitTestScore(score)),
    ...(note === '' ? {} : { note }),
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
