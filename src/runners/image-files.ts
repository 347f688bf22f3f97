import type { ImageFile, ImageView } from '../audit/request.ts';
import { readTar } from '../audit/tar.ts';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { identity } from '../runtimes/container-spec.ts';
import { isDockerRuntime } from '../runtimes/docker.ts';
import type { Engine } from '../runtimes/engine.ts';
import type { Runtime } from '../runtimes/runtime.ts';

/** Larger files are named alone. */
const LARGEST_READ = 16 << 20;

/** The files of an agent's own image; null where it has none, or there is no engine. */
export function imageView(runtime: Runtime, image: string | null): ImageView | null {
  if (image === null || image === runtime.base || !isDockerRuntime(runtime)) return null;
  const { engine } = runtime;
  return { id: image, files: () => imageFiles(engine, image) };
}

/** Reads them from a container that is never started. */
async function* imageFiles(engine: Engine, image: string): AsyncGenerator<Result<ImageFile, RuntimeFailure>> {
  const spec = { ...identity('image-audit', {}), Image: image, Entrypoint: [], Cmd: ['true'] };
  const made = await engine.create(spec);
  if (!made.ok) {
    yield made;
    return;
  }
  try {
    const archive = await engine.files(made.value);
    if (!archive.ok) {
      yield archive;
      return;
    }
    for await (const file of readTar(archive.value as AsyncIterable<Buffer>, LARGEST_READ)) yield ok(file);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    yield fail({ class: 'infra', reason: 'engine-failed', action: 'read the files of an image', detail });
  } finally {
    await engine.remove(made.value);
  }
}
