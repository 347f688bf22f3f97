import path from 'node:path';
import { findMigration, openBenchmarks } from '../benchmarks/registry.ts';
import type { ChosenModel } from '../config/choose-model.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { roleLimits } from '../config/limits.ts';
import type { EventSink } from '../events/sink.ts';
import type { Failure } from '../model/failure.ts';
import { MigConfig } from '../model/mig-config.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { unitPaths, type UnitPaths } from '../model/unit-paths.ts';
import { codingVariant, variantName } from '../model/variant.ts';
import { DAGExecutor } from '../pipeline/executor.ts';
import type { Limiters } from '../pipeline/limits.ts';
import type { Task } from '../pipeline/task.ts';
import { chooseParameters, requireAgent, type Agent, type ChosenParameters } from '../runners/agents.ts';
import { platformOf } from '../runtimes/platform.ts';
import type { Runtime, RuntimeKind } from '../runtimes/runtime.ts';
import { buildPipeline } from '../tasks/index.ts';
import { ParsedTexts } from '../workspace/parsed-texts.ts';
import { modelOf, seeded } from './agent-choice.ts';
import type { Io } from './io.ts';
import { type ModelSources, modelSources } from './model-sources.ts';
import { programBuild, programVersion } from './program-version.ts';
import type { RunRequest } from './run-request.ts';

const DEFAULT_TESTING = 'existing';

/** Everything that flags, configuration and benchmark decide about one run, before any runtime is asked. */
export interface Prepared {
  readonly config: LoadedConfig;
  readonly mig: MigConfig;
  readonly migration: Migration;
  readonly agent: Agent;
  readonly parameters: ChosenParameters;
  /** Null for agents that call no model. */
  readonly model: ChosenModel | null;
  readonly testingModel: ChosenModel | null;
  readonly testingAgent: Agent;
  readonly testingParameters: ChosenParameters;
  readonly variant: string;
  readonly testing: string;
  /** The texts that were read, to be kept once something has run. */
  readonly parsed: ParsedTexts;
}

/** One way to run it: on a runtime kind, with the folders that go with it. */
export interface Laid {
  readonly kind: RuntimeKind;
  readonly paths: UnitPaths;
  readonly executor: DAGExecutor;
  readonly tasks: readonly Task[];
}

/** Finds migration, agents and configuration; nothing is started, made or asked of an engine. */
export async function prepare(id: string, request: RunRequest, io: Io): Promise<Result<Prepared, Failure>> {
  const inputs = { cwd: io.cwd, variables: io.env, flags: request.config };
  const first = loadConfig(inputs);
  if (!first.ok) return first;
  const parsed = parsedTexts(first.value.config.dataDir);
  const choice = {
    configured: first.value.config.benchmarks,
    dataDir: first.value.config.dataDir,
    cwd: io.cwd,
    only: request.benchmark ?? undefined,
    dir: request.benchmarkDir ?? undefined,
  };
  const benchmarks = await openBenchmarks(choice, parsed.read);
  if (!benchmarks.ok) return benchmarks;
  const found = await findMigration(id, benchmarks.value);
  return found.ok ? prepareMigration(found.value, parsed, request, io) : found;
}

/** The same for a migration that was found already. */
export function prepareMigration(
  migration: Migration,
  parsed: ParsedTexts,
  request: RunRequest,
  io: Io,
): Result<Prepared, Failure> {
  const inputs = { cwd: io.cwd, variables: io.env, flags: request.config };
  const loaded = loadConfig(inputs, { owner: migration.owner, repo: migration.repo });
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const agent = requireAgent(config.agent, 'coding', config.agentsDirs, parsed.read);
  if (!agent.ok) return agent;
  const testingAgent = requireAgent(config.testingAgent, 'testing', config.agentsDirs, parsed.read);
  if (!testingAgent.ok) return testingAgent;
  const testingParameters = chooseParameters(testingAgent.value, request.testingParameters);
  if (!testingParameters.ok) return testingParameters;
  const chosen = chooseParameters(agent.value, request.parameters);
  if (!chosen.ok) return chosen;
  const parameters = ok(seeded(agent.value, chosen.value, request));
  const model = modelOf(agent.value, config.model, config);
  if (!model.ok) return model;
  const testingModel = modelOf(testingAgent.value, config.testingModel ?? config.model, config);
  if (!testingModel.ok) return testingModel;
  const testing = variantName({
    agent: testingAgent.value.name,
    model: testingModel.value?.shown ?? null,
    parameters: testingParameters.value.changed,
    attempt: 1,
  });
  const variant = codingVariant(
    {
      agent: agent.value.name,
      model: model.value?.shown ?? config.model,
      parameters: parameters.value.changed,
      attempt: request.attempt,
    },
    testing,
    DEFAULT_TESTING,
  );
  return ok({
    config: loaded.value,
    mig: MigConfig.fromBaseDir(config.dataDir),
    migration,
    agent: agent.value,
    parameters: parameters.value,
    model: model.value,
    testingModel: testingModel.value,
    testingAgent: testingAgent.value,
    testingParameters: testingParameters.value,
    variant,
    testing,
    parsed,
  });
}

/** The same run with a stand-in in the place of the agent: it has no model, no parameters and no further attempt. */
export function withStandIn(prepared: Prepared, agent: Agent): Prepared {
  const { config, testing } = prepared;
  const parts = { agent: agent.name, model: null, parameters: {}, attempt: 1 };
  return {
    ...prepared,
    config: { ...config, config: { ...config.config, agent: agent.name, model: null } },
    agent,
    model: null,
    parameters: { all: {}, changed: {} },
    variant: codingVariant(parts, testing, DEFAULT_TESTING),
  };
}

/** What texts said when they were read before, kept in the data folder. */
export function parsedTexts(dataDir: string): ParsedTexts {
  return new ParsedTexts(path.join(MigConfig.fromBaseDir(dataDir).cacheDir, 'parsed'), programBuild());
}

export interface LayOptions {
  readonly sinks?: readonly EventSink[];
  readonly signal?: AbortSignal;
  /** One pool for several runs. */
  readonly limiters?: Limiters;
  /** Gateways and counts of several runs: made by the first. */
  readonly models?: { shared?: ModelSources };
  /** Runtimes of several runs by kind: each is opened once. */
  readonly runtimes?: Map<RuntimeKind, () => Promise<Result<Runtime, Failure>>>;
}

/**
 * Lays the run out on the runtime that it will use. Under `auto` results of any runtime count: where all is
 * fresh on one of them no engine is looked for; else one that answers decides, for `plan` as for `run`.
 */
export async function layOut(
  prepared: Prepared,
  request: RunRequest,
  io: Io,
  options: LayOptions = {},
): Promise<Result<Laid, Failure>> {
  const { config } = prepared.config;
  const kinds: readonly RuntimeKind[] = config.runtime === 'auto' ? ['docker', 'local'] : [config.runtime];
  for (const kind of kinds) {
    const laid = layOn(kind, prepared, request, io, options);
    const plan = laid.executor.plan();
    if (plan.ok && !plan.value.hasWork) return ok(laid);
  }
  return ok(layOn(await kindOf(config.runtime), prepared, request, io, options));
}

/** The runtime that work is done on. */
export async function kindOf(requested: RuntimeKind | 'auto'): Promise<RuntimeKind> {
  if (requested !== 'auto') return requested;
  const { findEngine } = await import('../runtimes/find-engine.ts');
  return (await findEngine()) === null ? 'local' : 'docker';
}

/** Lays the run out on a runtime kind. Nothing is started. */
export function layOn(
  kind: RuntimeKind,
  prepared: Prepared,
  request: RunRequest,
  io: Io,
  options: LayOptions,
): Laid {
  const { config } = prepared.config;
  const { mig, migration, variant, testing } = prepared;
  const platform = platformOf(kind, config.baseImage);
  const paths = unitPaths(mig, migration, { variant, testing, platform });
  const runtime =
    options.runtimes?.get(kind) ??
    runtimeOnce(kind, prepared, (doing) => {
      if (!request.quiet) io.stderr.write(`${doing}\n`);
    });
  options.runtimes?.set(kind, runtime);
  const models = options.models?.shared ?? modelSources(config, io, prepared.parsed);
  if (options.models !== undefined) options.models.shared = models;
  const tasks = buildPipeline({
    migration,
    paths,
    mig,
    overrides: prepared.config.overrides,
    agent: prepared.agent,
    parameters: prepared.parameters.all,
    model: config.model,
    access: models.of(prepared.model),
    testingAccess: models.of(prepared.testingModel),
    attempt: request.attempt,
    variant,
    testing,
    testingAgent: prepared.testingAgent.manifest.builtIn
      ? null
      : { agent: prepared.testingAgent, parameters: prepared.testingParameters.all },
    tests: config.tests,
    limits: {
      codingAgent: roleLimits(config.limits.codingAgent),
      testRun: roleLimits(config.limits.testRun),
      build: roleLimits(config.limits.build),
    },
    mirrors: config.mirrors,
    interpreters: config.interpreters,
    runtimeKind: kind,
    anyRuntime: config.runtime === 'auto',
    runtime,
    hostVariables: io.env,
  });
  const executor = new DAGExecutor({
    tasks,
    about: { id: migration.id, agent: prepared.agent.name, variant, runtime: kind },
    runsDir: mig.runsDir,
    locksDir: mig.locksDir,
    options: { ...request.force, waitSeconds: request.waitSeconds },
    concurrency: config.concurrency,
    toolVersion: programVersion(),
    // Opening clears. A runtime that does not answer hinders only the task that needs it.
    onDeadRun: runtime,
    ...(options.sinks === undefined ? {} : { sinks: options.sinks }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.limiters === undefined ? {} : { limiters: options.limiters }),
  });
  return { kind, paths, executor, tasks };
}

/**
 * The runtime is opened when a task first needs it, once: the base image is made where it is missing, and what
 * dead runs left is removed before any work starts.
 */
function runtimeOnce(
  kind: RuntimeKind,
  prepared: Prepared,
  say: (doing: string) => void,
): () => Promise<Result<Runtime, Failure>> {
  const open = async (): Promise<Result<Runtime, Failure>> => {
    const [{ chooseRuntime }, { ensureBaseImage }] = await Promise.all([
      import('../runtimes/choose.ts'),
      import('../runners/image.ts'),
    ]);
    const { unsafeLocal, baseImage } = prepared.config.config;
    const runtime = await chooseRuntime({
      requested: kind,
      unsafeLocal,
      baseImage,
      prepare: (engine, image) => ensureBaseImage(engine, image, { onProgress: say }),
    });
    if (!runtime.ok) return runtime;
    const removed = await runtime.value.removeOrphans();
    return removed.ok ? runtime : removed;
  };
  let opened: Promise<Result<Runtime, Failure>> | undefined;
  return () => (opened ??= open());
}
