import { loadConfig } from '../config/load.ts';
import { exitCodeOf } from '../model/failure.ts';
import { cleanCommand, type CleanOptions } from './clean.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import type { RunRequest } from './run-request.ts';

/** `clean`, with the runtimes at hand: what dead runs left in an engine goes as well, where one answers. */
export async function cleanWith(
  request: RunRequest,
  what: Pick<CleanOptions, 'results' | 'keepRuns'>,
  io: Io,
): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: request.config });
  if (!loaded.ok) {
    reportEarlyFailure(loaded.failure, request.json, io);
    return exitCodeOf(loaded.failure);
  }
  const { dataDir, runtime: requested, unsafeLocal, baseImage } = loaded.value.config;
  const { chooseRuntime } = await import('../runtimes/choose.ts');
  const runtime = await chooseRuntime({ requested, unsafeLocal, baseImage });
  const removeOrphans = runtime.ok ? () => runtime.value.removeOrphans() : null;
  const { isDockerRuntime } = await import('../runtimes/docker.ts');
  const { removeOldAgentImages } = await import('../runners/clean-images.ts');
  const engine = runtime.ok && isDockerRuntime(runtime.value) ? runtime.value.engine : null;
  const { dryRun, json } = request;
  const removeImages = engine === null ? undefined : () => removeOldAgentImages(engine, dryRun);
  return cleanCommand({ dataDir, dryRun, removeOrphans, removeImages, ...what, json }, io);
}
