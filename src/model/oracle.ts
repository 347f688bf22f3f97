import * as z from 'zod';

/**
 * What limits what a frozen suite can say. The first group makes it invalid (nothing is scored), the others degraded.
 * Worded in `report/oracle-words.ts`.
 */
export const oracleReason = z.discriminatedUnion('reason', [
  z.strictObject({ reason: z.literal('no-environment'), why: z.string() }),
  z.strictObject({ reason: z.literal('no-tests') }),
  z.strictObject({ reason: z.literal('gold-does-not-import'), file: z.string(), failingImport: z.string().nullable() }),
  z.strictObject({ reason: z.literal('none-passes-on-gold') }),
  z.strictObject({ reason: z.literal('none-preserved') }),
  z.strictObject({ reason: z.literal('dropped-requirements'), names: z.array(z.string()) }),
  z.strictObject({ reason: z.literal('ended-early'), run: z.string(), ended: z.string() }),
  z.strictObject({ reason: z.literal('few-preserved'), preserved: z.int() }),
  z.strictObject({ reason: z.literal('flaky'), flaky: z.int() }),
  /** Doing nothing would be resolved. */
  z.strictObject({ reason: z.literal('noop-passes') }),
  /** So would be changing the imports alone. */
  z.strictObject({ reason: z.literal('import-only-passes') }),
  /** `value`: share as in the suite's strength; null where nothing could be measured. */
  z.strictObject({ reason: z.literal('low-strength'), value: z.number().nullable() }),
  /** The testing agent did not end well. */
  z.strictObject({ reason: z.literal('testing-agent'), outcome: z.string(), why: z.string() }),
]); // prettier-ignore
export type OracleReason = z.infer<typeof oracleReason>;

const INVALID: ReadonlySet<OracleReason['reason']> = new Set([
  'no-environment',
  'no-tests',
  'gold-does-not-import',
  'none-passes-on-gold',
  'none-preserved',
]);

export type OracleStatus = 'valid' | 'degraded' | 'invalid';

/** `invalid` by any reason that says that nothing can be judged, else `degraded` by any reason at all. */
export function oracleStatus(reasons: readonly OracleReason[]): OracleStatus {
  if (reasons.some(({ reason }) => INVALID.has(reason))) return 'invalid';
  return reasons.length === 0 ? 'valid' : 'degraded';
}
