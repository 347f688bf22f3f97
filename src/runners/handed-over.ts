import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Sha } from '../model/ids.ts';
import { applyPatch, diffTrees } from '../workspace/patch.ts';
import { PATCH_LIMITS } from '../workspace/patch-entries.ts';

/** A patch that the agent wrote instead of changing the workspace, in our own form; undefined when it has none that fits. */
export async function handedOver(
  before: { readonly repo: string; readonly tree: Sha },
  output: string,
  scratchDir: string,
): Promise<{ patch: Buffer; files: string[] } | undefined> {
  const file = path.join(output, 'migration.patch');
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status?.isFile() !== true || status.size > PATCH_LIMITS.fileBytes) return undefined;
  const { repo, tree } = before;
  const applied = await applyPatch(repo, tree, readFileSync(file), path.join(scratchDir, 'handed-over'));
  if (!applied.ok) return undefined;
  const difference = await diffTrees(applied.value.objects, tree, applied.value.tree);
  return difference.ok && difference.value.patch.length > 0 ? difference.value : undefined;
}
