import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { removeTree } from '../workspace/disk.ts';
import { lockedFolder, type Cleaned } from './clean-up.ts';

/** A start that uses an install may go on for long, and holds no lock on it. */
const IN_USE_MS = 4 * 3600_000;

/**
 * Removes agents installed below `<data>/cache/agents` of which a newer version is installed, and half ones that dead
 * processes left. One that was used in the last hours stays.
 */
export function cleanInstalls(dataDir: string, dryRun: boolean, nowMs = Date.now()): Cleaned[] {
  const top = path.join(dataDir, 'cache/agents');
  if (!existsSync(top)) return [];
  const found = readdirSync(top).flatMap((name) => {
    const [, agent, half] = /^(.+)-[0-9a-f]{16}(\.making)?$/.exec(name) ?? [];
    if (agent === undefined) return [];
    const done = statSync(path.join(top, name, 'installed.json'), { throwIfNoEntry: false });
    return [{ name, agent, usedMs: half === undefined ? done?.mtimeMs : undefined }];
  });
  const newest = new Map<string, number>();
  for (const { agent, usedMs = 0 } of found) newest.set(agent, Math.max(newest.get(agent) ?? 0, usedMs));
  return found
    .filter(
      ({ agent, usedMs }) =>
        usedMs === undefined || (usedMs !== newest.get(agent) && nowMs - usedMs > IN_USE_MS),
    )
    .map(({ name }): Cleaned => {
      const folder = path.join(top, name);
      const place = path.relative(dataDir, folder);
      const busy = lockedFolder(dataDir, folder.replace(/\.making$/, ''), () => {
        if (!dryRun) removeTree(folder);
      });
      return { kind: 'install', name: place, busy };
    });
}
