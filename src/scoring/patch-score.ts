import * as z from 'zod';

export const CHANGE_STATUSES = ['exact', 'api', 'partial', 'missing', 'unevaluable'] as const;
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

const share = z.number().min(0).max(1).nullable();
const ranges = z.array(z.tuple([z.number(), z.number()]));
const statusCounts = z.strictObject({
  exact: z.number(),
  api: z.number(),
  partial: z.number(),
  missing: z.number(),
  unevaluable: z.number(),
});
const place = z.strictObject({ path: z.string(), line: z.number(), text: z.string() });
const named = z.strictObject({ before: z.boolean(), after: z.boolean(), candidate: z.boolean() });

/** Everything that comparing the three trees tells. Shares are in [0, 1]; null where there is nothing to measure. */
export const patchMetrics = z.strictObject({
  status: z.enum(['scored', 'unscored', 'not_applicable']),
  /** Why not scored; null when scored. */
  why: z.string().nullable(),
  editF1: share,
  recall: share,
  recallAdd: share,
  recallDel: share,
  precision: share,
  /** Token weights: labelled lines of the ground truth, the candidate's edits, what of those is right. */
  weights: z.strictObject({
    labelledAdded: z.number(),
    labelledDeleted: z.number(),
    added: z.number(),
    deleted: z.number(),
    right: z.number(),
  }),
  /** Beside the score, which measures likeness and not correctness. */
  flags: z.strictObject({
    /** Imports the target under the source's name, calls untouched. */
    aliased: z.boolean(),
    /** Labelled weight under 20. */
    small: z.boolean(),
    /** Labels only add or only delete. */
    one_sided: z.boolean(),
    /** A file of the candidate does not read as Python. */
    syntax: z.boolean(),
    /** The candidate adds code under a condition that never holds, or the ground truth's lines where nothing gets. */
    vacuous: z.boolean(),
  }),
  labels: z.strictObject({
    used: z.enum(['given', 'derived', 'all']),
    count: z.number(),
    /** Left out because they lie in tests while others do not. */
    dropped: z.number(),
    testsMigrated: z.boolean(),
  }),
  changes: z.array(
    z.strictObject({
      path: z.string(),
      before: ranges,
      after: ranges,
      isImport: z.boolean(),
      status: z.enum(CHANGE_STATUSES),
      why: z.string().nullable(),
    }),
  ),
  changeCounts: z.strictObject({ imports: statusCounts, others: statusCounts }),
  /** Uses of the source library left beyond those the ground truth keeps; null in an upgrade. */
  residualA: z.strictObject({ count: z.number(), uses: z.array(place) }).nullable(),
  /** Manifests that are not alike in the three trees: which of them name each library. */
  manifest: z.array(z.strictObject({ path: z.string(), source: named, target: named })),
  /** Share of the candidate's edited units that hold labelled lines; share of those units that it edited. */
  locPrecision: share,
  locRecall: share,
  /** Paths that the candidate changed and that do not enter the score, and scored ones that the ground truth leaves alone. */
  scope: z.strictObject({
    tests: z.array(z.string()),
    manifests: z.array(z.string()),
    other: z.array(z.string()),
    beyond: z.array(z.string()),
  }),
  /** Changed files of any kind and physical lines of the text among them. */
  churn: z.strictObject({ files: z.number(), added: z.number(), deleted: z.number() }),
  syntax: z.array(z.strictObject({ path: z.string(), line: z.number(), problem: z.string() })),
  legacy: z.strictObject({
    /** Mean of difflib's ratio by lines over code files common to candidate and ground truth: the older tools' number. */
    similarity: share,
  }),
});
export type PatchMetrics = z.infer<typeof patchMetrics>;

/** `score.json` of `patch_eval`. Holds no time and no path of the machine: equal inputs give equal bytes. */
export const patchScore = z.strictObject({
  schema: z.literal(1),
  ...patchMetrics.shape,
  /** How the patch went on; `conflict` and `malformed` score as an untouched tree. */
  apply: z.enum(['empty', 'strict', '3way', 'conflict', 'malformed']),
  /** What the two stand-ins score on this migration: must be 0 and 1. */
  calibration: z.strictObject({ noop: share, gold: share }),
});
export type PatchScore = z.infer<typeof patchScore>;
