import type { EnvironmentArtefact, HelperSuiteArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { librariesJson } from './agent-needs.ts';
import { loadHelperSuite } from './helper-manifest.ts';
import { readyRecord, suiteParams } from './suite-runs.ts';
import { type SuiteMakerContext, testingInputFiles, testingParams } from './testing-session.ts';

/**
 * `helper_test`: the developers' tests of the tree before that pass there and run code which uses the source library,
 * found by that library's names alone, and what the testing agent adds. Reads nothing of the tree after.
 */
export function defineHelperTest(context: SuiteMakerContext): Task<HelperSuiteArtefact> {
  const { migration, testing } = context;
  return {
    id: 'helper_test',
    unit: migration.id,
    variant: context.variant,
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'env_setup', port: 'environment' },
    ],
    provides: [{ name: 'helper-suite', visibility: 'public' }],
    codeVersion: 3,
    params: {
      ...suiteParams(context),
      // an agent is told of both libraries
      ...(testing === null
        ? {}
        : {
            kind: migration.kind,
            source: librariesJson(migration.source),
            target: librariesJson(migration.target),
          }),
      ...testingParams(testing),
    },
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: testingInputFiles(testing),
    knownPorts: {},
    outputDir: context.outputDir,
    shared: true,
    run: (work) => choose(context, work),
    load: loadHelperSuite,
  };
}

async function choose(context: SuiteMakerContext, work: TaskWork): Promise<Result<Completion, Failure>> {
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const record = readyRecord(environment);
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const { completeHelper, makeHelperSuite, noHelpers } = await import('./helper-suite.ts');
  if (typeof record === 'string') {
    return ok(completeHelper(work, noHelpers(`there is no environment: ${record}`)));
  }
  return await makeHelperSuite({ context, work, environment, record, runtime: context.runtime });
}
