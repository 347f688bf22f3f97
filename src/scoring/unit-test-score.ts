import * as z from 'zod';
import type { Score } from '../model/events.ts';
import { testGrade } from './test-classes.ts';

/** A change of a patch that is not run, and why: tests and what Python obeys come from the reference. */
export const droppedChange = z.strictObject({ path: z.string(), why: z.string() });

/** `score.json` of unit_test_eval. */
export const unitTestScore = z.strictObject({
  schema: z.literal(1),
  status: z.enum(['scored', 'unscored']),
  /** Why it is unscored, or what a reader must know of the score; null else. */
  why: z.string().nullable(),
  grade: testGrade.nullable(),
  oracle: z.strictObject({ status: z.enum(['valid', 'degraded', 'invalid']), why: z.string() }),
  /** How the patch went on: `empty`, `strict`, `3way`, `conflict`, `malformed`; null where it was not tried. */
  apply: z.string().nullable(),
  dropped: z.array(droppedChange),
  /** How A was kept from the repository's code. */
  block: z.enum(['gone', 'blocked', 'none']).nullable(),
  /** `tests_migrated`, `unsealed`, `oracle: degraded`... */
  marks: z.array(z.string()),
  runtime: z.string(),
  seconds: z.number(),
});
export type UnitTestScore = z.infer<typeof unitTestScore>;

/** The score as summaries show it. */
export function summaryOfUnitTestScore(score: UnitTestScore): Score {
  const { grade } = score;
  if (score.status === 'unscored' || grade === null || grade.passRate === null) {
    return { status: 'unscored', why: score.why ?? 'no preserved test' };
  }
  const counts: Record<string, number> = { preserved: grade.preserved, passed: grade.passed };
  for (const [origin, share] of Object.entries(grade.origins)) {
    counts[origin] = share.preserved;
    counts[`${origin} passed`] = share.passed;
  }
  for (const [outcome, number] of Object.entries(grade.outcomes))
    if (outcome !== 'passed') counts[outcome] = number;
  return {
    status: 'scored',
    value: grade.passRate,
    resolved: grade.resolved,
    counts: { ...counts, hidden: grade.hidden.preserved, 'hidden passed': grade.hidden.passed },
    ...(score.marks.length === 0 ? {} : { marks: score.marks }),
  };
}
