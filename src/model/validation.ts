import * as z from 'zod';
import { oracleReason } from './oracle.ts';
import { suiteStrength, TEST_ORIGINS } from './tests.ts';

/** What is run in the place of a coding agent to see whether a migration's scores can be believed. */
export const STAND_INS = ['gold', 'noop', 'half'] as const;
export type StandIn = (typeof STAND_INS)[number];

/**
 * `healthy`: both scores can be believed. `degraded`: both hold for the stand-ins, but the tests are weak or
 * unsteady. `unhealthy`: one of the two scores cannot be had, or would mislead.
 */
export const VERDICTS = ['healthy', 'degraded', 'unhealthy'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Raised by hand when the rules of `report/validation.ts` change: verdicts of other rules are stale. */
export const VERDICT_RULES = 1;

const count = z.int().min(0);
const standIn = z.enum(STAND_INS);

const patchEvalSeen = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('scored'),
    editF1: z.number(),
    /** How the patch went on (`strict`, `empty`, `conflict`...). */
    apply: z.string(),
  }),
  z.strictObject({ status: z.enum(['unscored', 'not_applicable']), why: z.string() }),
]);

const unitTestEvalSeen = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('scored'),
    resolved: z.boolean(),
    passed: count,
    preserved: count,
    /** Why the score is 0 whatever was passed; empty where nothing was found. */
    tampered: z.array(z.strictObject({ reason: z.string(), detail: z.string() })),
    /** Resolved, but no preserved test ran a migrated line. */
    vacuous: z.boolean(),
    /** Ids of preserved tests that did not pass, the first few. */
    failing: z.array(z.string()),
  }),
  z.strictObject({ status: z.literal('unscored'), why: z.string() }),
]);

const standInSeen = z.strictObject({
  /** Why there is no candidate of this kind (`half` alone may have none); null where there is one. */
  notApplicable: z.string().nullable(),
  patchEval: patchEvalSeen,
  unitTestEval: unitTestEvalSeen,
});
export type StandInSeen = z.infer<typeof standInSeen>;

const seen = {
  environment: z.strictObject({ status: z.enum(['ready', 'refused', 'failed']), why: z.string() }),
  oracle: z.strictObject({
    status: z.enum(['valid', 'degraded', 'invalid']),
    why: z.string(),
    /** What `why` says, as data. */
    reasons: z.array(oracleReason),
  }),
  tests: z.strictObject({
    /** Preserved tests by origin. */
    preserved: z.record(z.enum(TEST_ORIGINS), count),
    /** Those of them whose text does not stand in the tree before. */
    hidden: count,
  }),
  /** Null where it was not measured. */
  strength: suiteStrength.nullable(),
  /** Which labels patch_eval used; null where it said nothing. */
  labels: z.enum(['given', 'derived', 'all']).nullable(),
  standIns: z.strictObject({ gold: standInSeen, noop: standInSeen, half: standInSeen }),
};
/** Why a migration is not healthy: facts, worded in `report/messages/validation.ts`. */
const healthReason = z.discriminatedUnion('reason', [
  z.strictObject({ reason: z.literal('no-environment'), status: z.string(), why: z.string() }),
  z.strictObject({ reason: z.literal('no-oracle'), why: z.string() }),
  z.strictObject({ reason: z.literal('nothing-to-migrate'), why: z.string() }),
  z.strictObject({
    reason: z.literal('unscored'),
    standIn,
    score: z.enum(['patch_eval', 'unit_test_eval']),
    why: z.string(),
  }),
  z.strictObject({ reason: z.literal('does-not-apply'), standIn, how: z.string() }),
  z.strictObject({ reason: z.literal('wrong-edit-f1'), standIn, editF1: z.number(), wanted: z.string() }),
  z.strictObject({
    reason: z.literal('gold-not-resolved'),
    passed: count,
    preserved: count,
    failing: z.array(z.string()),
  }),
  z.strictObject({ reason: z.literal('noop-resolved'), preserved: count }),
  z.strictObject({
    reason: z.literal('tampered'),
    standIn,
    found: z.array(z.strictObject({ reason: z.string(), detail: z.string() })),
  }),
  z.strictObject({ reason: z.literal('oracle-degraded'), of: z.array(oracleReason).min(1) }),
  z.strictObject({ reason: z.literal('vacuous') }),
  z.strictObject({ reason: z.literal('low-strength'), strength: suiteStrength }),
]);
export type HealthReason = z.infer<typeof healthReason>;

/** A stamp that a verdict was decided from: where it lies, relative to the data folder, and what it vouched for. */
const stampSeen = z.strictObject({
  task: z.string(),
  folder: z.string(),
  /** The task's code version. */
  code: z.int(),
  key: z.string(),
  /** Digest of the digests of its ports. */
  ports: z.string(),
});
export type StampSeen = z.infer<typeof stampSeen>;

/** `validation/<unit>/<testing>.json`: a verdict, all that it was decided from, and what vouches for it. */
export const validationRecord = z.strictObject({
  schema: z.literal(1),
  rules: z.int(),
  id: z.string(),
  testing: z.string(),
  verdict: z.enum(VERDICTS),
  /** The worst first; empty when healthy. */
  reasons: z.array(healthReason),
  /** Which of the two scores can be believed, whatever the verdict on both. */
  believable: z.strictObject({ patch_eval: z.boolean(), unit_test_eval: z.boolean() }),
  ...seen,
  /** RFC 3339, UTC. */
  decidedAt: z.string(),
  tool: z.string(),
  /** sha256 of the benchmark's entry, as read. */
  entry: z.string(),
  stamps: z.array(stampSeen),
});
export type ValidationRecord = z.infer<typeof validationRecord>;
/** What the graph said of the stand-ins: all that a verdict is decided from. */
export type HealthFacts = Pick<ValidationRecord, keyof typeof seen>;

/** Why a verdict no longer holds: other rules, another entry of the benchmark, or a task that changed or was made anew. */
export type Staleness =
  | { readonly reason: 'rules' }
  | { readonly reason: 'entry' }
  | { readonly reason: 'code'; readonly task: string }
  | { readonly reason: 'stamp'; readonly task: string; readonly gone: boolean };

/** What a verdict is held against besides the files of the data folder. */
export interface VerdictNow {
  /** sha256 of the benchmark's entry; null where it is not known. */
  readonly entry: string | null;
  /** Code versions of the tasks by id; empty where they are not known. */
  readonly codes: ReadonlyMap<string, number>;
}

/** A verdict as it was found; `stale` null where it still holds. */
export interface FoundVerdict {
  readonly record: ValidationRecord;
  readonly stale: Staleness | null;
}
