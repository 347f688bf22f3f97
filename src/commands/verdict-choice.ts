import type { PipelineConfig } from '../config/schema.ts';
import type { Migration } from '../model/migration.ts';
import { VERDICTS, type FoundVerdict, type Verdict } from '../model/validation.ts';
import { variantName } from '../model/variant.ts';
import { findVerdict } from '../pipeline/verdicts.ts';
import { sha256 } from '../workspace/disk.ts';

/** What `--verdict` takes. `none`: never validated, or the verdict no longer holds. */
export const VERDICT_CHOICES = [...VERDICTS, 'none'] as const;
export type VerdictChoice = (typeof VERDICT_CHOICES)[number];

/** The verdict that the data folder has on a migration, by the configured testing agent's tests; from files alone. */
export function verdictOn(config: PipelineConfig, migration: Migration): FoundVerdict | null {
  const parts = { agent: config.testingAgent, model: null, parameters: {}, attempt: 1 };
  return findVerdict(config.dataDir, migration.id, variantName(parts), sha256(migration.entry.text));
}

/** What holds now: null where there is no verdict, or only one that no longer does. */
export function holding(found: FoundVerdict | null): Verdict | null {
  return found === null || found.stale !== null ? null : found.record.verdict;
}

export function isChosen(found: FoundVerdict | null, choice: VerdictChoice | null): boolean {
  return choice === null || (holding(found) ?? 'none') === choice;
}

/** How many have each verdict; `none` counts those without one that holds, `stale` those of them that had one. */
export function verdictCounts(
  all: readonly (FoundVerdict | null)[],
): Record<VerdictChoice | 'stale', number> {
  const of = (choice: VerdictChoice): number => all.filter((found) => isChosen(found, choice)).length;
  const stale = all.filter((found) => found !== null && found.stale !== null).length;
  return {
    healthy: of('healthy'),
    degraded: of('degraded'),
    unhealthy: of('unhealthy'),
    none: of('none'),
    stale,
  };
}
