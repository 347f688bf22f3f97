import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf, type HiddenKnowledge } from '../audit/answer.ts';
import { auditStart } from '../audit/audit-start.ts';
import { Remembered } from '../audit/remembered.ts';
import type { AuditReport, Finding, MountBounds, PlaceKind, StartText } from '../audit/request.ts';
import type { Failure } from '../model/failure.ts';
import type { Sha } from '../model/ids.ts';
import type { Library } from '../model/library.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';
import type { Agent } from './agents.ts';
import { dropStreams, runSession, type SessionEnd, type SessionRequest } from './agent-session.ts';
import { imageView } from './image-files.ts';
import { placesOf } from './mounts.ts';

/** A start that is ready but for this. */
export interface ReadyStart {
  readonly agent: Agent;
  readonly runtime: Runtime;
  readonly image: string | null;
  readonly before: { readonly repo: string; readonly tree: Sha };
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  readonly workspace: string;
  readonly mounts: readonly Mount[];
  readonly start: Pick<SessionRequest, 'command' | 'env'>;
  /** The host's variables that it is given. */
  readonly variables: Readonly<Record<string, string>>;
  readonly bounds: MountBounds;
  readonly hidden: HiddenKnowledge;
  readonly secrets: readonly string[];
  /** Mounts besides those of `mountTable`, by path of the sandbox: a door to the gateway is a `socket`. */
  readonly furtherPlaces?: Readonly<Record<string, PlaceKind>>;
  /** Key-like values that it is meant to have. */
  readonly granted?: readonly string[];
  /** Receives `audit.json` where nothing was found; `logDir` in any case. */
  readonly dir: string;
  readonly logDir: string;
}

export const AUDIT_FILE = 'audit.json';

const memories = new Map<string, Remembered>();

/** One memory a data folder and process. */
function memoryOf(dataDir: string): Remembered {
  const known = memories.get(dataDir) ?? new Remembered(path.join(dataDir, 'cache', 'audits'));
  memories.set(dataDir, known);
  return known;
}

/** The leak audit of one start. Fails `agent-leak` where anything was found: then nothing may be started. */
export async function auditAgentStart(ready: ReadyStart): Promise<Result<AuditReport, Failure>> {
  const { agent, variables } = ready;
  const answer = await answerOf(ready.before.repo, ready.before.tree, ready.hidden);
  if (!answer.ok) return answer;
  const audited = await auditStart({
    workspace: ready.workspace,
    places: placesOf(ready.mounts, ready.furtherPlaces),
    texts: textsOf(ready),
    variables: { given: Object.keys(variables), allowed: agent.manifest.environment },
    answer: answer.value,
    remembered: memoryOf(ready.bounds.dataDir),
    image: imageView(ready.runtime, ready.image),
    bounds: ready.bounds,
    secrets: ready.secrets,
    granted: ready.granted ?? [],
  });
  if (!audited.ok) return audited;
  const report = audited.value;
  const text = `${JSON.stringify(report, null, 1)}\n`;
  mkdirSync(ready.logDir, { recursive: true });
  writeFileSync(path.join(ready.logDir, AUDIT_FILE), text);
  if (report.findings.length === 0) {
    writeFileSync(path.join(ready.dir, AUDIT_FILE), text);
    return ok(report);
  }
  const names = (libraries: readonly Library[]): string => libraries.map(({ name }) => name).join(', ');
  return fail({
    class: report.findings.every(({ side }) => side === 'agent') ? 'config' : 'bug',
    reason: 'agent-leak',
    name: agent.name,
    pair: `${names(ready.source)} -> ${names(ready.target)}`,
    findings: report.findings.map(inWords),
  });
}

/** Makes the sandbox while the start is audited, and begins where nothing was found; `onClean` is told then. */
export async function auditedSession(
  ready: ReadyStart & Pick<SessionRequest, 'limits' | 'labels' | 'signal'>,
  session: Pick<SessionRequest, 'role' | 'cwd' | 'writable' | 'door'>,
  onClean: () => void = () => undefined,
): Promise<Result<SessionEnd, Failure>> {
  const audit = auditAgentStart(ready);
  const cleared = audit.then(
    ({ ok: clean }) => {
      if (clean) onClean();
      return clean;
    },
    () => false,
  );
  const [clean, ended] = await Promise.all([
    audit,
    runSession({ ...ready, ...ready.start, ...session, cleared }),
  ]);
  if (clean.ok) return ended;
  // they were opened for an agent that has not begun
  dropStreams(ready.logDir);
  return clean;
}

function textsOf({ agent, start, variables }: ReadyStart): StartText[] {
  const own = new Set(agent.manifest.command);
  return [
    ...start.command.map((text, at): StartText => ({ what: `argument ${at}`, text, side: own.has(text) ? 'agent' : 'ours' })),
    ...Object.entries(start.env).map(([name, text]): StartText => ({ what: `variable ${name}`, text, side: name in variables ? 'agent' : 'ours' })),
  ];
} // prettier-ignore

function inWords({ place, path: below, what, rule }: Finding): string {
  return `${place}${below === '' ? '' : `${place.startsWith('/') ? '/' : ': '}${below}`}: ${what} (${rule})`;
}
