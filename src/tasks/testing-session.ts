import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NOTHING_HIDDEN } from '../audit/answer.ts';
import { hostSecrets } from '../audit/credentials.ts';
import type { EnvironmentArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { InputFile, TaskWork } from '../pipeline/task.ts';
import type { Agent } from '../runners/agents.ts';
import type { GroundTruth } from '../runners/testing-agent.ts';
import type { Limits, Runtime } from '../runtimes/runtime.ts';
import { agentInputFiles, agentNeeds, agentParams, withFoundVersions } from './agent-needs.ts';
import type { ModelSource } from './coding-agent.ts';
import type { TestingSession } from './eval-suite.ts';
import { hiddenKnowledge } from './hidden-knowledge.ts';
import type { SuiteContext } from './suite-runs.ts';

/** A testing agent that is run as a command, besides the developers' tests which every suite begins with. */
export interface TestingAgentContext {
  readonly agent: Agent;
  readonly digest: Digest;
  /** All parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly access: ModelSource | null;
  readonly limits: Limits;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Folders of hidden artefacts, of which nothing may be mounted. */
  readonly hidden: readonly string[];
  readonly hostVariables: Readonly<Record<string, string | undefined>>;
}

/** What makes a suite: null stands for the built-in `existing`, which adds nothing to the developers' tests. */
export interface SuiteMakerContext extends SuiteContext {
  readonly testing: TestingAgentContext | null;
}

/** What of the testing agent enters the key of a suite. */
export function testingParams(testing: TestingAgentContext | null): Readonly<Record<string, Json>> {
  if (testing === null) return {};
  const { agent, digest, parameters, access } = testing;
  return {
    ...agentParams(agent, digest, parameters),
    ...(access === null ? {} : { testingModel: access.shown }),
  };
}

export function testingInputFiles(testing: TestingAgentContext | null): readonly InputFile[] {
  return testing === null ? [] : agentInputFiles(testing.agent);
}

/** A session that ended, and the folder of the tests that it handed over (which may hold none). */
export interface HandedOver {
  readonly session: TestingSession;
  readonly tests: string;
}

/** What sessions in mode `helper` of this process gave, for the eval suites beside them: files, by name. */
const helperSessions = new Map<string, Promise<Result<Handed, Failure>>>();
type Handed = ReadonlyMap<string, Buffer>;

const sessionKey = (work: TaskWork, context: SuiteContext, testing: TestingAgentContext): string =>
  [work.runId, context.migration.id, testing.digest, JSON.stringify(testing.parameters)].join(' ');

/** A session in mode `helper`. What it hands over is known to the eval suite that is made beside it. */
export async function helperSession(
  context: SuiteContext,
  testing: TestingAgentContext,
  work: TaskWork,
  runtime: Runtime,
): Promise<Result<HandedOver, Failure>> {
  const done = testingSession(context, testing, work, runtime, null);
  const handed = done.then((over) => (over.ok ? ok(filesIn(over.value.tests)) : over));
  helperSessions.set(sessionKey(work, context, testing), handed);
  return await done;
}

/**
 * What the agent hands over in mode `helper`, which coding agents see: no text of it is hidden. Taken from the helper
 * suite that is made beside this one, else from a session of our own.
 */
export async function publicTests(
  context: SuiteContext,
  testing: TestingAgentContext,
  work: TaskWork,
  runtime: Runtime,
): Promise<Result<Handed, Failure>> {
  const beside = helperSessions.get(sessionKey(work, context, testing));
  if (beside !== undefined) return await beside;
  const dir = path.join(work.scratchDir, 'helper-session');
  const own = {
    ...work,
    dir: path.join(dir, 'out'),
    scratchDir: dir,
    logDir: path.join(work.logDir, 'helper-session'),
  };
  const over = await testingSession(context, testing, own, runtime, null);
  return over.ok ? ok(filesIn(over.value.tests)) : over;
}

function filesIn(dir: string): Handed {
  if (!existsSync(dir)) return new Map();
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((file) => [path.relative(dir, file), readFileSync(file)]));
}

/** Runs the agent in its sandbox; with a ground truth in mode `eval`, without one in mode `helper`. */
export async function testingSession(
  context: SuiteContext,
  testing: TestingAgentContext,
  work: TaskWork,
  runtime: Runtime,
  groundTruth: GroundTruth | null,
): Promise<Result<HandedOver, Failure>> {
  const { agent } = testing;
  const access = testing.access === null ? null : await testing.access.open();
  if (access?.ok === false) return access;
  // what an image holds besides the base is not on this machine
  if (agent.manifest.image !== undefined && agent.manifest.install === undefined && runtime.kind === 'local')
    return fail({ class: 'config', reason: 'agent-needs-engine', name: agent.name });
  const needs = await agentNeeds(agent, runtime, {
    ...testing,
    signal: work.signal,
    progress: (doing) => work.progress(doing),
  });
  if (!needs.ok) return needs;
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const dir = path.join(work.dir, 'testing-agent');
  mkdirSync(dir, { recursive: true });
  work.progress(`${agent.name} is writing tests`);
  const { runTestingAgent } = await import('../runners/testing-agent.ts');
  const done = await work.limited('container', () =>
    runTestingAgent({
      agent,
      name: `${context.migration.id}~${agent.name}~${groundTruth === null ? 'helper' : 'eval'}`,
      parameters: testing.parameters,
      access: access?.value ?? null,
      runtime,
      ...needs.value,
      before: { repo: repo.dir, tree: repo.beforeTree },
      environment,
      kind: context.migration.kind,
      source: withFoundVersions(context.migration.source, environment.record.source),
      target: withFoundVersions(context.migration.target, environment.record.target),
      groundTruth,
      limits: testing.limits,
      bounds: { dataDir: testing.dataDir, hidden: testing.hidden },
      hidden: groundTruth === null ? hiddenKnowledge(context.migration, repo) : NOTHING_HIDDEN,
      secrets: hostSecrets(testing.hostVariables),
      dir,
      scratchDir: path.join(work.scratchDir, 'testing-agent'),
      logDir: path.join(work.logDir, 'testing-agent'),
      labels: {
        run: work.runId,
        unit: context.migration.id,
        task: groundTruth === null ? 'helper_test' : 'eval_test',
      },
      signal: work.signal,
    }),
  );
  if (!done.ok) return done;
  const { outcome, why, files } = done.value;
  const session: TestingSession = {
    agent: agent.name,
    version: agent.manifest.version,
    digest: testing.digest,
    outcome,
    why,
    files: [...files],
  };
  return ok({ session, tests: path.join(dir, 'output', 'tests') });
}
