import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HiddenKnowledge } from '../audit/answer.ts';
import type { MountBounds } from '../audit/request.ts';
import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { Sha } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { LabelledFile } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import type { LedgerSummary } from '../model/model-calls.ts';
import { ok, type Result } from '../model/result.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { exportTree } from '../workspace/git.ts';
import { diffTrees } from '../workspace/patch.ts';
import { agentStart } from './agent-command.ts';
import { keepStreams, type SessionEnd } from './agent-session.ts';
import { makeWorkspace } from './agent-workspace.ts';
import { shownFolder } from './agent-folder.ts';
import type { Agent } from './agents.ts';
import { agentLimits, lastWords, outcomeOf } from './attempt-outcome.ts';
import { keepOutput } from './kept-output.ts';
import { outcomeByLedger } from './ledger-outcome.ts';
import { type ModelAccess, type ModelDoor, withModelDoor } from './model-door.ts';
import { AT, mountTable } from './mounts.ts';
import { auditedSession } from './start-audit.ts';
import { tellEnvironment } from './told-environment.ts';
import { writeTestingInput } from './testing-input.ts';

/** What only the evaluation side may show an agent. */
export interface GroundTruth {
  readonly after: Sha;
  readonly labels: readonly LabelledFile[];
}

/** One session of a testing agent. Folders exist; `signal` cancels. */
export interface TestingRequest {
  /** Names the session in recordings. */
  readonly name: string;
  readonly agent: Agent;
  /** For agents that call a model. */
  readonly access: ModelAccess | null;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly runtime: Runtime;
  readonly image: string | null;
  readonly tools: Readonly<Record<string, string>>;
  /** As `AgentNeeds` has them. */
  readonly installed?: readonly Mount[];
  readonly before: { readonly repo: string; readonly tree: Sha };
  readonly environment: EnvironmentArtefact;
  readonly kind: 'swap' | 'upgrade';
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  /** Null: mode `helper`. Given: mode `eval`. */
  readonly groundTruth: GroundTruth | null;
  readonly limits: Limits;
  readonly variables: Readonly<Record<string, string>>;
  /** For the leak audit; in mode `eval` nothing is hidden. */
  readonly bounds: MountBounds;
  readonly hidden: HiddenKnowledge;
  readonly secrets: readonly string[];
  /** Receives `output/` (with `tests/` and `manifest.json`) and the streams. */
  readonly dir: string;
  readonly scratchDir: string;
  readonly logDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** How a session ended; each is a result. `files` are below `output/tests` of the request's `dir`. */
export interface TestingRecord {
  readonly outcome: 'tests' | 'empty' | 'crashed' | 'timeout';
  /** Why, in words; empty where it handed tests over and ended well. */
  readonly why: string;
  readonly files: readonly string[];
  readonly seconds: number;
  /** What the gateway saw of its calls of models; null where it makes none. */
  readonly ledger: LedgerSummary | null;
}

/**
 * Lets an agent write tests for the tree before. How it ended is a result, and so is having written nothing; whether
 * its tests are any good the gates decide.
 */
export function runTestingAgent(request: TestingRequest): Promise<Result<TestingRecord, Failure>> {
  return withModelDoor(request, (door) => sessionOnce(request, door));
}

async function sessionOnce(request: TestingRequest, door: ModelDoor): Promise<Result<TestingRecord, Failure>> {
  const { agent, runtime, before, groundTruth } = request;
  const folder = (name: string): string => path.join(request.scratchDir, name);
  const [workspace, input, output] = [folder('workspace'), folder('input'), folder('output')];
  mkdirSync(output, { recursive: true });
  const made = await makeWorkspace(before.repo, before.tree, workspace);
  if (!made.ok) return made;
  const shown = groundTruth === null ? null : await layGroundTruth(before, groundTruth, folder('truth'));
  if (shown?.ok === false) return shown;
  const told = tellEnvironment(request.environment, runtime);
  const mode = groundTruth === null ? 'helper' : 'eval';
  const mounts = mountTable({
    role: 'testing-agent',
    mode,
    workspace,
    input,
    output,
    agent: shownFolder(agent, folder('agent')),
    tools: request.tools,
    environment: told.mounts,
    door: door.folder,
    installed: request.installed ?? [],
    groundTruth: shown === null ? null : shown.value,
  });
  const at = (place: string): string => runtime.pathOf(mounts, place);
  writeTestingInput(input, {
    mode,
    kind: request.kind,
    source: request.source,
    target: request.target,
    environment: told.environment(at(AT.workspace)),
    environmentWhy: told.why,
    workspace: at(AT.workspace),
    output: at(AT.output),
    groundTruth: shown === null ? null : at(AT.groundTruth),
    budget: { wallSeconds: agentLimits(request.limits, agent).wallMs / 1000 },
    parameters: request.parameters,
  });
  const start = agentStart({ ...request, mounts, environment: told.variables, door });
  const session = await auditedSession(
    { ...request, workspace, mounts, start, granted: door.granted },
    {
      role: 'testing-agent',
      cwd: at(AT.workspace),
      writable: [workspace, output],
      door: door.session,
    },
  );
  const ledger = await door.close();
  if (!session.ok) return session;
  keepStreams(request.logDir, request.dir);
  const kept = keepOutput(output, path.join(request.dir, 'output'));
  for (const place of [workspace, output, folder('truth')]) removeTree(place);
  const files = kept.files.flatMap((name) => (name.startsWith('tests/') ? [name.slice('tests/'.length)] : []));
  if (ledger === null) return ok(recordOf(session.value, files, null));
  const words = lastWords(session.value.stdout);
  const decided = outcomeByLedger({
    agent: agent.name,
    model: request.access?.shown ?? '',
    ending: outcomeOf({ ...session.value, changed: files.length > 0, words }),
    ledger,
    words,
    log: request.logDir,
  });
  return decided.ok ? ok(recordOf(session.value, files, ledger)) : decided;
} // prettier-ignore

function recordOf(
  session: SessionEnd,
  files: readonly string[],
  ledger: LedgerSummary | null,
): TestingRecord {
  const end = outcomeOf({ ...session, changed: true, words: '' });
  const { seconds } = session.exit;
  if (end.outcome !== 'patch') {
    // what an ended agent had written by then depends on the machine's speed
    return {
      outcome: end.outcome === 'timeout' ? 'timeout' : 'crashed',
      why: end.why,
      files: [],
      seconds,
      ledger,
    };
  }
  if (files.some((name) => name.endsWith('.py')))
    return { outcome: 'tests', why: '', files, seconds, ledger };
  const words = lastWords(session.stdout);
  const why = `it handed no tests over${words === '' ? '' : `; its last words: ${words}`}`;
  return { outcome: 'empty', why, files, seconds, ledger };
}

/** Both trees, the developers' patch between them, and the labels, in one folder. */
async function layGroundTruth(
  before: TestingRequest['before'],
  { after, labels }: GroundTruth,
  dir: string,
): Promise<Result<string, Failure>> {
  mkdirSync(dir, { recursive: true });
  for (const [name, tree] of [
    ['before', before.tree],
    ['after', after],
  ] as const) {
    const exported = await exportTree(before.repo, tree, path.join(dir, name));
    if (!exported.ok) return exported;
    mkdirSync(path.join(dir, name), { recursive: true });
  }
  const patch = await diffTrees(before.repo, before.tree, after);
  if (!patch.ok) return patch;
  writeFileSync(path.join(dir, 'patch.diff'), patch.value.patch);
  writeFileSync(path.join(dir, 'labels.json'), `${JSON.stringify({ schema: 1, files: labels }, null, 1)}\n`);
  return ok(dir);
}
