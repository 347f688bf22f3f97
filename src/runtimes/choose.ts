import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { createDockerRuntime } from './docker.ts';
import { connectEngine, type Engine } from './engine.ts';
import { engineAddresses, findEngine } from './find-engine.ts';
import { createLocalRuntime } from './local.ts';
import { localSystem, platformOf } from './platform.ts';
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
