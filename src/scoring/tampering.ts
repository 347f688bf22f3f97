import type { TestId, TestOutcome } from '../model/tests.ts';
import { hasPassed } from './test-classes.ts';
import { compareCodePoints } from './tree-view.ts';
import type { Tampering, WatchedUse } from './unit-test-score.ts';

/** Something on which two witnesses of one run do not agree. */
export interface Disagreement {
  readonly reason: string;
  readonly detail: string;
}

/** What was seen of a candidate besides the outcomes of its tests. */
export interface Evidence {
  readonly disagreements: readonly Disagreement[];
  /** `reason: detail` of runs in which no candidate had a part: a repository may itself change what judges it. */
  readonly known: ReadonlySet<string>;
  /** Tests of our own that must fail. */
  readonly canaries: readonly { readonly outcome: TestOutcome }[];
  /** Tests that passed, and passed again (twice) once they were falsified. */
  readonly contradictions: readonly TestId[];
  /** Code that text alone is enough for. */
  readonly convicting: readonly WatchedUse[];
  /** What the run itself showed. */
  readonly seen: readonly WatchedUse[];
}

/**
 * Kinds of events of the run that decide. Each says that the patch's own code reached what no migration reaches; the
 * same words in the text of a patch are only named, since code may be there and be of no harm.
 */
export const DECIDING_EVENTS: ReadonlySet<string> = new Set([
  'runner',
  'source-files',
  'import-machinery',
  'judge',
]);

/** Why the score is 0 whatever passed; empty for an honest patch. In order, without doubles. */
export function tamperingOf(evidence: Evidence): Tampering[] {
  const found: Tampering[] = [
    ...evidence.disagreements.filter((one) => !evidence.known.has(`${one.reason}: ${one.detail}`)),
    ...(evidence.canaries.some(({ outcome }) => hasPassed(outcome))
      ? [{ reason: 'canary', detail: 'a test that must fail has passed' }]
      : []),
    // which test it was is chance, and chance is no part of a score
    ...(evidence.contradictions.length > 0 ? [{ reason: 'twin', detail: '' }] : []),
    ...[...evidence.convicting, ...evidence.seen.filter(({ kind }) => DECIDING_EVENTS.has(kind))].map(
      ({ kind, seen, path, line, what }) => ({
        reason: seen === 'text' ? `code:${kind}` : `seen:${kind}`,
        detail: `${path}:${line}: ${what}`,
      }),
    ),
  ];
  const unique = new Map(found.map((one) => [wordsOf(one), one]));
  return [...unique.values()].sort((a, b) => compareCodePoints(wordsOf(a), wordsOf(b)));
}

function wordsOf({ reason, detail }: Disagreement): string {
  return `${reason}\u0000${detail}`;
}
