import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AgentManifest } from './agent-manifest.ts';
import { type AgentUsage, readAgentUsage } from './agent-usage.ts';

/**
 * An agent's own count of its tokens, beside which the gateway's stands. Null where its manifest names none, or where
 * none was left. `stdout` is a file, `output` the folder that was kept.
 */
export function ownUsage(
  { usage }: Pick<AgentManifest, 'usage'>,
  { stdout, output }: { readonly stdout: string; readonly output: string },
): AgentUsage | null {
  if (usage === undefined) return null;
  const files = usage.from === 'stdout' ? [stdout] : filesAt(path.join(output, usage.from.output));
  return readAgentUsage(
    usage.form,
    files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')),
  );
}

/** The file, or all files of the folder. */
function filesAt(place: string): string[] {
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
