import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { placeOfEngine, type EnginePlace } from './engine-place.ts';
import { frameReader } from './output-frames.ts';

export type ContainerSpec = Docker.ContainerCreateOptions;
/** A made thing of the engine's, with the labels that were put on it. */
export interface Labelled {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
/** A further command in a running container, as the API names things. */
export interface ExecSpec {
  readonly Cmd: string[];
  readonly Env: string[];
  readonly User: string;
  readonly WorkingDir: string;
}
/** What the engine says of a container that has ended. */
export interface ContainerEnd {
  readonly code: number;
  readonly oom: boolean;
  readonly running: boolean;
  readonly error: string;
}
export interface SealedNetwork {
  readonly id: string;
  /** Its addresses, as `172.18.0.0/16`. */
  readonly subnet: string;
}
type Answer<T> = Promise<Result<T, RuntimeFailure>>;

/** The few calls of a container engine's API that are used. The one file that knows dockerode, loaded when first needed. */
export interface Engine {
  readonly address: string;
  /** Engine that runs as an ordinary user; `null` on one that runs as root. */
  readonly rootless: 'docker' | 'podman' | null;
  /** Network of containers that need one: the engine's bridge; the host's own where the engine was set up without. */
  readonly network: 'bridge' | 'host';
  readonly place: EnginePlace;
  /** Addresses of that bridge, as `172.17.0.0/16`; null where there is none. */
  readonly bridgeSubnet: string | null;
  /** Id of an image; null when the engine has none of this name. */
  imageId(name: string): Answer<string | null>;
  pull(name: string): Answer<void>;
  create(spec: ContainerSpec): Answer<string>;
  /** Both streams as they come, in the engine's frames (see `output-frames.ts`). */
  /** Its output, which ends with it; of one that never starts it has to be destroyed. */
  attach(id: string): Answer<Readable>;
  start(id: string): Answer<void>;
  /** Resolves when the container has ended. */
  wait(id: string): Answer<void>;
  inspect(id: string): Answer<ContainerEnd>;
  /** Kills at once and removes, with its unnamed volumes; a container that is gone already is no failure. */
  remove(id: string): Answer<void>;
  /** Runs a further command in a running container; `onOutput` sees both streams together. */
  exec(id: string, spec: ExecSpec, onOutput: (bytes: Buffer) => void): Answer<number>;
  /** Makes an image of a container; `changes` are Dockerfile instructions that set configuration. */
  commit(id: string, repository: string, tag: string, changes: readonly string[]): Answer<string>;
  /** Tags of a repository's images, and when each was made (milliseconds since the epoch). */
  images(repository: string): Answer<readonly { readonly tag: string; readonly madeMs: number }[]>;
  /** False where a container uses it; true when it is gone. */
  removeImage(name: string): Answer<boolean>;
  /** All files of a container (made, not started) as a tar archive. */
  files(id: string): Answer<NodeJS.ReadableStream>;
  containers(label: string): Answer<readonly Labelled[]>;
  networks(label: string): Answer<readonly Labelled[]>;
  /** A bridge network of containers alone: it leads nowhere, and the engine's machine gets no address in it. */
  createNetwork(name: string, labels: Readonly<Record<string, string>>): Answer<SealedNetwork>;
  joinNetwork(network: string, container: string): Answer<void>;
  /** A network that is gone already is no failure. */
  removeNetwork(id: string): Answer<void>;
}

/** Connects to the engine at `address` (`unix://`, `tcp://`, `ssh://`, as in DOCKER_HOST) and asks who it is. */
export async function connectEngine(address: string): Answer<Engine> {
  const { default: Client } = await import('dockerode');
  const client = new Client(connection(address));
  const gate = async <T>(action: string, call: () => Promise<T>): Answer<T> => {
    try {
      return ok(await call());
    } catch (error) {
      return fail({ class: 'infra', reason: 'engine-failed', action, detail: detailOf(error) });
    }
  };
  const [info, bridges] = await Promise.all([
    gate('ask who it is', async () => (await client.info()) as Record<string, unknown>),
    gate('list networks', () => client.listNetworks({ filters: { driver: ['bridge'] } })),
  ]);
  if (!info.ok) {
    const detail = info.failure.reason === 'engine-failed' ? info.failure.detail : '';
    return fail({ class: 'infra', reason: 'engine-unreachable', socket: address, detail });
  }
  const bridge = bridges.ok ? bridges.value.find(({ Name }) => Name === 'bridge' || Name === 'podman') : null;
  return ok({
    address,
    network: bridge === undefined ? 'host' : 'bridge',
    place: placeOfEngine(address, {
      kernel: textOf(info.value['KernelVersion']),
      system: textOf(info.value['OperatingSystem']),
    }),
    bridgeSubnet: bridge?.IPAM?.Config?.[0]?.['Subnet'] ?? null,
    rootless: rootlessKind(info.value),
    imageId: (name) =>
      gate(`look for image ${name}`, async () => {
        try {
          return (await client.getImage(name).inspect()).Id;
        } catch (error) {
          if (statusOf(error) === 404) return null;
          throw error;
        }
      }),
    pull: (name) =>
      gate(`pull ${name}`, async () => {
        const stream: NodeJS.ReadableStream = await client.pull(name);
        await new Promise<void>((resolve, reject) => {
          client.modem.followProgress(stream, (error: Error | null) =>
            error === null ? resolve() : reject(error),
          );
        });
      }),
    create: (spec) => gate('create a container', async () => (await client.createContainer(spec)).id),
    attach: (id) =>
      gate('attach to a container', async () => {
        const stream = await client.getContainer(id).attach({ stream: true, stdout: true, stderr: true });
        return stream as unknown as Readable;
      }),
    start: (id) =>
      gate('start a container', async () => {
        await client.getContainer(id).start();
      }),
    wait: (id) =>
      gate('wait for a container', async () => {
        await client.getContainer(id).wait();
      }),
    inspect: (id) =>
      gate('look at a container', async () => {
        const { State } = await client.getContainer(id).inspect();
        return { code: State.ExitCode, oom: State.OOMKilled, running: State.Running, error: State.Error };
      }),
    remove: (id) =>
      gate('remove a container', async () => {
        try {
          await client.getContainer(id).remove({ force: true, v: true });
        } catch (error) {
          // 404: gone; 409: another call is removing it.
          if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
        }
      }),
    exec: (id, spec, onOutput) =>
      gate('run a command in a container', async () => {
        const exec = await client.getContainer(id).exec({ ...spec, AttachStdout: true, AttachStderr: true });
        const stream = await exec.start({ hijack: true, stdin: false });
        const read = frameReader((_name, bytes) => onOutput(bytes));
        stream.on('data', read);
        await finished(stream, { writable: false });
        const { ExitCode } = await exec.inspect();
        if (ExitCode === null) throw new Error('the command has no exit code');
        return ExitCode;
      }),
    commit: (id, repo, tag, changes) =>
      gate('make an image', async () => {
        const made = (await client.getContainer(id).commit({ repo, tag, changes: changes.join('\n') })) as {
          Id: string;
        };
        return made.Id;
      }),
    images: (repository) =>
      gate('list images', async () =>
        (await client.listImages({ filters: { reference: [repository] } })).flatMap(({ RepoTags, Created }) =>
          (RepoTags ?? []).map((name) => ({
            tag: name.slice(name.lastIndexOf(':') + 1),
            madeMs: Created * 1000,
          })),
        ),
      ),
    removeImage: (name) =>
      gate(`remove image ${name}`, async () => {
        try {
          await client.getImage(name).remove();
        } catch (error) {
          if (statusOf(error) === 409) return false;
          if (statusOf(error) !== 404) throw error;
        }
        return true;
      }),
    files: (id) => gate('read the files of an image', () => client.getContainer(id).export()),
    containers: (label) =>
      gate('list containers', async () =>
        (await client.listContainers({ all: true, filters: { label: [label] } })).map((found) => ({
          id: found.Id,
          name: (found.Names[0] ?? found.Id.slice(0, 12)).replace(/^\//, ''),
          labels: found.Labels,
        })),
      ),
    networks: (label) =>
      gate('list networks', async () =>
        (await client.listNetworks({ filters: { label: [label] } })).map((found) => ({
          id: found.Id,
          name: found.Name,
          labels: found.Labels ?? {},
        })),
      ),
    createNetwork: (name, labels) =>
      gate('make a network', async () => {
        const made = await client.createNetwork({
          Name: name,
          Driver: 'bridge',
          Internal: true,
          EnableIPv6: false,
          CheckDuplicate: true,
          Labels: labels,
          Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
        });
        const found = await made.inspect();
        return { id: made.id, subnet: found.IPAM?.Config?.[0]?.['Subnet'] ?? '' };
      }),
    joinNetwork: (network, container) =>
      gate('join a network', async () => {
        await client.getNetwork(network).connect({ Container: container });
      }),
    removeNetwork: (id) =>
      gate('remove a network', async () => {
        try {
          await client.getNetwork(id).remove();
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
        }
      }),
  });
}

function connection(address: string): Docker.DockerOptions | undefined {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  // Everything else is DOCKER_HOST as the user set it: the client reads it, with the variables for certificates.
  return undefined;
}

function rootlessKind(info: Record<string, unknown>): Engine['rootless'] {
  const options = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'].map(String) : [];
  if (!options.some((option) => option.includes('rootless'))) return null;
  // Podman names its own OCI runtime or builder where Docker names its init.
  return 'BuildahVersion' in info || /crun|podman/.test(JSON.stringify(info['Runtimes'] ?? {}))
    ? 'podman'
    : 'docker';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error
    ? Number(error.statusCode)
    : undefined;
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json = 'json' in error && typeof error.json === 'object' && error.json !== null ? error.json : {};
  return 'message' in json ? String(json.message) : error.message;
}
