import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { makeCgroup } from './cgroup.ts';
import { HOME, tmpBytes } from './container-spec.ts';
import { hostNetwork, type HostNetwork } from './host-network.ts';
import { followCommand, makeRunFolder, type Control } from './local-run.ts';
import { AGENT_UID, giveToSandbox } from './ownership.ts';
import type { Mount, RunExit, RunSpec } from './runtime.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';
const BUNDLE = '/run/host-certificates.crt';
/** What programs of the system read below `/etc`; the rest of the host's settings stays outside. */
const ETC = [
  'alternatives', 'ca-certificates', 'ca-certificates.conf', 'crypto-policies', 'debian_version', 'fonts', 'host.conf',
  'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'magic', 'mime.types', 'nsswitch.conf', 'os-release', 'pki',
  'protocols', 'services', 'ssl', 'timezone',
]; // prettier-ignore
const isRoot = (): boolean => process.getuid?.() === 0;

let works: boolean | undefined;

/** Whether bubblewrap is installed and may make namespaces here. Tried once. */
export function bubblewrapWorks(): boolean {
  if (works !== undefined) return works;
  try {
    const user = isRoot() ? [] : ['--unshare-user'];
    const command = [
      ...namespaces('none'),
      ...user,
      ...system(),
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      ...dropUser(null),
      'true',
    ];
    execFileSync('bwrap', command, { stdio: 'ignore', timeout: 10_000 });
    works = true;
  } catch {
    works = false;
  }
  return works;
}

/** Runs one command in namespaces of its own over the host's own system, read-only. */
export async function runBubblewrap(spec: RunSpec): Promise<Result<RunExit, RuntimeFailure>> {
  if (spec.signal?.aborted === true) return fail({ class: 'cancelled', reason: 'run-cancelled' });
  await giveToSandbox(spec.mounts);
  const folder = makeRunFolder();
  const cgroup = makeCgroup({ ...spec.limits, pids: spec.limits.pids + 2 });
  try {
    const network: HostNetwork =
      spec.network === 'registries' ? hostNetwork(BUNDLE) : { mounts: [], env: {} };
    const env = { HOME, TMPDIR: '/tmp', LANG: 'C.UTF-8', PATH, ...network.env, ...spec.env };
    const command: [string, ...string[]] = [
      'bwrap',
      '--json-status-fd',
      '3',
      ...namespaces(spec.network),
      ...(isRoot() ? [] : ['--unshare-user', '--uid', String(AGENT_UID), '--gid', String(AGENT_UID)]),
      ...system(),
      ...settings(folder, spec),
      ...places(spec.limits.memoryBytes),
      ...binds([...network.mounts, ...spec.mounts]),
      ...(inside(spec.cwd, spec.mounts) ? [] : [...parents(spec.cwd), '--dir', spec.cwd]),
      '--remount-ro',
      '/',
      '--clearenv',
      ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
      '--chdir',
      spec.cwd,
      ...dropUser(cgroup === null ? spec.limits : null),
      ...spec.command,
    ];
    return await followCommand(spec, { command, env: { PATH }, cwd: '/', folder }, cgroup, {
      ...control,
      kill: (child) => {
        control.kill(child);
        cgroup?.kill();
      },
    });
  } finally {
    await cgroup?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const control: Control = {
  // The first process of the namespace dies with its parent, and everybody in the namespace with it.
  kill: (child) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
  },
  codeOf: (exit, status) => {
    const code = /"exit-code"\s*:\s*(\d+)/.exec(status)?.[1];
    if (code !== undefined) return ok(Number(code));
    const detail = `bubblewrap ended with ${exit.code ?? exit.signal ?? 'nothing'} before the command was started`;
    return fail({ class: 'infra', reason: 'engine-failed', action: 'make a sandbox', detail });
  },
};

function namespaces(network: RunSpec['network']): string[] {
  const kinds = [
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--hostname',
    'sandbox',
  ];
  const net = network === 'registries' ? [] : ['--unshare-net'];
  return [...kinds, ...net, '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
}

/** The host's programs and libraries, and nothing else of its root. */
function system(): string[] {
  const args = ['--ro-bind', '/usr', '/usr'];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const at = `/${name}`;
    const entry = lstatSync(at, { throwIfNoEntry: false });
    if (entry?.isSymbolicLink() === true) args.push('--symlink', readlinkSync(at), at);
    else if (entry !== undefined) args.push('--ro-bind', at, at);
  }
  if (existsSync('/nix/store')) args.push('--ro-bind', '/nix/store', '/nix/store');
  args.push(...parents('/etc/x'));
  for (const name of ETC) {
    const at = path.join('/etc', name);
    if (existsSync(at)) args.push('--ro-bind', realpathSync(at), at);
  }
  return args;
}

/** Our own small files below `/etc`: who the user is, and names of the network. */
function settings(folder: string, spec: RunSpec): string[] {
  const files: Record<string, string> = {
    passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\nagent:x:${AGENT_UID}:${AGENT_UID}:agent:${HOME}:/bin/sh\n`,
    group: `root:x:0:\nagent:x:${AGENT_UID}:\n`,
    hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  };
  const args = Object.entries(files).flatMap(([name, text]) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o644 });
    return ['--ro-bind', file, `/etc/${name}`];
  });
  const names = '/etc/resolv.conf';
  return spec.network === 'registries' && existsSync(names)
    ? [...args, '--ro-bind', realpathSync(names), names]
    : args;
}

function places(memoryBytes: number): string[] {
  const tmp = tmpBytes(memoryBytes);
  const tmpfs = (at: string, size: number): string[] => [
    '--perms',
    '1777',
    '--size',
    String(size),
    '--tmpfs',
    at,
  ];
  return [
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    // bubblewrap's own is root's alone; an engine gives 64 MiB to everybody.
    ...tmpfs('/dev/shm', 64 << 20),
    ...tmpfs('/tmp', tmp),
    ...parents(HOME),
    ...tmpfs(HOME, Math.ceil(tmp / 2)),
  ];
}

/** Outer places first, so that a mount inside another one is not hidden by it; of two at one place the later holds. */
function binds(mounts: readonly Mount[]): string[] {
  const byPlace = new Map(mounts.map((mount) => [mount.at, mount]));
  return [...byPlace.values()]
    .sort((a, b) => a.at.split('/').length - b.at.split('/').length)
    .flatMap(({ host, at, mode }) => [
      ...parents(at),
      mode === 'ro' ? '--ro-bind' : '--bind',
      realpathSync(host),
      at,
    ]);
}

/** The folders above a place, open for passing: bubblewrap by itself makes them private where root makes the sandbox. */
function parents(at: string): string[] {
  const above: string[] = [];
  for (let dir = path.dirname(at); dir !== '/'; dir = path.dirname(dir)) above.unshift(dir);
  return above.flatMap((dir) => ['--perms', '0755', '--dir', dir]);
}

function inside(at: string, mounts: readonly Mount[]): boolean {
  return ['/usr', '/tmp', HOME, ...mounts.map((mount) => mount.at)].some(
    (place) => at === place || at.startsWith(`${place}/`),
  );
}

/**
 * The last steps before the command: limits of single processes, and away from root. Root makes the namespaces as
 * root, so that it can mount what only root may pass, and keeps the three capabilities that leaving needs.
 */
function dropUser(limits: RunSpec['limits'] | null): string[] {
  const keep = ['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]);
  const ids = ['--reuid', String(AGENT_UID), '--regid', String(AGENT_UID), '--clear-groups'];
  const leave = ['setpriv', ...ids, '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'];
  const each = limits === null ? [] : [`--data=${limits.memoryBytes}`, `--nproc=${limits.pids + 1}`];
  const prlimit = ['prlimit', '--core=0', ...each, '--'];
  return isRoot() ? [...keep, '--', ...leave, ...prlimit] : ['--', ...prlimit];
}
