import * as z from 'zod';
import type { Score } from '../model/events.ts';
import { suiteStrength } from '../model/tests.ts';
import { testGrade } from './test-classes.ts';

/** A change of a patch that is not run, and why: tests and what Python obeys come from the reference. */
export const droppedChange = z.strictObject({ path: z.string(), why: z.string() });

/** Why a score is 0 whatever was passed: two witnesses disagree, or the patch laid hands on what judges it. */
export const tampering = z.strictObject({ reason: z.string(), detail: z.string() });
export type Tampering = z.infer<typeof tampering>;

/** Code of the patch that deals with imports, frames, processes or the runner, as text says or as was seen in the run. */
export const watchedUse = z.strictObject({
  kind: z.string(),
  seen: z.enum(['text', 'run']),
  path: z.string(),
  line: z.int(),
  what: z.string(),
});
export type WatchedUse = z.infer<typeof watchedUse>;

/** `score.json` of unit_test_eval. */
export const unitTestScore = z.strictObject({
  schema: z.literal(2),
  status: z.enum(['scored', 'unscored']),
  /** Why it is unscored, or what a reader must know of the score; null else. */
  why: z.string().nullable(),
  grade: testGrade.nullable(),
  /** Not empty: the score is 0 and nothing is resolved, whatever the counts of `grade` claim. */
  tampered: z.array(tampering),
  watched: z.array(watchedUse),
  /** Of the suite that judged; null where it was not measured. */
  strength: suiteStrength.nullable(),
  /** Resolved, but no preserved test runs a migrated line. */
  vacuous: z.boolean(),
  oracle: z.strictObject({ status: z.enum(['valid', 'degraded', 'invalid']), why: z.string() }),
  /** How the patch went on: `empty`, `strict`, `3way`, `conflict`, `malformed`; null where it was not tried. */
  apply: z.string().nullable(),
  dropped: z.array(droppedChange),
  /** How A was kept from the repository's code. */
  block: z.enum(['gone', 'blocked', 'none']).nullable(),
  /** `tests_migrated`, `unsealed`, `oracle: degraded`... */
  marks: z.array(z.string()),
  seconds: z.number(),
});
export type UnitTestScore = z.infer<typeof unitTestScore>;

/** The score as summaries show it. */
export function summaryOfUnitTestScore(score: UnitTestScore): Score {
  const { grade } = score;
  if (score.status === 'unscored' || grade === null || grade.passRate === null) {
    return { status: 'unscored', why: score.why ?? 'no preserved test' };
  }
  const isTampered = score.tampered.length > 0;
  const counts: Record<string, number> = { preserved: grade.preserved, passed: grade.passed };
  for (const [origin, share] of Object.entries(grade.origins)) {
    counts[origin] = share.preserved;
    counts[`${origin} passed`] = share.passed;
  }
  for (const [outcome, number] of Object.entries(grade.outcomes))
    if (outcome !== 'passed') counts[outcome] = number;
  const reasons = new Set(score.tampered.map(({ reason }) => `tampered: ${reason}`));
  const marks = [...reasons, ...(score.vacuous ? ['vacuous'] : []), ...score.marks];
  return {
    status: 'scored',
    value: isTampered ? 0 : grade.passRate,
    resolved: grade.resolved && !isTampered,
    counts: { ...counts, hidden: grade.hidden.preserved, 'hidden passed': grade.hidden.passed },
    ...(marks.length === 0 ? {} : { marks }),
  };
}
