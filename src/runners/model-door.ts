import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { DoorChoice, DoorWay, LedgerSummary, WireForm } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Meter } from '../gateway/meter.ts';
import { isDockerRuntime } from '../runtimes/docker.ts';
import type { Engine } from '../runtimes/engine.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { waysOf } from './door-ways.ts';
import { AT } from './mounts.ts';
import { openWay } from './open-way.ts';

/** What an agent that calls a model is given: who answers, as what, and within which ceilings. */
export interface ModelAccess {
  readonly gateway: Gateway;
  /** As the agent is told of it: the name at the provider. */
  readonly model: string;
  /** `provider/model`, for people. */
  readonly shown: string;
  readonly form: WireForm;
  /** How its sandbox reaches the gateway where an engine holds it. */
  readonly door: DoorChoice;
  /** Ceilings of this start, and those that it shares. */
  readonly meters: readonly Meter[];
}

/** The way of one start to its model, if it has one. */
export interface ModelDoor {
  /** Host folder to be mounted at `AT.door`; null where there is no way. */
  readonly folder: string | null;
  /** Name of the model, as the agent is told of it. */
  readonly model: string | null;
  /** Variables of the start; the token is worth nothing outside of it. */
  variables(runtime: Runtime, mounts: readonly Mount[]): Readonly<Record<string, string>>;
  /** Key-like values that the start is meant to have. */
  readonly granted: readonly string[];
  /** What its session must know. */
  readonly session: DoorSession;
  /** Ends it: calls that are under way are cut, everything that was seen is on disk. */
  close(): Promise<LedgerSummary | null>;
  /** What of the exchanges could not be written; null: nothing. Known after `close`. */
  problem(): string | null;
}

/** What a session must know of its door; empty where there is none. */
export interface DoorSession {
  readonly way?: DoorWay;
  /** The engine's network that the sandbox is in. */
  readonly network?: string;
  /** Whether anybody came through from the sandbox: the forwarder does before the agent's command begins. */
  readonly reached?: () => boolean;
  /** Whether a call is being answered. */
  readonly waits?: () => boolean;
  /** It goes on with a spent budget. */
  readonly spent?: AbortSignal;
}

/** What an agent that was told that its budget is spent may still take to end by itself. */
const SPENT_GRACE_MS = 30_000;
const NO_DOOR: ModelDoor = {
  folder: null,
  model: null,
  variables: () => ({}),
  granted: [],
  session: {},
  close: () => Promise.resolve(null),
  problem: () => null,
};

/** What of a start its door needs. */
export interface DoorRequest {
  readonly access: ModelAccess | null;
  readonly agent: { readonly name: string };
  readonly runtime: Runtime;
  /** Names the start in recordings. */
  readonly name: string;
  /** Receives the door's folder; emptied where a start is made anew. */
  readonly scratchDir: string;
  /** Receives the exchanges. */
  readonly dir: string;
  /** Keeps the exchanges of a start that failed. */
  readonly logDir: string;
  /** Of what is made at an engine for it. */
  readonly labels: Readonly<Record<string, string>>;
}

const exchangesOf = ({ dir }: DoorRequest): string => path.join(dir, 'exchanges');

/** Engines whose sandboxes were found not to reach a mounted socket. */
const socketless = new WeakSet<Engine>();

/** The ways that a start in this runtime tries, in their order. */
export function doorWays(choice: DoorChoice, runtime: Runtime): readonly DoorWay[] {
  const engine = isDockerRuntime(runtime) ? runtime.engine : null;
  const known = engine === null ? null : { place: engine.place, socketless: socketless.has(engine) };
  return waysOf(choice, runtime.isolation, known);
}

/**
 * Lets an agent be started with its way to a model, and closes that whatever happens. Where a way turns out to be closed before
 * the agent has begun, all that was made for the start is made anew with the next one.
 */
export async function withModelDoor<T>(
  request: DoorRequest,
  start: (door: ModelDoor) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const { access, runtime, agent } = request;
  if (access === null) return await start(NO_DOOR);
  const tried: { readonly way: DoorWay; readonly detail: string }[] = [];
  for (const way of doorWays(access.door, runtime)) {
    if (tried.length > 0) emptyFolder(request.scratchDir);
    const done = await throughDoor({ ...request, access }, way, start);
    if (done.ok || done.failure.reason !== 'model-door-closed') {
      if (isDockerRuntime(runtime) && tried.some((one) => one.way === 'socket'))
        socketless.add(runtime.engine);
      return done;
    }
    tried.push(...done.failure.tried);
  }
  return fail({ class: 'infra', reason: 'model-door-closed', name: agent.name, tried });
}

function emptyFolder(dir: string): void {
  if (existsSync(dir)) for (const name of readdirSync(dir)) removeTree(path.join(dir, name));
}

/** One start over one way. */
async function throughDoor<T>(
  request: DoorRequest & { readonly access: ModelAccess },
  way: DoorWay,
  start: (door: ModelDoor) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const overdue = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const door = await openModelDoor(request, way, overdue.signal, () => {
    grace ??= setTimeout(() => overdue.abort(), SPENT_GRACE_MS);
  });
  if (!door.ok) return door;
  try {
    const done = await start(door.value);
    await door.value.close();
    const folder = exchangesOf(request);
    const detail = door.value.problem();
    if (done.ok && detail === null) return done;
    if (existsSync(folder)) cpSync(folder, path.join(request.logDir, 'exchanges'), { recursive: true });
    // what was counted and cannot be shown is no result
    return !done.ok || detail === null
      ? done
      : fail({ class: 'infra', reason: 'gateway-folder-unusable', folder, detail });
  } finally {
    clearTimeout(grace);
    await door.value.close();
  }
}

/** Of the sandbox's own loopback, where nothing else listens. */
const PORT = 4100;

/**
 * Opens the door of one start, with the programs that offer it as a port of the sandbox's loopback. Where commands are
 * plain processes the port is one of this machine's.
 */
async function openModelDoor(
  request: DoorRequest & { readonly access: ModelAccess },
  way: DoorWay,
  spent: AbortSignal,
  onBudget: () => void,
): Promise<Result<ModelDoor, Failure>> {
  const { access } = request;
  const folder = path.join(request.scratchDir, 'door');
  mkdirSync(folder, { recursive: true });
  for (const program of ['forward.py', 'forward.cjs'])
    copyFileSync(path.join(packageRoot(), 'src', 'runners', 'door', program), path.join(folder, program));
  const opened = await openWay(way, {
    runtime: request.runtime,
    folder,
    labels: request.labels,
    open: (at) =>
      access.gateway.open({
        name: request.name,
        at,
        exchangesDir: exchangesOf(request),
        meters: access.meters,
        onBudget,
      }),
  });
  if (!opened.ok) {
    if (typeof opened.failure !== 'string') return fail(opened.failure);
    const tried = [{ way, detail: opened.failure }];
    return fail({ class: 'infra', reason: 'model-door-closed', name: request.agent.name, tried });
  }
  const { door, to, network } = opened.value;
  // the relay has looked whether anybody is there
  const before = door.connections();
  return ok({
    folder,
    model: access.model,
    variables: (runtime, mounts) => {
      const common = { GATEWAY_TOKEN: door.token, MODEL_FORM: access.form };
      if ('port' in to) return { GATEWAY_URL: `http://127.0.0.1:${to.port}`, ...common };
      const at = runtime.pathOf(mounts, AT.door);
      return {
        GATEWAY_URL: `http://127.0.0.1:${PORT}`,
        ...common,
        MIG_DOOR: at,
        MIG_DOOR_TO: 'file' in to ? path.posix.join(at, to.file) : to.address,
        MIG_PORT: String(PORT),
      };
    },
    granted: [door.token],
    session: {
      way,
      ...(network === null ? {} : { network }),
      reached: () => door.connections() > before,
      waits: () => door.inFlight() > 0,
      spent,
    },
    close: async () => {
      await opened.value.close();
      return await door.close();
    },
    problem: () => door.problem(),
  });
}
