import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { HiddenKnowledge } from '../audit/answer.ts';
import type { MountBounds } from '../audit/request.ts';
import type { EnvironmentArtefact, HelperSuiteArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Digest, Sha } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Library } from '../model/library.ts';
import { ok, type Result } from '../model/result.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { lsTree } from '../workspace/git.ts';
import { takePatch } from '../workspace/patch.ts';
import { DEFAULT_DROPPINGS } from '../workspace/patch-exclude.ts';
import { agentStart } from './agent-command.ts';
import { outcomeByLedger } from './ledger-outcome.ts';
import { type ModelAccess, type ModelDoor, withModelDoor } from './model-door.ts';
import { keepStreams } from './agent-session.ts';
import { shownFolder } from './agent-folder.ts';
import type { Agent } from './agents.ts';
import type { AttemptRecord } from './attempt.ts';
import { agentLimits, lastWords, outcomeOf, writeAttempt } from './attempt-outcome.ts';
import { writeInput } from './coding-input.ts';
import { handedOver } from './handed-over.ts';
import { keepOutput } from './kept-output.ts';
import { findAgentUsage } from './agent-usage-files.ts';
import { AT, mountTable } from './mounts.ts';
import { auditedSession } from './start-audit.ts';
import { tellEnvironment } from './told-environment.ts';

/** What our own agents leave of their steps; `logs` shows it. */
const TRAJECTORY = 'trajectory.jsonl';

/** One attempt. Folders exist and are empty; `signal` cancels. */
export interface CodingRequest {
  /** Names the start in recordings: unit, variant and attempt. */
  readonly name: string;
  readonly agent: Agent;
  readonly digest: Digest;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly model: string | null;
  /** For agents that call a model. */
  readonly access: ModelAccess | null;
  readonly runtime: Runtime;
  /** Image of the agent; null: the base image. */
  readonly image: string | null;
  /** Host folders of the tools that its manifest names. */
  readonly tools: Readonly<Record<string, string>>;
  /** As `AgentNeeds` has them. */
  readonly installed?: readonly Mount[];
  readonly before: { readonly repo: string; readonly tree: Sha };
  /** As `makeWorkspace` made it of that tree, outside of `scratchDir`. */
  readonly workspace: string;
  readonly environment: EnvironmentArtefact;
  readonly helperSuite: HelperSuiteArtefact;
  readonly kind: 'swap' | 'upgrade';
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  readonly limits: Limits;
  /** Values of the variables that its manifest names, as far as the host has them. */
  readonly variables: Readonly<Record<string, string>>;
  /** For the leak audit. */
  readonly bounds: MountBounds;
  readonly hidden: HiddenKnowledge;
  /** Values of the host that must be found nowhere. */
  readonly secrets: readonly string[];
  /** Output folder of the task: receives `migration.patch`, `attempt.json`, logs and `output/`. */
  readonly dir: string;
  readonly scratchDir: string;
  readonly logDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly progress: (doing: string) => void;
}

/**
 * Runs an agent on a fresh copy of the tree before, takes what it changed, and writes the attempt into `dir`.
 * However the agent ended is a result; a failure means that it could not be tried (infra), was cancelled, or
 * that its manifest cannot work (config).
 */
export function runCodingAgent(request: CodingRequest): Promise<Result<AttemptRecord, Failure>> {
  return withModelDoor(request, (door) => attemptOnce(request, door));
}

async function attemptOnce(request: CodingRequest, door: ModelDoor): Promise<Result<AttemptRecord, Failure>> {
  const { agent, runtime, before } = request;
  const folder = (name: string): string => path.join(request.scratchDir, name);
  const { workspace } = request;
  const [input, output] = [folder('input'), folder('output')];
  mkdirSync(output, { recursive: true });

  const told = tellEnvironment(request.environment, runtime);
  const mounts = mountTable({
    role: 'coding-agent',
    workspace,
    input,
    output,
    agent: shownFolder(agent, folder('agent')),
    tools: request.tools,
    environment: told.mounts,
    door: door.folder,
    installed: request.installed ?? [],
  });
  const at = (place: string): string => runtime.pathOf(mounts, place);
  writeInput(
    input,
    {
      kind: request.kind,
      source: request.source,
      target: request.target,
      environment: told.environment(at(AT.workspace)),
      environmentWhy: told.why,
      helperTests: { folder: at(`${AT.input}/helper-tests`), ids: request.helperSuite.ids },
      workspace: at(AT.workspace),
      output: at(AT.output),
      budget: { wallSeconds: agentLimits(request.limits, agent).wallMs / 1000 },
      parameters: request.parameters,
    },
    path.join(request.helperSuite.dir, 'tests'),
  );
  const start = agentStart({ ...request, mounts, environment: told.variables, door });
  request.progress('looking for leaks');
  const session = await auditedSession(
    { ...request, mounts, start, granted: door.granted },
    {
      role: 'coding-agent',
      cwd: at(AT.workspace),
      writable: [workspace, output],
      door: door.session,
    },
    () => request.progress('working'),
  );
  const ledger = await door.close();
  if (!session.ok) return session;
  const { exit, filled, limits, disk } = session.value;

  request.progress('taking the patch');
  const exclusions = [...DEFAULT_DROPPINGS, ...agent.manifest.droppings];
  const helperFiles = await newHelperFiles(request);
  if (!helperFiles.ok) return helperFiles;
  exclusions.push(...helperFiles.value.map((name) => `/${name}`));
  const taken = await takePatch(before, workspace, exclusions);
  if (!taken.ok) return taken;
  const handed =
    taken.value.patch.length === 0 ? await handedOver(before, output, request.scratchDir) : undefined;
  const patch = handed ?? taken.value;

  const own = findAgentUsage(agent.manifest.usage, { stdout: session.value.stdout, output });
  keepStreams(request.logDir, request.dir);
  const kept = keepOutput(output, path.join(request.dir, 'output'));
  if (kept.files.includes(TRAJECTORY))
    copyFileSync(path.join(request.dir, 'output', TRAJECTORY), path.join(request.logDir, TRAJECTORY));
  removeTree(workspace);
  const words = lastWords(session.value.stdout);
  const byExit = outcomeOf({ exit, filled, changed: patch.patch.length > 0, limits, disk, words });
  const decided =
    ledger === null
      ? ok(byExit)
      : outcomeByLedger({
          agent: agent.name,
          model: request.access?.shown ?? '',
          ending: byExit,
          ledger,
          words,
          log: request.logDir,
        });
  if (!decided.ok) return decided;
  const end = decided.value;
  const record: AttemptRecord = {
    schema: 1,
    agent: { name: agent.name, version: agent.manifest.version, digest: request.digest },
    model: request.model,
    ...end,
    exitCode: exit.code,
    ended: filled ? 'disk' : exit.ended,
    trust: runtime.isolation === 'process' ? 'unsealed' : 'sealed',
    runtime: { kind: runtime.kind, isolation: runtime.isolation, image: request.image ?? runtime.base },
    door: door.session.way ?? null,
    seconds: exit.seconds,
    outputBytes: exit.outputBytes,
    limits: { ...limits, diskBytes: disk },
    mounts: mounts.map(({ at: place, mode, host }) => ({ at: place, mode, what: whatLies(host, request) })),
    variables: Object.keys(start.env).sort(),
    environment: { mounted: told.mounts.length > 0, why: told.why },
    ledger,
    ownUsage: own,
    patch: {
      bytes: patch.patch.length,
      files: patch.files,
      from: handed === undefined ? 'workspace' : 'handed-over',
      skipped: [...taken.value.skipped],
      excluded: [...taken.value.excluded],
      exclusions,
    },
    output: { files: [...kept.files], leftOut: [...kept.leftOut] },
  };
  writeAttempt(request.dir, patch.patch, record);
  return ok(record);
}

/** Helper tests that the tree does not have: copied into the workspace they are no part of a migration. */
async function newHelperFiles(request: CodingRequest): Promise<Result<string[], Failure>> {
  const dir = path.join(request.helperSuite.dir, 'tests');
  if (!existsSync(dir)) return ok([]);
  const listed = await lsTree(request.before.repo, request.before.tree);
  if (!listed.ok) return listed;
  const known = new Set(listed.value.map((entry) => entry.path));
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  return ok(names.filter((name) => !known.has(name)).sort());
}

function whatLies(host: string, request: CodingRequest): string {
  for (const [place, what] of [
    [request.scratchDir, 'made for this start'],
    [request.workspace, 'made for this start'],
    [request.agent.dir, "the agent's folder"],
    [request.environment.dir, 'the environment'],
    ...Object.entries(request.tools).map(([name, dir]) => [dir, `the tool ${name}`] as const),
    ...(request.installed ?? []).map((mount) => [mount.host, 'the installed agent'] as const),
  ] as const) {
    if (host === place || host.startsWith(`${place}${path.sep}`)) return what;
  }
  return 'an interpreter';
}
