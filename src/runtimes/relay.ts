import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { containerSpec, identity } from './container-spec.ts';
import type { ContainerSpec, Engine } from './engine.ts';
import { firstHost, HOST_NAME } from './engine-place.ts';
import { frameReader } from './output-frames.ts';

/** A way for one sandbox to one port, where nothing of this machine can be mounted into it. */
export interface RelayRequest {
  /**
   * Text of a Python program. Given `HOST:PORT` to pass bytes on to, a port, and the address that the engine's machine would
   * have in the sandbox's network, it writes the address at which it listens there as a line.
   */
  readonly program: string;
  readonly to: { readonly host: string; readonly port: number };
  readonly labels: Readonly<Record<string, string>>;
}

/** A network of one sandbox, and the container that is its only other member. */
export interface Relay {
  /** For `NetworkPolicy.sealed`. */
  readonly network: string;
  /** `HOST:PORT` in that network. */
  readonly address: string;
  /** Removes both; what cannot be removed is left to whoever clears up after this process. */
  close(): Promise<void>;
}

const PORT = 4100;
/** For an engine that starts a container slowly; the program itself waits five seconds for an answer. */
const PATIENCE_MS = 30_000;
const LIMITS = { memoryBytes: 256 << 20, cpus: 1, pids: 512, wallMs: 0, idleMs: null, outputBytes: 0 };

/**
 * Makes a network of its own that leads nowhere and the relay in it, which is also on the engine's bridge and passes
 * bytes on to one port. Fails, and leaves nothing, where the relay does not reach that, or where the engine gives its
 * own machine an address in the network.
 */
export async function openRelay(
  engine: Engine,
  image: string,
  request: RelayRequest,
): Promise<Result<Relay, RuntimeFailure>> {
  const { name, Labels } = identity('model-network', request.labels);
  const network = await engine.createNetwork(name, Labels);
  if (!network.ok) return network;
  let container: string | null = null;
  const close = async (): Promise<void> => {
    if (container !== null) await engine.remove(container);
    await engine.removeNetwork(network.value.id);
  };
  const listen = async (): Promise<Result<string, RuntimeFailure>> => {
    const created = await engine.create(relaySpec(engine, image, request, firstHost(network.value.subnet)));
    if (!created.ok) return created;
    container = created.value;
    const joined = await engine.joinNetwork(network.value.id, container);
    return joined.ok ? await firstLine(engine, container) : joined;
  };
  const listening = await listen();
  if (!listening.ok) {
    await close();
    return listening;
  }
  return ok({ network: name, address: `${listening.value}:${PORT}`, close });
}

/** Confined like every other container of ours; it alone is on a network that leads to this machine. */
function relaySpec(engine: Engine, image: string, request: RelayRequest, machine: string): ContainerSpec {
  const { host, port } = request.to;
  const words = ['-I', '-S', '-c', request.program, `${host}:${port}`, String(PORT), machine];
  const spec = containerSpec(
    {
      ...{ role: 'model-relay', image: null, cwd: '/', mounts: [], env: {}, limits: LIMITS, network: 'none' },
      command: ['python3', ...words],
      labels: request.labels,
    },
    image,
    engine,
  );
  return {
    ...spec,
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: engine.network,
      ExtraHosts: host === HOST_NAME ? [`${HOST_NAME}:host-gateway`] : [],
      // it passes on bytes of connections, never packets
      Sysctls: { 'net.ipv4.ip_forward': '0' },
    },
  };
}

/** Starts it; what it writes first, or why it wrote nothing. */
async function firstLine(engine: Engine, id: string): Promise<Result<string, RuntimeFailure>> {
  const stream = await engine.attach(id);
  if (!stream.ok) return stream;
  const text = { stdout: '', stderr: '' };
  let timer: NodeJS.Timeout | undefined;
  const said = new Promise<string | null>((resolve) => {
    const read = frameReader((name, bytes) => {
      text[name] = (text[name] + bytes.toString()).slice(0, 2000);
      if (text.stdout.includes('\n')) resolve(text.stdout.split('\n')[0] ?? '');
    });
    stream.value.on('data', read);
    for (const event of ['end', 'close', 'error']) stream.value.on(event, () => resolve(null));
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  const started = await engine.start(id);
  const line = started.ok ? await said : null;
  clearTimeout(timer);
  if (!started.ok) {
    stream.value.destroy();
    return started;
  }
  if (line !== null) return ok(line);
  const detail = text.stderr.trim() || `it did not begin within ${PATIENCE_MS / 1000} s`;
  return fail({ class: 'infra', reason: 'engine-failed', action: 'relay connections', detail });
}
