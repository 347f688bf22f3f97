import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { ok, type Result } from '../model/result.ts';
import type { Engine } from '../runtimes/engine.ts';
import { AGENT_REPOSITORY } from './image.ts';

/** Between being made and being used by a container nothing holds an image. */
const FRESH_MS = 4 * 3600_000;

/**
 * Removes images of installed agents (`<name>-<digest>`) of which a newer one of the same agent is there; answers their
 * names. One that a container uses stays, and so does one made in the last hours.
 */
export async function removeOldAgentImages(
  engine: Pick<Engine, 'images' | 'removeImage'>,
  dryRun: boolean,
  nowMs = Date.now(),
): Promise<Result<readonly string[], RuntimeFailure>> {
  const images = await engine.images(AGENT_REPOSITORY);
  if (!images.ok) return images;
  const found = images.value.flatMap(({ tag, madeMs }) => {
    const agent = /^(.+)-[0-9a-f]{12}$/.exec(tag)?.[1];
    return agent === undefined ? [] : [{ agent, tag, madeMs }];
  });
  const removed: string[] = [];
  for (const { agent, tag, madeMs } of found) {
    if (nowMs - madeMs < FRESH_MS) continue;
    if (!found.some((other) => other.agent === agent && other.madeMs > madeMs)) continue;
    const name = `${AGENT_REPOSITORY}:${tag}`;
    if (!dryRun) {
      const gone = await engine.removeImage(name);
      if (!gone.ok) return gone;
      if (!gone.value) continue;
    }
    removed.push(name);
  }
  return ok(removed);
}
