import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { containerSpec, LABEL } from './container-spec.ts';
import type { Engine } from './engine.ts';
import { frameReader } from './output-frames.ts';
import { isDead } from './owner.ts';
import { giveToSandbox } from './ownership.ts';
import { mayBegin, record, type Recording } from './recording.ts';
import { openRelay, type Relay, type RelayRequest } from './relay.ts';
import type { RunExit, Runtime, RunSpec } from './runtime.ts';

/** The runtime of a container engine, with the engine itself for those who make images. */
export interface DockerRuntime extends Runtime {
  readonly kind: 'docker';
  readonly engine: Engine;
  /** See `openRelay`; made of the base image. */
  relay(request: RelayRequest): Promise<Result<Relay, RuntimeFailure>>;
}

/** The runtime of a connected engine; `base` is the digest of `baseImage`, in which commands without an image run. */
export function createDockerRuntime(
  engine: Engine,
  image: { readonly baseImage: string; readonly base: string; readonly platform: string },
): DockerRuntime {
  return {
    kind: 'docker',
    isolation: 'container',
    platform: image.platform,
    base: image.base,
    engine,
    relay: (request) => openRelay(engine, image.baseImage, request),
    run: (spec) => runContainer(engine, image.baseImage, spec),
    pathOf: (_mounts, at) => at,
    removeOrphans: () => removeOrphans(engine),
  };
}

/** Whether this runtime has an engine behind it. */
export function isDockerRuntime(runtime: Runtime): runtime is DockerRuntime {
  return runtime.kind === 'docker' && 'engine' in runtime;
}

async function runContainer(
  engine: Engine,
  baseImage: string,
  spec: RunSpec,
): Promise<Result<RunExit, RuntimeFailure>> {
  if (spec.signal?.aborted === true) return fail({ class: 'cancelled', reason: 'run-cancelled' });
  await giveToSandbox(spec.mounts);
  const image = spec.image ?? baseImage;
  const created = await engine.create(containerSpec(spec, image, engine));
  if (!created.ok) return fail(imageMissing(image, created.failure));
  const id = created.value;
  let stop = (): void => undefined;
  const stopping = new Promise<void>((resolve) => (stop = resolve));
  const recording = record(spec, spec.limits, () => stop());
  try {
    return await follow(engine, id, spec, recording, stopping);
  } finally {
    await engine.remove(id);
  }
}

async function follow(
  engine: Engine,
  id: string,
  spec: RunSpec,
  recording: Recording,
  stopping: Promise<void>,
): Promise<Result<RunExit, RuntimeFailure>> {
  // Attached before the start, or the first bytes of a quick command would be lost.
  const stream = await engine.attach(id);
  if (!stream.ok) return await abandon(recording, stream.failure);
  const drained = copy(stream.value, recording);
  if (!(await mayBegin(spec, recording))) {
    stream.value.destroy();
    await recording.finish();
    return fail({ class: 'cancelled', reason: 'run-cancelled' });
  }
  const started = await engine.start(id);
  if (!started.ok) {
    stream.value.destroy();
    return await abandon(recording, started.failure);
  }
  recording.start();
  // Asked again when the output ends: an engine that goes away in the middle of an answer leaves it open for ever.
  const again = drained.then(() => engine.wait(id));
  const first = await Promise.race([engine.wait(id), again, stopping]);
  // No grace: whoever ignores a friendly signal would only keep everybody waiting.
  if (first === undefined) await engine.remove(id);
  else if (!first.ok && !isMissing(first.failure)) return await abandon(recording, first.failure);
  await Promise.race([drained, afterMs(2000)]);
  const end = recording.stopped === undefined ? await ending(engine, id) : undefined;
  const { seconds, outputBytes } = await recording.finish();
  if (recording.stopped === 'cancelled') return fail({ class: 'cancelled', reason: 'run-cancelled' });
  if (recording.stopped !== undefined)
    return ok({ code: null, ended: recording.stopped, seconds, outputBytes });
  if (end === undefined) return ok({ code: null, ended: 'killed', seconds, outputBytes });
  if (!end.ok) return end;
  if (end.value.oom && end.value.code !== 0) return ok({ code: null, ended: 'oom', seconds, outputBytes });
  return ok({ code: end.value.code, ended: 'exited', seconds, outputBytes });
}

async function abandon(
  recording: Recording,
  failure: RuntimeFailure,
): Promise<Result<RunExit, RuntimeFailure>> {
  await recording.finish();
  return fail(recording.stopped === 'cancelled' ? { class: 'cancelled', reason: 'run-cancelled' } : failure);
}

/** How the container ended; undefined when somebody removed it. */
async function ending(
  engine: Engine,
  id: string,
): Promise<Awaited<ReturnType<Engine['inspect']>> | undefined> {
  let end = await engine.inspect(id);
  // The engine learns of a lack of memory by another road than of the exit, at times a moment later.
  for (let tries = 0; tries < 5 && end.ok && end.value.code === 137 && !end.value.oom; tries++) {
    await afterMs(40);
    end = await engine.inspect(id);
  }
  return !end.ok && isMissing(end.failure) ? undefined : end;
}

function isMissing(failure: RuntimeFailure): boolean {
  return failure.reason === 'engine-failed' && /no such container/i.test(failure.detail);
}

/** Copies both streams into the recording, holding the engine back while the disk is slower. */
function copy(stream: NodeJS.ReadableStream, recording: Recording): Promise<void> {
  recording.onDrain = () => void stream.resume();
  const read = frameReader((name, bytes) => {
    if (!recording.write(name, bytes)) stream.pause();
  });
  return new Promise((resolve) => {
    stream.on('data', read);
    for (const event of ['end', 'close', 'error']) stream.on(event, () => resolve());
  });
}

function imageMissing(image: string, failure: RuntimeFailure): RuntimeFailure {
  if (failure.reason !== 'engine-failed' || !/no such image/i.test(failure.detail)) return failure;
  return { class: 'infra', reason: 'image-missing', image, detail: failure.detail };
}

function afterMs(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

async function removeOrphans(engine: Engine): Promise<Result<readonly string[], RuntimeFailure>> {
  const removed: string[] = [];
  const [containers, networks] = await Promise.all([
    engine.containers(`${LABEL}owner-pid`),
    engine.networks(`${LABEL}owner-pid`),
  ]);
  if (!containers.ok) return containers;
  for (const container of containers.value) {
    if (container.labels[`${LABEL}name`] !== container.name || !isDead(ownerOf(container.labels))) continue;
    const gone = await engine.remove(container.id);
    if (!gone.ok) return gone;
    removed.push(`container ${container.name}`);
  }
  if (!networks.ok) return networks;
  for (const network of networks.value) {
    if (network.labels[`${LABEL}name`] !== network.name || !isDead(ownerOf(network.labels))) continue;
    const gone = await engine.removeNetwork(network.id);
    if (!gone.ok) return gone;
    removed.push(`network ${network.name}`);
  }
  return ok(removed);
}

function ownerOf(labels: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = `${LABEL}owner-`;
  const own = Object.entries(labels).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
