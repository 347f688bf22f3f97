import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { ok, type Result } from '../model/result.ts';
import type { Engine } from '../runtimes/engine.ts';
import { AGENT_REPOSITORY } from './image.ts';

/**
 * Removes images of installed agents (`<name>-<digest>`) of which a newer one of the same agent is there; answers their
 * names. One that a container uses stays.
 */
export async function removeOldAgentImages(
  engine: Pick<Engine, 'images' | 'removeImage'>,
  dryRun: boolean,
): Promise<Result<readonly string[], RuntimeFailure>> {
  const images = await engine.images(AGENT_REPOSITORY);
  if (!images.ok) return images;
  const found = images.value.flatMap(({ tag, madeMs }) => {
    const agent = /^(.+)-[0-9a-f]{12}$/.exec(tag)?.[1];
    return agent === undefined ? [] : [{ agent, tag, madeMs }];
  });
  const removed: string[] = [];
  for (const { agent, tag, madeMs } of found) {
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
