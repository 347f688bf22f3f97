import { existsSync, lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { AuditRule, MountBounds, Place } from './request.ts';

export interface PlaceFinding {
  readonly rule: AuditRule;
  readonly at: string;
  readonly what: string;
}

const SOCKETS = ['docker.sock', 'podman/podman.sock', 'containerd/containerd.sock', 'crio/crio.sock'];
/** A path that names a container engine's API. */
export const ENGINE_SOCKET = /(?:docker|podman|containerd|crio|buildkitd)\.sock/;

/** What is wrong with a mount table, by its paths alone. */
export function placeFindings(places: readonly Place[], bounds: MountBounds): PlaceFinding[] {
  const findings: PlaceFinding[] = [];
  const seen = new Set<string>();
  for (const { host, at, mode, kind } of places) {
    const add = (rule: AuditRule, what: string): void => void findings.push({ rule, at, what });
    if (!path.isAbsolute(host) || host !== path.normalize(host))
      add('mount-path', `${host} is not a plain absolute path`);
    if (covers(host, bounds.dataDir)) add('mount-data', `${host} holds the data folder`);
    for (const hidden of bounds.hidden) {
      if (covers(host, hidden) || covers(hidden, host)) add('mount-hidden', `${host} reaches ${hidden}`);
    }
    if (ENGINE_SOCKET.test(host) || (kind !== 'socket' && host.endsWith('.sock')))
      add('mount-socket', `${host} is a socket`);
    if (seen.has(at)) add('mount-twice', 'it is mounted twice');
    if (mode === 'rw' && kind !== 'workspace' && kind !== 'output' && kind !== 'socket')
      add('mount-writable', 'it is writable');
    if (kind === 'other') add('mount-extra', `${host} is nothing that an agent is given`);
    seen.add(at);
  }
  return findings;
}

/** The same of where the paths lead, through links, and of sockets and engines that lie there. */
export function ledFindings(places: readonly Place[], bounds: MountBounds): PlaceFinding[] {
  const real = (file: string): string => (existsSync(file) ? realpathSync(file) : file);
  const led = places.map((place) => ({ ...place, host: real(place.host) }));
  const findings = placeFindings(led, {
    dataDir: real(bounds.dataDir),
    hidden: bounds.hidden.map(real),
  }).filter(({ rule }) => /data|hidden/.test(rule));
  for (const { host, at, kind } of led) {
    const status = lstatSync(host, { throwIfNoEntry: false });
    if (status?.isSocket() === true && kind !== 'socket')
      findings.push({ rule: 'mount-socket', at, what: `${host} is a socket` });
    const engine = SOCKETS.find((name) => existsSync(path.join(host, name)));
    if (engine !== undefined && status?.isDirectory() === true)
      findings.push({ rule: 'mount-socket', at, what: `${host} holds the engine's socket` });
  }
  return findings;
}

/** True when `inner` is `outer` or lies below it. */
export function covers(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}
