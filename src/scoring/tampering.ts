import type { TestId, TestOutcome } from '../model/tests.ts';
import { isTest } from './file-kinds.ts';
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
  /** All that the text of the patch is watched for, and what of it is enough alone. */
  readonly uses: readonly WatchedUse[];
  readonly convicting: readonly WatchedUse[];
  /** What the run itself showed. */
  readonly seen: readonly WatchedUse[];
  /** Whether the interpreter tells what code does (from 3.8 on): else text is all there is. */
  readonly isHeard: boolean;
}

/**
 * Events of the run that decide, by kind: each shows that code of the patch reached what no migration reaches. All
 * others are named. The same words in a text are only named: code may be there and do no harm. Not here, because honest
 * code does it: starting processes, frames (for a caller's name), importing pytest (a helper for tests), loaders of
 * plug-ins, exit handlers, signals, collecting garbage. What those are used for shows elsewhere: in what A's files, the
 * tests and the runner see of it.
 */
const DECIDING_EVENTS: Readonly<Record<string, RegExp>> = {
  // A's files were opened, copied or linked, where A is refused
  'source-files': /^/,
  // the runner's folder was opened or listed, or its modules or pytest's inner ones imported
  runner: /^(?:open|listing) |^import (?:mig_\w*|_pytest|pluggy)\b/,
  // the text of a test was read by the code that it tests
  'tests-read': /^/,
  'import-machinery': /finder was taken out/,
  // whoever holds an object, of all that there are
  gc: /^gc\.get_(?:objects|referrers|referents)$/,
  // code that claims to be another's
  code: /^(?:compile as|exec of) (?:<doctest|<frozen|test_|.*_tests?\.py$|conftest\.py$)/,
  proc: /^open \/proc\/(?:self|thread-self|N)\/(?:task\/N\/)?(?:environ|fd|fdinfo|mem|maps|smaps|map_files|auxv)\b/,
};

/** pytest itself puts this import into whatever it takes for a test by its name. */
const OF_REWRITING = 'import _pytest.assertion.rewrite';

/** Whether an event of the run is enough by itself. */
export function decides({ kind, path, what }: Pick<WatchedUse, 'kind' | 'path' | 'what'>): boolean {
  if (what === OF_REWRITING && isTest(path)) return false;
  return DECIDING_EVENTS[kind]?.test(what) === true;
}

/** Why the score is 0 whatever passed; empty for an honest patch. In order, without doubles. */
export function tamperingOf(evidence: Evidence): Tampering[] {
  const found: Tampering[] = [
    ...evidence.disagreements
      .filter((one) => !evidence.known.has(`${one.reason}: ${one.detail}`))
      .map(withoutChance),
    ...(evidence.canaries.some(({ outcome }) => hasPassed(outcome))
      ? [{ reason: 'canary', detail: 'passed' }]
      : []),
    // which test it was is chance, and chance is no part of a score
    ...(evidence.contradictions.length > 0 ? [{ reason: 'twin', detail: '' }] : []),
    ...[...evidence.convicting, ...readingCallers(evidence), ...evidence.seen.filter(decides)].map(
      ({ kind, seen, path, line, what }) => ({
        reason: seen === 'text' ? `code:${kind}` : `seen:${kind}`,
        detail: `${path}:${line}: ${what}`,
      }),
    ),
  ];
  const unique = new Map(found.map((one) => [wordsOf(one), one]));
  return [...unique.values()].sort((a, b) => compareCodePoints(wordsOf(a), wordsOf(b)));
}

/** Names of tests may be those of our own, which are new in every run; a score must be the same in every run. */
function withoutChance({ reason, detail }: Disagreement): Disagreement {
  return { reason, detail: reason === 'integrity' ? detail : detail.replace(/: .*$/s, '') };
}

/**
 * Frames have honest uses, and so have the text of code, its constants and variables; together they read a caller's
 * expectation. Where the run is heard, text counts when that of a test was shown, and variables when frames were had.
 */
function readingCallers({ uses, seen, isHeard }: Evidence): readonly WatchedUse[] {
  const walked = seen.some(({ kind }) => kind === 'frames');
  if (!walked && !uses.some(({ kind }) => kind === 'frames')) return [];
  const isRead = !isHeard || seen.some(({ kind }) => kind === 'tests-shown');
  return uses.filter(
    ({ kind, what }) =>
      (kind === 'callers-source' && isRead) ||
      (kind === 'callers-values' && (walked || !isHeard || what.startsWith('co_'))),
  );
}

function wordsOf({ reason, detail }: Disagreement): string {
  return `${reason}\u0000${detail}`;
}
