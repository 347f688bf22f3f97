import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { createDockerRuntime } from './docker.ts';
import { connectEngine, type Engine } from './engine.ts';
import { engineAddresses, findEngine } from './find-engine.ts';
import { createLocalRuntime } from './local.ts';
import type { Runtime, RuntimeKind } from './runtime.ts';

export interface RuntimeRequest {
  /** `auto`: containers where an engine answers and the base image can be had, else local. */
  readonly requested: RuntimeKind | 'auto';
  /** Foreign code may run without isolation. */
  readonly unsafeLocal: boolean;
  readonly baseImage: string;
  /** Sees to it that the engine has the base image, and answers its digest. Default: it must be there. */
  readonly prepare?: (engine: Engine, baseImage: string) => Promise<Result<string, RuntimeFailure>>;
  /** Told why `auto` did not take the engine that answers. */
  readonly onFallback?: (failure: RuntimeFailure) => void;
}

/** The runtime for this machine and request. Nothing is started; an engine that is not there is known in milliseconds. */
export async function chooseRuntime(request: RuntimeRequest): Promise<Result<Runtime, RuntimeFailure>> {
  if (request.requested === 'local') return chooseLocal(request);
  const address = await findEngine();
  if (address === null) {
    if (request.requested === 'auto') return chooseLocal(request);
    const tried = engineAddresses();
    const detail = tried.length === 0 ? 'there is no socket of an engine on this machine' : 'no answer';
    return fail({
      class: 'infra',
      reason: 'engine-unreachable',
      socket: tried.join(', ') || '/var/run/docker.sock',
      detail,
    });
  }
  const docker = await openDocker(address, request);
  if (docker.ok || request.requested === 'docker') return docker;
  request.onFallback?.(docker.failure);
  return chooseLocal(request);
}

/**
 * `<runtime>~<base>`, a file name: what is made on one platform is used there only. Asks no engine, so that planning
 * can name folders.
 */
export function platformOf(kind: RuntimeKind, baseImage: string): string {
  const base = kind === 'docker' ? baseImage : localSystem();
  return `${kind}~${base.replaceAll(/[^A-Za-z0-9.-]+/g, '_')}`;
}

/** This machine's system, such as `debian-12-x64`. */
export function localSystem(): string {
  const fields = new Map(
    osRelease()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string | undefined])
      .map(([key, value]) => [key, value?.replaceAll('"', '')]),
  );
  const id = fields.get('ID') ?? process.platform;
  const version = fields.get('VERSION_ID') ?? fields.get('VERSION_CODENAME') ?? os.release();
  return `${id}-${version}-${process.arch}`;
}

async function openDocker(
  address: string,
  request: RuntimeRequest,
): Promise<Result<Runtime, RuntimeFailure>> {
  const { baseImage, prepare = requireImage } = request;
  const engine = await connectEngine(address);
  if (!engine.ok) return engine;
  const base = await prepare(engine.value, baseImage);
  if (!base.ok) return base;
  const platform = platformOf('docker', baseImage);
  return ok(createDockerRuntime(engine.value, { baseImage, base: base.value, platform }));
}

async function requireImage(engine: Engine, image: string): Promise<Result<string, RuntimeFailure>> {
  const id = await engine.imageId(image);
  if (!id.ok) return id;
  if (id.value !== null) return ok(id.value);
  return fail({ class: 'infra', reason: 'image-missing', image, detail: 'it is not there' });
}

function chooseLocal(request: RuntimeRequest): Result<Runtime, RuntimeFailure> {
  const { unsafeLocal, baseImage } = request;
  return createLocalRuntime({ platform: platformOf('local', baseImage), base: localSystem(), unsafeLocal });
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
