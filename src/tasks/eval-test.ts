import path from 'node:path';
import type { EnvironmentArtefact, EvalSuiteArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { librariesJson } from './agent-needs.ts';
import { readEvalSuite, TESTS_AFTER } from './eval-suite.ts';
import { readyRecord, suiteParams } from './suite-runs.ts';
import { type SuiteMakerContext, testingInputFiles, testingParams } from './testing-session.ts';

/**
 * `eval_test`: the developers' tests of both trees and what the testing agent adds, each with its class, frozen before
 * any candidate is scored, with the verdict of every gate and the strength of all. Empty where there is no
 * environment. Hidden.
 */
export function defineEvalTest(context: SuiteMakerContext): Task<EvalSuiteArtefact> {
  const { migration } = context;
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
    codeVersion: 5,
    params: {
      ...suiteParams(context),
      source: librariesJson(migration.source),
      target: librariesJson(migration.target),
      ...testingParams(context.testing),
    },
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: testingInputFiles(context.testing),
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

async function make(context: SuiteMakerContext, work: TaskWork): Promise<Result<Completion, Failure>> {
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const record = readyRecord(environment);
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const { completeEval, emptySuite } = await import('./eval-result.ts');
  if (typeof record === 'string') return ok(completeEval(work, emptySuite(record), {}));
  const runtime = await context.runtime();
  if (!runtime.ok) return runtime;
  const repo = work.artefact<RepoArtefact>('repo_dl');
  work.progress('laying out the trees');
  const [{ layEvalTrees }, { freezeSuite }] = await Promise.all([
    import('./eval-trees.ts'),
    import('./freeze-suite.ts'),
  ]);
  const testsDir = path.join(work.dir, TESTS_AFTER);
  const laid = await layEvalTrees(repo, context.migration, record, work.scratchDir, testsDir);
  if (!laid.ok) return laid;
  return await freezeSuite({ context, work, environment, record, runtime: runtime.value, trees: laid.value });
}
