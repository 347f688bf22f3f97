import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Door } from '../gateway/door.ts';
import type { DoorPlace } from '../gateway/door-server.ts';
import type { Failure } from '../model/failure.ts';
import type { DoorWay } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { isDockerRuntime } from '../runtimes/docker.ts';
import { hostSide } from '../runtimes/engine-place.ts';
import type { Runtime } from '../runtimes/runtime.ts';

/** An open way: the gateway's door at its end, and what the sandbox needs to reach it. */
export interface OpenWay {
  readonly door: Door;
  /** Where the forwarder in the sandbox leads: a file of the door's folder, or `HOST:PORT`; or the port of this machine that needs none. */
  readonly to: { readonly file: string } | { readonly address: string } | { readonly port: number };
  /** The engine's network that the sandbox is in; null: it is in none. */
  readonly network: string | null;
  close(): Promise<void>;
}

/** What opens a way: `folder` is mounted into the sandbox and holds the forwarders, `open` makes the door at a place. */
export interface WayRequest {
  readonly runtime: Runtime;
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly open: (at: DoorPlace) => Promise<Result<Door, Failure>>;
}

/** Fails with words where this way is closed, and with the failure where no way would help. */
type Opened = Promise<Result<OpenWay, Failure | string>>;

const SOCKET = 'model';

export function openWay(way: DoorWay, request: WayRequest): Opened {
  if (way === 'network') return networkWay(request);
  return way === 'port' ? portWay(request) : socketWay(request);
}

async function socketWay(request: WayRequest): Opened {
  const opened = await atSocket(request);
  return opened.ok ? ok({ ...opened.value, to: { file: SOCKET }, network: null }) : opened;
}

/** Where commands are plain processes: a port of this machine's loopback before the socket. */
async function portWay(request: WayRequest): Opened {
  const opened = await atSocket(request);
  if (!opened.ok) return opened;
  const { door, socket, close } = opened.value;
  const bridge = await openBridge(socket);
  if (!bridge.ok) {
    await close();
    return bridge;
  }
  const { server, port } = bridge.value;
  return ok({
    door,
    to: { port },
    network: null,
    close: async () => {
      server.close();
      await close();
    },
  });
}

async function atSocket({
  folder,
  open,
}: WayRequest): Promise<Result<{ door: Door; socket: string; close: () => Promise<void> }, Failure>> {
  const place = shortPathOf(folder);
  const socket = path.posix.join(place.path, SOCKET);
  const door = await open({ socket });
  if (!door.ok) {
    place.close();
    return door;
  }
  const close = async (): Promise<void> => {
    await door.value.close();
    place.close();
  };
  return ok({ door: door.value, socket, close });
}

/**
 * A network that leads to the gateway alone. Its door is at a port for as long as the start lasts, at the narrowest address
 * that containers reach; who else reaches that has no token.
 */
async function networkWay({ runtime, folder, labels, open }: WayRequest): Opened {
  if (!isDockerRuntime(runtime)) return fail('there is no engine');
  const side = await hostSide(runtime.engine);
  if (!side.ok) return side;
  const door = await open({ host: side.value.listen });
  if (!door.ok)
    return door.failure.reason === 'gateway-address-unusable'
      ? fail(`this machine cannot be reached at ${door.failure.host} (${door.failure.detail})`)
      : door;
  const to = { host: side.value.reach, port: door.value.port ?? 0 };
  const program = readFileSync(path.join(folder, 'forward.py'), 'utf8');
  const relay = await runtime.relay({ program, to, labels });
  if (!relay.ok) {
    await door.value.close();
    return fail('detail' in relay.failure ? relay.failure.detail : relay.failure.reason);
  }
  const { network, address } = relay.value;
  const close = async (): Promise<void> => {
    await Promise.all([door.value.close(), relay.value.close()]);
  };
  return ok({ door: door.value, to: { address }, network, close });
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
