import type { FoundVerdict, ValidationRecord } from '../model/validation.ts';
import { healthReasonMessage, stalenessMessage } from '../report/messages/validation.ts';
import { countVerdicts } from '../report/validation.ts';
import type { Validation } from './validate-migration.ts';

/** A line of `validate --json` when a migration ends. */
export function verdictEvent(validation: Validation, at: number): object {
  return { event: 'verdict', at, ...described(validation) };
}

/** The last line of `validate --json`: every migration with its verdict, and totals that add up. */
export function validationSummary(all: readonly Validation[], at: number, seconds: number): object {
  const counts = countVerdicts(all.map((one) => (one.status === 'validated' ? one.record.verdict : null)));
  return { event: 'validation', at, schema: 1, counts, migrations: all.map(described), seconds };
}

function described(validation: Validation): object {
  const { id, benchmark } = validation;
  if (validation.status === 'unknown') {
    const { code, why } = validation;
    return { id, benchmark, verdict: 'unknown', reasons: [{ reason: code, message: why }], cached: false };
  }
  return { id, benchmark, ...recordJson(validation.record), cached: validation.cached };
}

/** A verdict as documents show it: without what vouches for it. */
export function recordJson(record: ValidationRecord): object {
  const { verdict, testing, believable, environment, oracle, tests, strength, labels, standIns } = record;
  return {
    verdict,
    testing,
    reasons: record.reasons.map((reason) => ({ ...reason, message: healthReasonMessage(reason) })),
    believable,
    ...{ environment, oracle, tests, strength, labels, standIns },
    validatedAt: record.decidedAt,
  };
}

/** A verdict that was found in the data folder; null where the migration was never validated. */
export function foundJson(found: FoundVerdict | null): object | null {
  if (found === null) return null;
  const { record, stale } = found;
  return { ...recordJson(record), stale: stale === null ? null : stalenessMessage(stale) };
}
