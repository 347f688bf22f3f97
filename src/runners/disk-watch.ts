import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';

/** Entries after which a folder counts as over its bound, whatever it weighs. */
const MAX_ENTRIES = 500_000;

/**
 * Looks every `everyMs` at what folders hold, and calls `onFull` once when they pass `maxBytes` together (as
 * allocated on disk). Answers a function that ends the watch.
 */
export function watchDisk(
  dirs: readonly string[],
  maxBytes: number,
  everyMs: number,
  onFull: () => void,
): () => void {
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const full = (await usedBytes(dirs, maxBytes, () => ended)) > maxBytes;
    if (ended) return;
    if (full) onFull();
    else timer = setTimeout(() => void look(), everyMs);
  };
  timer = setTimeout(() => void look(), everyMs);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Bytes that folders take on disk; stops counting when they pass `enough`. What vanishes meanwhile counts nothing. */
export async function usedBytes(
  dirs: readonly string[],
  enough: number,
  stopped: () => boolean = () => false,
): Promise<number> {
  const pending = [...dirs];
  let total = 0;
  let entries = 0;
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    try {
      for await (const entry of await opendir(dir)) {
        if (stopped() || total > enough) return total;
        if (++entries > MAX_ENTRIES) return Number.POSITIVE_INFINITY;
        const at = path.join(dir, entry.name);
        if (entry.isDirectory()) pending.push(at);
        else if (entry.isFile()) total += (await lstat(at)).blocks * 512;
      }
    } catch (error) {
      // out of our reach by its depth: whatever lies there is not counted
      if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return Number.POSITIVE_INFINITY;
      // removed, or closed to us, while we looked
    }
  }
  return total;
}
