import { existsSync } from 'node:fs';
import type { PipelineConfig } from '../config/schema.ts';
import { MigConfig } from '../model/mig-config.ts';
import type { Migration } from '../model/migration.ts';
import { VERDICTS, type FoundVerdict, type Verdict } from '../model/validation.ts';
import { variantName } from '../model/variant.ts';
import { findVerdict } from '../pipeline/verdicts.ts';
import { sha256 } from '../workspace/disk.ts';
import type { BenchmarkFlags } from './benchmark-choice.ts';
import type { Io } from './io.ts';
import { layOn, parsedTexts, prepareMigration } from './prepare.ts';
import { runFlags } from './run-flags.ts';

/** What `--verdict` takes. `none`: never validated, or the verdict no longer holds. */
export const VERDICT_CHOICES = [...VERDICTS, 'none'] as const;
export type VerdictChoice = (typeof VERDICT_CHOICES)[number];

/** The verdicts that the data folder has on migrations, by the configured testing agent's tests. Nothing is run. */
export function verdictReader(
  config: PipelineConfig,
  flags: BenchmarkFlags,
  io: Io,
): (migration: Migration) => FoundVerdict | null {
  const { dataDir, testingAgent } = config;
  if (!existsSync(MigConfig.fromBaseDir(dataDir).validationDir)) return () => null;
  const testing = variantName({ agent: testingAgent, model: null, parameters: {}, attempt: 1 });
  let codes: ReadonlyMap<string, number> | undefined;
  return (migration) => {
    // The same for every migration.
    codes ??= codeVersions(config, migration, flags, io);
    return findVerdict(dataDir, migration.id, testing, { entry: sha256(migration.entry.text), codes });
  };
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

/** Code versions of the tasks as this program has them; empty where the configuration allows no graph. */
function codeVersions(
  config: PipelineConfig,
  migration: Migration,
  { config: flags, benchmark, benchmarkDir }: BenchmarkFlags,
  io: Io,
): ReadonlyMap<string, number> {
  const request = { ...runFlags({}), config: { ...flags, agent: 'gold' }, benchmark, benchmarkDir };
  const prepared = prepareMigration(migration, parsedTexts(config.dataDir), request, io);
  if (!prepared.ok) return new Map();
  const { tasks } = layOn('local', prepared.value, request, io, {});
  return new Map(tasks.map(({ id, codeVersion }) => [id, codeVersion]));
}
