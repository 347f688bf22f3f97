import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Limits, Mount, RunExit, Runtime } from '../runtimes/runtime.ts';
import { closedDoor, missingCommand } from './agent-command.ts';
import type { Agent } from './agents.ts';
import type { DoorSession } from './model-door.ts';
import { agentLimits, diskLimit } from './attempt-outcome.ts';
import { watchDisk } from './disk-watch.ts';
import { cutMiddle } from './kept-output.ts';

/** One start of an agent's command in its sandbox, whatever its role. */
export interface SessionRequest {
  readonly agent: Agent;
  readonly role: 'coding-agent' | 'testing-agent';
  readonly runtime: Runtime;
  /** Image of the agent; null: the base image. */
  readonly image: string | null;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  /** Configured; the manifest may lower them. */
  readonly limits: Limits;
  /** Folders whose growth is watched. */
  readonly writable: readonly string[];
  /** Receives `agent.stdout` and `agent.stderr`. */
  readonly logDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** As `RunSpec.cleared`. */
  readonly cleared?: Promise<boolean>;
  readonly door: DoorSession;
}

/** How a start ended. */
export interface SessionEnd {
  readonly exit: RunExit;
  /** It was ended for filling its disk. */
  readonly filled: boolean;
  /** It was ended because it went on when its budget was spent. */
  readonly overspent: boolean;
  /** In force. */
  readonly limits: Limits;
  readonly disk: number;
  readonly stdout: string;
}

const STREAMS = ['agent.stdout', 'agent.stderr'] as const;

/**
 * Runs the command within its limits, without a network or in one that leads to its model alone. However it ended is a
 * result; a failure means that it could not be tried (infra), was cancelled, or that its command is not in the sandbox (config).
 */
export async function runSession(request: SessionRequest): Promise<Result<SessionEnd, Failure>> {
  const { agent, runtime, door } = request;
  const limits = agentLimits(request.limits, agent);
  const disk = diskLimit(agent);
  mkdirSync(request.logDir, { recursive: true });
  const [stdout, stderr] = STREAMS.map((name) => path.join(request.logDir, name)) as [string, string];
  const full = new AbortController();
  const endWatch = watchDisk(request.writable, disk, 2000, () => full.abort());
  const ran = await runtime.run({
    role: request.role,
    image: request.image,
    command: request.command,
    cwd: request.cwd,
    mounts: request.mounts,
    env: request.env,
    limits,
    network: door.network === undefined ? 'none' : { sealed: door.network },
    // what a script installs is somebody else's, whoever wrote the manifest
    foreign: agent.origin !== 'packaged' || agent.manifest.install !== undefined,
    stdout,
    stderr,
    labels: request.labels,
    signal: AbortSignal.any([request.signal, full.signal, ...(door.spent === undefined ? [] : [door.spent])]),
    ...(door.waits === undefined ? {} : { waits: door.waits }),
    ...(request.cleared === undefined ? {} : { cleared: request.cleared }),
  });
  endWatch();
  const filled = full.signal.aborted && !request.signal.aborted;
  const overspent = door.spent?.aborted === true && !filled && !request.signal.aborted;
  if (!ran.ok && !filled && !(overspent && ran.failure.class === 'cancelled')) return ran;
  const exit: RunExit = ran.ok ? ran.value : { code: null, ended: 'killed', seconds: 0, outputBytes: 0 };
  const closed = door.reached?.() === false ? closedDoor(exit.code, stderr) : undefined;
  if (closed !== undefined && door.way !== undefined) {
    const tried = [{ way: door.way, detail: closed }];
    return fail({ class: 'infra', reason: 'model-door-closed', name: agent.name, tried });
  }
  const missing = missingCommand(exit.code, stderr);
  if (missing !== undefined) {
    const file = path.join(agent.dir, 'agent.yaml');
    const image = request.image ?? `${runtime.kind}, ${runtime.base}`;
    const { name } = agent;
    return fail({ class: 'config', reason: 'agent-command-missing', name, file, command: missing, image });
  }
  return ok({ exit, filled, overspent, limits, disk, stdout });
}

/** Removes both streams. */
export function dropStreams(logDir: string): void {
  for (const name of STREAMS) rmSync(path.join(logDir, name), { force: true });
}

/** Copies both streams into `dir`, without the middle of long ones. */
export function keepStreams(logDir: string, dir: string): void {
  for (const name of STREAMS) {
    const log = path.join(logDir, name);
    if (!existsSync(log)) continue;
    cutMiddle(log);
    writeFileSync(path.join(dir, name), readFileSync(log));
  }
}
