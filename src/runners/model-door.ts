import { closeSync, constants, copyFileSync, cpSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { LedgerSummary, WireForm } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Meter } from '../gateway/meter.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { AT } from './mounts.ts';

/** What an agent that calls a model is given: who answers, as what, and within which ceilings. */
export interface ModelAccess {
  readonly gateway: Gateway;
  /** As the agent is told of it: the name at the provider. */
  readonly model: string;
  /** `provider/model`, for people. */
  readonly shown: string;
  readonly form: WireForm;
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
  /** What its session must know: whether a call is being answered, and when it goes on with a spent budget. */
  readonly session: { readonly waits?: () => boolean; readonly spent?: AbortSignal };
  /** Ends it: calls that are under way are cut, everything that was seen is on disk. */
  close(): Promise<LedgerSummary | null>;
  /** What of the exchanges could not be written; null: nothing. Known after `close`. */
  problem(): string | null;
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
  /** Receives the socket's folder. */
  readonly scratchDir: string;
  /** Receives the exchanges. */
  readonly dir: string;
  /** Keeps the exchanges of a start that failed. */
  readonly logDir: string;
}

const exchangesOf = ({ dir }: DoorRequest): string => path.join(dir, 'exchanges');

/** Lets an agent be started with its way to a model, and closes that whatever happens. */
export async function withModelDoor<T>(
  request: DoorRequest,
  start: (door: ModelDoor) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  if (request.access === null) return await start(NO_DOOR);
  const overdue = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const door = await openModelDoor({ ...request, access: request.access }, overdue.signal, () => {
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
 * Opens the door of one start: a socket in a folder of its own, with the programs that offer it as a port of the
 * sandbox's loopback. Where commands are plain processes the port is one of this machine's.
 */
async function openModelDoor(
  request: DoorRequest & { readonly access: ModelAccess },
  spent: AbortSignal,
  onBudget: () => void,
): Promise<Result<ModelDoor, Failure>> {
  const { access } = request;
  const folder = path.join(request.scratchDir, 'door');
  mkdirSync(folder, { recursive: true });
  for (const program of ['forward.py', 'forward.cjs'])
    copyFileSync(path.join(packageRoot(), 'src', 'runners', 'door', program), path.join(folder, program));
  const place = shortPathOf(folder);
  const socket = path.posix.join(place.path, 'model');
  const door = await access.gateway.open({
    name: request.name,
    socket,
    exchangesDir: exchangesOf(request),
    meters: access.meters,
    onBudget,
  });
  if (!door.ok) {
    place.close();
    return door;
  }
  let bridge: Bridge | null = null;
  if (request.runtime.isolation === 'process') {
    const opened = await openBridge(socket);
    if (!opened.ok) {
      await door.value.close();
      place.close();
      return fail({
        class: 'infra',
        reason: 'model-door-closed',
        name: request.agent.name,
        detail: opened.failure,
      });
    }
    bridge = opened.value;
  }
  return ok({
    folder,
    model: access.model,
    variables: (runtime, mounts) => ({
      GATEWAY_URL: `http://127.0.0.1:${bridge?.port ?? PORT}`,
      GATEWAY_TOKEN: door.value.token,
      MODEL_FORM: access.form,
      ...(bridge === null ? { MIG_DOOR: runtime.pathOf(mounts, AT.door), MIG_PORT: String(PORT) } : {}),
    }),
    granted: [door.value.token],
    session: { waits: () => door.value.inFlight() > 0, spent },
    close: async () => {
      bridge?.server.close();
      const ledger = await door.value.close();
      place.close();
      return ledger;
    },
    problem: () => door.value.problem(),
  });
}

/** A path of a folder that leaves room for a socket's name: the system takes 107 bytes, and data folders lie deep. */
function shortPathOf(folder: string): { readonly path: string; close(): void } {
  if (process.platform !== 'linux') return { path: folder, close: () => undefined };
  let descriptor: number | null = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    path: `/proc/self/fd/${descriptor}`,
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}

interface Bridge {
  readonly server: Server;
  readonly port: number;
}

function openBridge(socket: string): Promise<Result<Bridge, string>> {
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (client) => {
      const door = connect(socket);
      for (const [from, to] of [[client, door], [door, client]] as const) {
        from.pipe(to);
        from.on('error', () => to.destroy());
      }
    }); // prettier-ignore
    server.once('error', (error) => resolve(fail(error.message)));
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      resolve(ok({ server, port: typeof address === 'object' && address !== null ? address.port : 0 }));
    });
  });
}
