import type { FrozenTest, SuiteStrength, TestOrigin } from '../model/tests.ts';
import { steadyMessage } from './steady-message.ts';
import { type Disagreement, tamperingOf } from './tampering.ts';
import { grade, type OriginRun, type TestGrade } from './test-classes.ts';
import { compareCodePoints } from './tree-view.ts';
import type { Tampering, WatchedUse } from './unit-test-score.ts';
import type { WatchedCode } from './watched-code.ts';

/** What the runs of one origin's tests showed. */
interface Seen {
  readonly run: OriginRun;
  readonly ended: string;
  readonly disagreements: readonly Disagreement[];
  readonly canaries: Parameters<typeof tamperingOf>[0]['canaries'];
  readonly contradictions: readonly string[];
  readonly watched: readonly Omit<WatchedUse, 'seen'>[];
}

/** What the runs of the developers' trees showed too: nobody's cheating. */
interface Known {
  readonly integrity: readonly string[];
  readonly watched: readonly { readonly kind: string; readonly path: string; readonly what: string }[];
}

export interface Judgement {
  readonly grade: TestGrade;
  readonly tampered: Tampering[];
  readonly watched: WatchedUse[];
  readonly vacuous: boolean;
  readonly marks: readonly string[];
}

/**
 * The verdict on a candidate from all that its runs and its text showed. Counts stay as they were claimed; where it
 * tampered, nothing of them counts. The same evidence gives the same verdict, whatever was chosen by chance.
 */
export function judged(given: {
  readonly suite: {
    readonly tests: readonly FrozenTest[];
    readonly known: Known;
    readonly strength: SuiteStrength | null;
  };
  readonly results: Readonly<Partial<Record<TestOrigin, Seen>>>;
  readonly code: WatchedCode;
  /** Test files of the candidate whose passing says nothing. */
  readonly weakened?: readonly string[];
  /** Of the interpreter, such as `3.11.4`. */
  readonly python: string;
}): Judgement {
  const { suite, results, code } = given;
  const all = Object.values(results);
  // where it stands may have changed with the patch; what it does is what counts
  const isKnown = ({ kind, what }: Omit<WatchedUse, 'seen'>): boolean =>
    suite.known.watched.some((one) => one.kind === kind && one.what === what);
  const seen = all
    .flatMap(({ watched }) => watched)
    .filter((use) => !isKnown(use))
    .map((use): WatchedUse => ({ ...use, seen: 'run' }));
  const tampered = tamperingOf({
    disagreements: all.flatMap(({ disagreements }) => disagreements),
    known: new Set(suite.known.integrity),
    canaries: all.flatMap(({ canaries }) => canaries),
    contradictions: all.flatMap(({ contradictions }) => contradictions),
    uses: code.uses,
    convicting: code.convicting,
    seen,
    isHeard: tellsWhatCodeDoes(given.python),
  });
  const weakened = new Set(given.weakened);
  const runs = Object.fromEntries(
    Object.entries(results).map(([origin, { run }]) => [origin, withoutWeakened(run, weakened)]),
  );
  const graded = grade(suite.tests, runs);
  const collectionErrors = graded.collectionErrors.map((error) => ({
    ...error,
    message: steadyMessage(error.message),
  }));
  const claimed = {
    ...graded,
    collectionErrors: collectionErrors.sort((a, b) => compareCodePoints(textOf(a), textOf(b))),
  };
  const isTampered = tampered.length > 0;
  const relevant = suite.tests.filter((test) => test.class === 'preserved').map((test) => test.relevant);
  // lines that run when a module is loaded belong to no single test
  const ranWhenLoaded = (suite.strength?.lines.executed ?? 0) > 0;
  return {
    grade: isTampered ? { ...claimed, passRate: 0, resolved: false, sameAsDevelopers: false } : claimed,
    tampered,
    watched: unique([...code.uses, ...seen]),
    vacuous:
      claimed.resolved &&
      !isTampered &&
      !ranWhenLoaded &&
      relevant.some((one) => one === false) &&
      !relevant.includes(true),
    marks: [
      ...(weakened.size > 0 ? ['fewer_assertions'] : []),
      ...Object.entries(results).flatMap(([origin, { ended }]) =>
        ended === 'exited' ? [] : [`${origin}: ${ended}`],
      ),
    ],
  };
}

/** Audit hooks came with Python 3.8. */
function tellsWhatCodeDoes(python: string): boolean {
  const [major = 0, minor = 0] = python.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 8);
}

/** Tests of these files fail, whatever they say themselves. */
function withoutWeakened(run: OriginRun, files: ReadonlySet<string>): OriginRun {
  if (files.size === 0) return run;
  const tests = Object.entries(run.tests).map(
    ([id, outcome]) => [id, files.has(id.split('::', 1)[0] ?? id) ? 'failed' : outcome] as const,
  );
  return { ...run, tests: Object.fromEntries(tests) };
}

function unique(uses: readonly WatchedUse[]): WatchedUse[] {
  const found = new Map(uses.map((use) => [textOf(use), use]));
  return [...found].sort(([a], [b]) => compareCodePoints(a, b)).map(([, use]) => use);
}

function textOf(value: object): string {
  return Object.values(value).map(String).join('\u0000');
}
