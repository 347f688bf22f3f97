import { readdirSync, readFileSync, statSync, lstatSync } from 'node:fs';
import path from 'node:path';
import type { AgentManifest } from './agent-manifest.ts';
import { readAgentUsage, type AgentUsage } from './agent-usage.ts';

/** A text that is longer is not read: nobody's count is worth that. */
const MAX_BYTES = 128 << 20;

/**
 * The agent's own count after a start: of the whole stdout (before its middle is cut), or of what it left in its output
 * folder, a file or all files of a folder. Null where its manifest names no place, or nothing readable lies there.
 */
export function findAgentUsage(
  usage: AgentManifest['usage'],
  left: { readonly stdout: string; readonly output: string },
): AgentUsage | null {
  if (usage === undefined) return null;
  const place = usage.from === 'stdout' ? left.stdout : path.join(left.output, usage.from.output);
  return readAgentUsage(
    usage.form,
    filesAt(place).map((file) => readFileSync(file, 'utf8')),
  );
}

/** Plain files alone: an agent may leave links to anywhere. */
function filesAt(place: string): string[] {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined || (!stat.isFile() && !stat.isDirectory())) return [];
  if (stat.isFile()) return stat.size <= MAX_BYTES ? [place] : [];
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size <= MAX_BYTES)
    .sort();
}
