import type { GatedTest, TestGate, TestId, TestOrigin, TestOutcome } from '../model/tests.ts';
import { hasPassed } from './test-classes.ts';

/** What the source of a test says; see `runners/python/inspect_tests.py`. */
export interface TestSource {
  readonly imports: readonly string[];
  readonly forbidden: readonly string[];
  readonly asserts: boolean;
}

/** How a test ended on the code that it must pass on, under each condition; null: not run so. */
export interface Steadiness {
  /** All together, in the order of their files. */
  readonly plain: TestOutcome;
  /** All together once more, as they are. */
  readonly again: TestOutcome | null;
  readonly shuffled: TestOutcome | null;
  readonly alone: TestOutcome | null;
  /** With the clock set forward. */
  readonly clock: TestOutcome | null;
  /** With another seed of hashes. */
  readonly hashSeed: TestOutcome | null;
}

/** Everything that the gates look at for one test. */
export interface GateFacts {
  readonly id: TestId;
  readonly origin: TestOrigin;
  /** Why its file cannot be parsed; null where it can. */
  readonly parseError: string | null;
  /** Null where the source does not show it (doctests, tests that are made while files are loaded). */
  readonly source: TestSource | null;
  readonly steady: Steadiness | null;
  /** What it said where it did not pass. */
  readonly message: string;
  /** On the other tree, an outcome a run; null: there is none to pass on (helper suites). */
  readonly before: readonly TestOutcome[] | null;
  readonly relevance: Relevance;
}

export interface Relevance {
  /** On (B, E_B); null where it was not run there. */
  readonly blocked: TestOutcome | null;
  /** Executes a line of the migration (helper suites: a line that uses the source library). */
  readonly executes: boolean | null;
  /** A hunk mutant that it fails on. */
  readonly kills: string | null;
}

interface Verdict {
  readonly passed: boolean;
  readonly why: string;
}

/**
 * Takes one test through the gates of science.md §3, in order, as far as facts reach. A generated test is kept where it
 * passes all of them. What libraries, network and clock a developer's test deals with is its own affair, and whether it
 * asserts anything or is relevant is recorded: only what decides its class (passes, isolated, preserved) rejects it.
 */
export function gateTest(facts: GateFacts): GatedTest {
  const { id, origin } = facts;
  const verdicts: { gate: TestGate; passed: boolean; why: string }[] = [];
  let rejectedBy: TestGate | null = null;
  for (const gate of GATES) {
    if (origin !== 'generated' && OF_GENERATED.has(gate)) continue;
    const verdict = LOOK[gate](facts);
    if (verdict === null) continue;
    verdicts.push({ gate, ...verdict });
    if (verdict.passed || (origin !== 'generated' && RECORDED.has(gate))) continue;
    rejectedBy ??= gate;
    if (origin === 'generated') break;
  }
  return { id, origin, kept: rejectedBy === null, rejectedBy, verdicts };
}

const GATES = ['parses', 'imports', 'forbidden', 'asserts', 'passes', 'isolated', 'clock', 'hash-seed', 'preserved', 'relevant'] as const satisfies readonly TestGate[]; // prettier-ignore
const OF_GENERATED: ReadonlySet<TestGate> = new Set(['imports', 'forbidden', 'clock', 'hash-seed']);
const RECORDED: ReadonlySet<TestGate> = new Set(['asserts', 'relevant']);

/** The gates that read the source alone: what they reject is never run. */
export function passesStatically(facts: Pick<GateFacts, 'parseError' | 'source'>): boolean {
  const { parseError, source } = facts;
  if (parseError !== null) return false;
  return source === null || (source.imports.length === 0 && source.forbidden.length === 0 && source.asserts);
}

const GOOD: Verdict = { passed: true, why: '' };
const bad = (why: string): Verdict => ({ passed: false, why });

const LOOK: Readonly<Record<TestGate, (facts: GateFacts) => Verdict | null>> = {
  parses: ({ parseError }) => (parseError === null ? GOOD : bad(parseError)),
  imports: ({ source }) => none(source?.imports),
  forbidden: ({ source }) => none(source?.forbidden),
  asserts: ({ source }) =>
    source === null || source.asserts ? GOOD : bad('nothing in it can fail by what the code gives'),
  passes: ({ steady, message }) => {
    if (steady === null) return null;
    if (!hasPassed(steady.plain)) return bad(withMessage(steady.plain, message));
    return steady.again === null || hasPassed(steady.again)
      ? GOOD
      : bad(`passes once and then not: ${steady.again}`);
  },
  isolated: ({ steady }) => {
    if (steady === null || (steady.shuffled === null && steady.alone === null)) return null;
    if (steady.shuffled !== null && !hasPassed(steady.shuffled)) {
      return bad(`in another order: ${steady.shuffled}`);
    }
    return steady.alone === null || hasPassed(steady.alone) ? GOOD : bad(`alone: ${steady.alone}`);
  },
  clock: ({ steady }) => under(steady?.clock, 'on another day'),
  'hash-seed': ({ steady }) => under(steady?.hashSeed, 'with another seed of hashes'),
  preserved: ({ before, message }) => {
    if (before === null) return null;
    const lost = before.find((outcome) => !hasPassed(outcome));
    if (lost === undefined) return GOOD;
    return before.some(hasPassed)
      ? bad(`disagrees with itself on the tree before: ${before.join(', ')}`)
      : bad(`on the tree before: ${withMessage(lost, message)}`);
  },
  relevant: ({ relevance: { blocked, executes, kills } }) => {
    if (blocked === null && executes === null && kills === null) return null;
    if (executes === true) return { passed: true, why: 'executes a line of the migration' };
    if (blocked !== null && !hasPassed(blocked)) {
      return { passed: true, why: `${blocked} on the unchanged code without the source library` };
    }
    if (kills !== null) return { passed: true, why: `fails where ${kills} is taken back` };
    return bad('the same with and without the migration');
  },
};

function none(found: readonly string[] | undefined): Verdict {
  return found === undefined || found.length === 0 ? GOOD : bad(found.join('; '));
}

function under(outcome: TestOutcome | null | undefined, condition: string): Verdict | null {
  if (outcome === null || outcome === undefined) return null;
  return hasPassed(outcome) ? GOOD : bad(`${condition}: ${outcome}`);
}

function withMessage(outcome: TestOutcome, message: string): string {
  const last = message.trim().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? outcome : `${outcome}: ${last.slice(0, 200)}`;
}

/** How many of the tests that were handed over each gate rejected, in the order of the gates; gates without any left out. */
export function rejections(gated: readonly GatedTest[]): readonly { gate: TestGate; rejected: number }[] {
  return GATES.map((gate) => ({
    gate,
    rejected: gated.filter((one) => one.rejectedBy === gate).length,
  })).filter(({ rejected }) => rejected > 0);
}
