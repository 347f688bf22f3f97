import type { OracleReason } from '../model/oracle.ts';
import type { CollectionError, FrozenTest, SuiteStrength } from '../model/tests.ts';
import { hasPassed } from './test-classes.ts';

/** Fewer preserved tests than this say little. */
const FEW = 5;

/** What is known of a suite once its tests are frozen. */
export interface OracleFacts {
  readonly tests: readonly FrozenTest[];
  /** Files that could not be collected on the ground truth. */
  readonly goldErrors: readonly CollectionError[];
  /** Requirements that the environment lacks. */
  readonly dropped: readonly string[];
  /** Runs that a limit ended. */
  readonly unfinished: readonly { readonly run: string; readonly ended: string }[];
  /** Whether a candidate that changes imports alone passes every preserved test; null where there is none to try. */
  readonly importOnlyPasses: boolean | null;
  readonly strength: SuiteStrength | null;
  readonly session: { readonly outcome: string; readonly why: string } | null;
}

/** How far the frozen tests can judge, as reasons: none at all is a valid oracle (`oracleStatus`). */
export function oracleReasons(facts: OracleFacts): OracleReason[] {
  const { tests, session } = facts;
  const preserved = tests.filter((test) => test.class === 'preserved');
  const agent: OracleReason[] =
    session === null || session.outcome === 'tests' || session.outcome === 'empty'
      ? []
      : [{ reason: 'testing-agent', outcome: session.outcome, why: session.why }];
  if (preserved.length === 0) return [whyNothing(facts), ...agent];
  const reasons: OracleReason[] = [];
  if (facts.dropped.length > 0) reasons.push({ reason: 'dropped-requirements', names: [...facts.dropped] });
  for (const { run, ended } of facts.unfinished) reasons.push({ reason: 'ended-early', run, ended });
  if (preserved.length < FEW) reasons.push({ reason: 'few-preserved', preserved: preserved.length });
  const flaky = tests.filter((test) => test.class === 'flaky').length;
  if (flaky > preserved.length / 10) reasons.push({ reason: 'flaky', flaky });
  if (preserved.every((test) => hasPassed(test.blocked))) reasons.push({ reason: 'noop-passes' });
  if (facts.importOnlyPasses === true) reasons.push({ reason: 'import-only-passes' });
  if (facts.strength?.lowConfidence === true) {
    reasons.push({ reason: 'low-strength', value: facts.strength.value });
  }
  return [...reasons, ...agent];
}

function whyNothing({ tests, goldErrors }: OracleFacts): OracleReason {
  const onGold = tests.filter((test) => hasPassed(test.after));
  const lost = tests.every(({ after }) => after === 'missing' || after === 'collection_error');
  const [error] = goldErrors;
  if (onGold.length === 0 && lost && error !== undefined) {
    return { reason: 'gold-does-not-import', file: error.file, failingImport: error.failingImport };
  }
  if (tests.length === 0) return { reason: 'no-tests' };
  return { reason: onGold.length === 0 ? 'none-passes-on-gold' : 'none-preserved' };
}
