import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import type { MigConfig } from '../model/mig-config.ts';
import type { Migration } from '../model/migration.ts';
import type { Result } from '../model/result.ts';
import type { UnitPaths } from '../model/unit-paths.ts';
import type { Task } from '../pipeline/task.ts';
import { type Agent, agentDigest } from '../runners/agents.ts';
import type { Limits, Runtime, RuntimeKind } from '../runtimes/runtime.ts';
import { defineCodingAgent, type ModelSource } from './coding-agent.ts';
import { defineEnvSetup, type EnvironmentOverrides } from './env-setup.ts';
import { defineEvalTest } from './eval-test.ts';
import { defineHelperTest } from './helper-test.ts';
import { definePatchEval } from './patch-eval.ts';
import { defineRepoDl } from './repo-dl.ts';
import { defineGold, defineHalf, defineNoop } from './stand-ins.ts';
import type { TestingAgentContext } from './testing-session.ts';
import { defineUnitTestEval } from './unit-test-eval.ts';

/** Everything that decides the graph of one migration and variant. */
export interface GraphInputs {
  readonly migration: Migration;
  readonly paths: UnitPaths;
  readonly mig: MigConfig;
  readonly overrides: EnvironmentOverrides;
  readonly agent: Agent;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly model: string | null;
  /** Who answers the coding agent's calls of models, and the testing agent's; null for agents that make none. */
  readonly access: ModelSource | null;
  readonly testingAccess: ModelSource | null;
  readonly attempt: number;
  /** Coding and testing variant, as in the folders' names. */
  readonly variant: string;
  readonly testing: string;
  /** Null: the built-in one, which takes the developers' tests alone. */
  readonly testingAgent: {
    readonly agent: Agent;
    readonly parameters: Readonly<Record<string, Json>>;
  } | null;
  readonly tests: { readonly testSeconds: number; readonly fileSeconds: number };
  readonly limits: { readonly codingAgent: Limits; readonly testRun: Limits; readonly build: Limits };
  readonly mirrors: readonly string[];
  readonly interpreters: readonly string[];
  readonly runtimeKind: RuntimeKind;
  /** `--runtime auto`: stored results of any runtime are accepted. */
  readonly anyRuntime: boolean;
  readonly runtime: () => Promise<Result<Runtime, Failure>>;
  readonly hostVariables: Readonly<Record<string, string | undefined>>;
}

/** Where the repositories of a benchmark live that names them by owner and repository alone. */
const USUAL_HOST: Readonly<Record<string, string>> = { pymigbench: 'https://github.com' };

/**
 * The whole graph of one migration:
 *
 *     repo_dl -> env_setup -+-> helper_test -> coding_agent -+-> patch_eval
 *                           +-> eval_test -------------------+-> unit_test_eval
 */
export function buildPipeline(inputs: GraphInputs): readonly Task[] {
  const { migration, paths, mig, variant, testing, runtime, runtimeKind, anyRuntime, limits } = inputs;
  const unit = migration.id;
  const labels = { unit };
  const suites = { migration, runtime, runtimeKind, anyRuntime, limits: limits.testRun, ...inputs.tests };
  const scored = `${variant}~${testing}`;
  return [
    defineRepoDl({
      migration,
      outputDir: paths.repo,
      entryFile: paths.entry,
      cacheDir: mig.cacheDir,
      mirrors: inputs.mirrors,
      host: USUAL_HOST[migration.benchmark] ?? null,
    }),
    defineEnvSetup({
      migration,
      outputDir: paths.env,
      storeDir: mig.paths.envs,
      cacheDir: mig.cacheDir,
      runtimeKind,
      acceptAnyRuntime: anyRuntime,
      runtime,
      limits: limits.build,
      interpreters: inputs.interpreters,
      overrides: inputs.overrides,
      labels,
    }),
    defineHelperTest({
      ...suites,
      outputDir: paths.inputTests,
      variant: testing,
      testing: testingAgent(inputs, hiddenFolders(mig)),
    }),
    defineEvalTest({
      ...suites,
      outputDir: paths.evalTests,
      variant: testing,
      // it works in a folder of hidden ones, and is shown the ground truth
      testing: testingAgent(
        inputs,
        hiddenFolders(mig).filter((folder) => folder !== mig.paths.evalTests),
      ),
    }),
    codingTask(inputs),
    definePatchEval({ migration, outputDir: paths.patchEval, variant: scored }),
    defineUnitTestEval({ ...suites, outputDir: paths.unitTestEval, variant: scored }),
  ];
}

function hiddenFolders(mig: MigConfig): readonly string[] {
  return [
    mig.paths.repos,
    mig.paths.evalTests,
    mig.paths.score,
    path.join(mig.baseDir, 'repo-yamls'),
    mig.validationDir,
  ];
}

function testingAgent(inputs: GraphInputs, hidden: readonly string[]): TestingAgentContext | null {
  const { testingAgent: chosen, mig } = inputs;
  if (chosen === null) return null;
  return {
    ...chosen,
    digest: agentDigest(chosen.agent),
    access: inputs.testingAccess,
    limits: inputs.limits.codingAgent,
    dataDir: mig.baseDir,
    cacheDir: mig.cacheDir,
    hidden,
    hostVariables: inputs.hostVariables,
  };
}

/** The agent, or what stands in for one: the ground truth, nothing, or half of the ground truth. */
function codingTask(inputs: GraphInputs): Task {
  const { agent, migration, paths, mig, variant } = inputs;
  const standIn = { unit: migration.id, variant, outputDir: paths.trajectory, agent };
  if (agent.name === 'gold') return defineGold(standIn);
  if (agent.name === 'noop') return defineNoop(standIn);
  if (agent.name === 'half') return defineHalf({ ...standIn, migration });
  return defineCodingAgent({
    unit: migration.id,
    variant,
    outputDir: paths.trajectory,
    migration,
    agent,
    parameters: inputs.parameters,
    model: inputs.model,
    access: inputs.access,
    attempt: inputs.attempt,
    limits: inputs.limits.codingAgent,
    runtimeKind: inputs.runtimeKind,
    anyRuntime: inputs.anyRuntime,
    runtime: inputs.runtime,
    dataDir: mig.baseDir,
    cacheDir: mig.cacheDir,
    hidden: hiddenFolders(mig),
    evalTests: paths.evalTests,
    hostVariables: inputs.hostVariables,
  });
}
