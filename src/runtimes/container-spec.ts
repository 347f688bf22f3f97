import { randomBytes } from 'node:crypto';
import { hostNetwork, SYSTEM_BUNDLE, type HostNetwork } from './host-network.ts';
import type { ContainerSpec, Engine } from './engine.ts';
import { thisOwner } from './owner.ts';
import { sandboxUser } from './ownership.ts';
import type { Mount, NetworkPolicy, RunSpec } from './runtime.ts';

/** Every label that we put on an object of the engine's starts so. */
export const LABEL = 'mig-pipeline.';
export const HOME = '/home/agent';
const MIB = 1 << 20;

/**
 * Name and labels of an object made by this process: `owner-*` tell later whether its maker is dead. The name is a
 * label too, since images made of a container hand its labels on to containers that are not ours.
 */
export function identity(
  role: string,
  labels: Readonly<Record<string, string>>,
): { readonly name: string; readonly Labels: Record<string, string> } {
  const name = `mig-pipeline-${role.replaceAll(/[^a-z0-9-]+/g, '-')}-${randomBytes(5).toString('hex')}`;
  const owner = Object.entries(thisOwner()).map(([key, value]) => [`${LABEL}owner-${key}`, String(value)]);
  const given = Object.entries(labels).map(([key, value]) => [LABEL + key, value]);
  const entries = [[`${LABEL}name`, name], [`${LABEL}role`, role], ...owner, ...given];
  return { name, Labels: Object.fromEntries(entries) as Record<string, string> };
}

/** Bytes of the writable `/tmp`, which count as memory: a fourth of the limit, at least 64 MiB. */
export function tmpBytes(memoryBytes: number): number {
  return Math.max(64 * MIB, Math.floor(memoryBytes / 4));
}

/**
 * The container of one run. Everything that is not granted here is refused: no capability, no new privilege, nothing
 * writable but `/tmp`, `HOME` and the `rw` mounts, no network unless asked.
 */
export function containerSpec(
  spec: Omit<RunSpec, 'stdout' | 'stderr' | 'foreign'>,
  image: string,
  engine: Pick<Engine, 'rootless' | 'network'>,
): ContainerSpec {
  const { rootless } = engine;
  const { limits } = spec;
  const network: HostNetwork =
    spec.network === 'registries' ? hostNetwork(SYSTEM_BUNDLE) : { mounts: [], env: {} };
  const env = { HOME, TMPDIR: '/tmp', LANG: 'C.UTF-8', ...network.env, ...spec.env };
  const user = sandboxUser();
  const tmp = tmpBytes(limits.memoryBytes);
  // Where the engine itself runs as an ordinary user, its root is that user and nobody more.
  const [uid, gid] = rootless === 'docker' ? [0, 0] : [user.uid, user.gid];
  // Where an image has the folder already, its mode there wins over ours: so the owner is named too.
  const options = `rw,exec,nosuid,nodev,mode=1777,uid=${uid},gid=${gid}`;
  return {
    Image: image,
    Cmd: [...spec.command],
    Entrypoint: [],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.cwd,
    User: `${uid}:${gid}`,
    // A container in the host's network cannot have a name of its own.
    ...(spec.network !== 'registries' || engine.network === 'bridge' ? { Hostname: 'sandbox' } : {}),
    OpenStdin: false,
    AttachStdin: false,
    Tty: false,
    ...identity(spec.role, spec.labels),
    HostConfig: {
      Mounts: [
        ...network.mounts.filter(({ at }) => !spec.mounts.some((own) => own.at === at)),
        ...spec.mounts,
      ].map(bind),
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      // The engine's own init is one process more.
      PidsLimit: limits.pids + 1,
      ...networkOf(spec.network, engine),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': `${options},size=${tmp}`, [HOME]: `${options},size=${Math.ceil(tmp / 2)}` },
      Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
      // What is written goes to our files: the engine keeps no second copy.
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      ...(rootless === 'podman' ? { UsernsMode: 'keep-id' } : {}),
    },
  };
}

function networkOf(policy: NetworkPolicy, engine: Pick<Engine, 'network'>): ContainerSpec['HostConfig'] {
  // Not `NetworkDisabled`: with it the engine leaves /etc/hosts empty, and `localhost` is unknown.
  if (policy === 'none') return { NetworkMode: 'none', ExtraHosts: ['sandbox:127.0.0.1'] };
  if (policy === 'registries') return { NetworkMode: engine.network };
  // Before 26 the engine asks outside names of the host's own servers for every network (CVE-2024-29018): it gets one that
  // nobody is at, and programs do not wait long for it.
  return { NetworkMode: policy.sealed, Dns: ['127.0.0.1'], DnsOptions: ['timeout:1', 'attempts:1'] };
}

function bind(mount: Mount): { Type: 'bind'; Source: string; Target: string; ReadOnly: boolean } {
  return { Type: 'bind', Source: mount.host, Target: mount.at, ReadOnly: mount.mode === 'ro' };
}
