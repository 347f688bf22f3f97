import * as z from 'zod';
import { DOOR_WAYS, ledgerSummary } from '../model/model-calls.ts';

const OUTCOMES = ['patch', 'no-patch', 'timeout', 'budget', 'crashed', 'refused'] as const;

/** `attempt.json`: how one attempt went, beside its `migration.patch`. Host paths are not in it. */
export const attemptRecord = z.strictObject({
  schema: z.literal(1),
  agent: z.strictObject({ name: z.string(), version: z.string(), digest: z.string() }),
  model: z.string().nullable(),
  outcome: z.enum(OUTCOMES),
  /** Why, in words; empty for a patch. */
  why: z.string(),
  exitCode: z.int().nullable(),
  /** How the sandbox says that the run ended; `disk` when it was ended for filling its disk. */
  ended: z.enum(['exited', 'timeout', 'idle', 'oom', 'output', 'killed', 'disk', 'not-started']),
  trust: z.enum(['sealed', 'unsealed']),
  runtime: z.strictObject({ kind: z.string(), isolation: z.string(), image: z.string() }).nullable(),
  /** The way from its sandbox to the gateway; null where it calls no model. */
  door: z.enum(DOOR_WAYS).nullable().default(null),
  seconds: z.number(),
  outputBytes: z.number(),
  /** Limits in force. */
  limits: z.record(z.string(), z.number().nullable()),
  /** Who saw what: sandbox path, mode, and what lay there (never where). */
  mounts: z.array(z.strictObject({ at: z.string(), mode: z.enum(['ro', 'rw']), what: z.string() })),
  /** Names of the variables it was given. */
  variables: z.array(z.string()),
  /** Whether it had the migration's environment, and why not. */
  environment: z.strictObject({ mounted: z.boolean(), why: z.string() }),
  /** What the gateway saw of its calls of models; null where it calls none. */
  ledger: ledgerSummary.nullable().default(null),
  /** Its own count, a cross-check; null where it leaves none. Single figures are null where it does not say. */
  ownUsage: z
    .strictObject({
      tokens: z.strictObject({
        inputTokens: z.int().nullable(),
        cachedTokens: z.int().nullable(),
        cacheWriteTokens: z.int().nullable(),
        outputTokens: z.int().nullable(),
        reasoningTokens: z.int().nullable(),
      }),
      rounded: z.boolean(),
    })
    .nullable()
    .default(null),
  patch: z.strictObject({
    bytes: z.int(),
    files: z.array(z.string()),
    /** `workspace`: taken from what was left there; `handed-over`: the agent's own file, taken where the workspace is unchanged. */
    from: z.enum(['workspace', 'handed-over', 'stand-in']),
    skipped: z.array(z.strictObject({ path: z.string(), why: z.string() })),
    excluded: z.array(z.string()),
    exclusions: z.array(z.string()),
  }),
  /** Files kept of its output folder, below `output/`. */
  output: z.strictObject({
    files: z.array(z.string()),
    leftOut: z.array(z.strictObject({ path: z.string(), why: z.string() })),
  }),
});
export type AttemptRecord = z.infer<typeof attemptRecord>;
