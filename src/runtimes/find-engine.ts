import { existsSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { hostVariables } from '../workspace/host-environment.ts';

/** An engine that does not answer a ping for this long is not there. */
const PATIENCE_MS = 2000;

/** Where engines listen, in the order of search: DOCKER_HOST alone where it is set; else the known sockets that exist. */
export function engineAddresses(): readonly string[] {
  const host = hostVariables(['DOCKER_HOST', 'XDG_RUNTIME_DIR']);
  const named = host['DOCKER_HOST'];
  if (named !== undefined && named !== '') return [named];
  const own = host['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    path.join(os.homedir(), '.docker/run/docker.sock'),
    ...(own === undefined ? [] : [path.join(own, 'docker.sock'), path.join(own, 'podman/podman.sock')]),
    '/run/podman/podman.sock',
    // Where scripts/engine.sh starts one.
    '/run/mig-pipeline/engine/docker.sock',
  ];
  return sockets.filter((socket) => existsSync(socket)).map((socket) => `unix://${socket}`);
}

/** The first address at which an engine answers; null when none does. Loads no library, takes milliseconds. */
export async function findEngine(addresses: readonly string[] = engineAddresses()): Promise<string | null> {
  for (const address of addresses) if (await answers(address)) return address;
  return null;
}

function answers(address: string): Promise<boolean> {
  const where = pingOptions(address);
  // Over ssh or TLS only the client itself can ask: it does so when it connects.
  if (where === null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const request = http.get({ ...where, path: '/_ping', timeout: PATIENCE_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => resolve(false));
  });
}

function pingOptions(address: string): http.RequestOptions | null {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'tcp:' && url.protocol !== 'http:') return null;
  const secured = hostVariables(['DOCKER_TLS_VERIFY'])['DOCKER_TLS_VERIFY'] === '1' || url.port === '2376';
  return secured ? null : { host: url.hostname, port: url.port === '' ? 2375 : Number(url.port) };
}
