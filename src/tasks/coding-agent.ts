import { cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type {
  EnvironmentArtefact,
  HelperSuiteArtefact,
  PatchArtefact,
  RepoArtefact,
} from '../model/artefacts.ts';
import type { Change } from '../model/events.ts';
import { hostSecrets } from '../audit/credentials.ts';
import type { Failure } from '../model/failure.ts';
import type { Digest, UnitId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Migration } from '../model/migration.ts';
import type { BudgetLimits, BudgetScope, LedgerSummary } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Completion, Need, Port, Task, TaskWork } from '../pipeline/task.ts';
import { agentDigest, type Agent } from '../runners/agents.ts';
import { type AttemptRecord, attemptRecord } from '../runners/attempt.ts';
import type { ModelAccess } from '../runners/model-door.ts';
import type { Limits, Runtime } from '../runtimes/runtime.ts';
import { digestJson, sha256 } from '../workspace/disk.ts';
import {
  agentInputFiles,
  type AgentNeeds,
  agentNeeds,
  agentParams,
  librariesJson,
  withFoundVersions,
} from './agent-needs.ts';
import { type AuditedMigration, hiddenKnowledge } from './hidden-knowledge.ts';

/** Where an agent's calls of models go. */
export interface ModelSource {
  /** `provider/model`; enters the key. */
  readonly shown: string;
  /** In force now; they enter no key. */
  readonly budgets: Readonly<Record<BudgetScope, BudgetLimits>>;
  /** Its sweep's name; null: it is of none. */
  readonly sweep: string | null;
  /** Called once a start: opens the gateway where it is not, with a new count for the attempt. */
  open(): Promise<Result<ModelAccess, Failure>>;
}

/** What a coding agent's task is made of. */
export interface CodingAgentContext {
  readonly unit: UnitId;
  readonly variant: string;
  readonly outputDir: string;
  readonly migration: Pick<Migration, 'kind'> & AuditedMigration;
  /** As `requireAgent` gives it. */
  readonly agent: Agent;
  /** All parameters, defaults filled in (`chooseParameters(...).all`). */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly model: string | null;
  /** Who answers its calls of models; null for agents that make none. */
  readonly access: ModelSource | null;
  /** 1-based. */
  readonly attempt: number;
  readonly limits: Limits;
  readonly runtimeKind: 'docker' | 'local';
  /** A stored result of any runtime will do (`--runtime auto`). */
  readonly anyRuntime: boolean;
  readonly runtime: () => Promise<Result<Runtime, Failure>>;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Folders of hidden artefacts, of which nothing may be mounted (`repos`, `eval-tests`, `score`). */
  readonly hidden: readonly string[];
  /** Folder of the hidden suite. The leak audit looks for what it holds; it is in no key. */
  readonly evalTests: string;
  /** The host's variables; only those that the manifest names are handed on. */
  readonly hostVariables: Readonly<Record<string, string | undefined>>;
}

const CODING_NEEDS: readonly Need[] = [
  { task: 'repo_dl', port: 'before' },
  { task: 'env_setup', port: 'environment' },
  { task: 'helper_test', port: 'helper-suite' },
];
export const PATCH_PORT: Port = { name: 'patch', visibility: 'public' };
export const ATTEMPT_FILES = ['migration.patch', 'attempt.json'] as const;

/** `coding_agent`: an agent, in its sandbox, on a fresh copy of the tree before. Its outcome is a result, whatever it is. */
export function defineCodingAgent(context: CodingAgentContext): Task<PatchArtefact> {
  const { agent, migration } = context;
  const digest = agentDigest(agent);
  return {
    id: 'coding_agent',
    unit: context.unit,
    variant: context.variant,
    needs: CODING_NEEDS,
    provides: [PATCH_PORT],
    codeVersion: 1,
    params: {
      ...agentParams(agent, digest, context.parameters),
      model: context.access?.shown ?? context.model,
      attempt: context.attempt,
      kind: migration.kind,
      source: librariesJson(migration.source),
      target: librariesJson(migration.target),
      runtime: context.runtimeKind,
    },
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: agentInputFiles(agent),
    knownPorts: {},
    outputDir: context.outputDir,
    shared: false,
    outgrown: (usage) => raisedBudget(usage, context.access),
    run: (work) => attempt(context, digest, work),
    load: loadAttempt,
  };
}

async function attempt(
  context: CodingAgentContext,
  digest: Digest,
  work: TaskWork,
): Promise<Result<Completion, Failure>> {
  const { agent } = context;
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [{ runCodingAgent }, { makeWorkspace }] = await Promise.all([
    import('../runners/coding-agent.ts'),
    import('../runners/agent-workspace.ts'),
  ]);
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const workspace = path.join(work.scratchDir, 'workspace');
  // git, the engine and the gateway need nothing of each other
  const [made, ready] = await Promise.all([
    makeWorkspace(repo.dir, repo.beforeTree, workspace),
    readyFor(context, work),
  ]);
  if (!ready.ok) return ready;
  if (!made.ok) return made;
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const helperSuite = work.artefact<HelperSuiteArtefact>('helper_test');
  const helperTests = path.join(helperSuite.dir, 'tests');
  const done = await work.limited('container', () =>
    runCodingAgent({
      agent,
      digest,
      parameters: context.parameters,
      name: `${context.unit}~${context.variant}`,
      model: context.access?.shown ?? context.model,
      ...ready.value,
      before: { repo: repo.dir, tree: repo.beforeTree },
      workspace,
      environment,
      helperSuite,
      kind: context.migration.kind,
      source: withFoundVersions(context.migration.source, environment.record.source),
      target: withFoundVersions(context.migration.target, environment.record.target),
      limits: context.limits,
      bounds: { dataDir: context.dataDir, hidden: context.hidden },
      hidden: hiddenKnowledge(context.migration, repo, { evalTests: context.evalTests, helperTests }),
      secrets: hostSecrets(context.hostVariables),
      dir: work.dir,
      // apart from the workspace, which stays where all else of a start is made anew
      scratchDir: path.join(work.scratchDir, 'start'),
      logDir: work.logDir,
      labels: { run: work.runId, unit: context.unit, task: 'coding_agent' },
      signal: work.signal,
      progress: (doing) => work.progress(doing),
    }),
  );
  if (!done.ok) return done;
  keepCutShort(context.outputDir, work.dir);
  return ok(completionOf(work.dir, done.value));
}

interface Ready extends AgentNeeds {
  readonly runtime: Runtime;
  readonly access: ModelAccess | null;
}

/** What starts it, who answers it, and all else that it needs besides folders. */
async function readyFor(context: CodingAgentContext, work: TaskWork): Promise<Result<Ready, Failure>> {
  const [access, runtime] = await Promise.all([context.access?.open() ?? null, context.runtime()]);
  // before minutes are spent on an installation
  if (access?.ok === false) return access;
  if (!runtime.ok) return runtime;
  const needs = await agentNeeds(context.agent, runtime.value, {
    ...context,
    signal: work.signal,
    progress: (doing) => work.progress(doing),
  });
  return needs.ok ? ok({ ...needs.value, runtime: runtime.value, access: access?.value ?? null }) : needs;
}

/** An attempt that a budget ended stays, below the one that takes its place. */
function keepCutShort(earlier: string, dir: string): void {
  const before = loadAttempt(earlier);
  if (!before.ok || before.value.outcome !== 'budget') return;
  const into = path.join(dir, 'earlier');
  cpSync(earlier, into, { recursive: true, filter: (file) => file !== path.join(earlier, 'earlier') });
  const older = path.join(earlier, 'earlier');
  if (existsSync(older)) cpSync(older, path.join(into, 'earlier'), { recursive: true });
}

/** The ceiling that ended an attempt, where it is now higher. */
function raisedBudget(usage: Json, access: ModelSource | null): Change | null {
  const { budget: ended } = (usage ?? {}) as { readonly budget?: LedgerSummary['budget'] };
  if (ended === undefined || ended === null || access === null) return null;
  const { scope, kind, limit, sweep = null } = ended;
  // another sweep begins with a count of its own
  if (scope === 'sweep' && sweep !== access.sweep)
    return { reason: 'budget', name: 'sweep', old: sweep ?? 'none', new: access.sweep ?? 'none' };
  const now = access.budgets[scope][kind];
  if (now !== null && now <= limit) return null;
  return {
    reason: 'budget',
    name: `${scope}.${kind}`,
    old: String(limit),
    new: now === null ? 'none' : String(now),
  };
}

/** What the stamp says of an attempt: its patch by content and its outcome. */
export function completionOf(dir: string, record: AttemptRecord): Completion {
  const patch = sha256(readFileSync(path.join(dir, 'migration.patch')));
  return {
    outcome: record.outcome,
    ports: { patch: digestJson({ patch, outcome: record.outcome }) },
    files: ATTEMPT_FILES,
    usage: { seconds: record.seconds, outputBytes: record.outputBytes, ...modelUsage(record.ledger) },
    ...(record.why === '' ? {} : { note: record.why }),
  };
}

function modelUsage(ledger: LedgerSummary | null): { readonly [key: string]: Json } {
  if (ledger === null) return {};
  const { calls, usd, usage, budget } = ledger;
  return { calls, usd, tokens: { ...usage }, budget: budget === null ? null : { ...budget } };
}

/** Reads an attempt back; the same for agents and stand-ins. */
export function loadAttempt(dir: string): Result<PatchArtefact, string> {
  try {
    const record = attemptRecord.parse(JSON.parse(readFileSync(path.join(dir, 'attempt.json'), 'utf8')));
    const { size } = statSync(path.join(dir, 'migration.patch'));
    if (size !== record.patch.bytes)
      return fail(`migration.patch has ${size} bytes, not ${record.patch.bytes}`);
    const { outcome, exitCode, trust, why } = record;
    return ok({ dir, outcome, exitCode, trust, why });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
