import type {
  HealthFacts,
  HealthReason,
  StandIn,
  StandInSeen,
  ValidationRecord,
  Verdict,
} from '../model/validation.ts';

/** What follows from a reason: a score that cannot be had or believed, or one that says less than it should. */
const SEVERITY: Readonly<Record<HealthReason['reason'], 'degraded' | 'unhealthy'>> = {
  tampered: 'unhealthy',
  'does-not-apply': 'unhealthy',
  'wrong-edit-f1': 'unhealthy',
  'nothing-to-migrate': 'unhealthy',
  unscored: 'unhealthy',
  'no-environment': 'unhealthy',
  'no-oracle': 'unhealthy',
  'gold-not-resolved': 'unhealthy',
  'noop-resolved': 'unhealthy',
  'oracle-degraded': 'degraded',
  'low-strength': 'degraded',
  vacuous: 'degraded',
};

export type Decision = Pick<ValidationRecord, 'verdict' | 'reasons' | 'believable'>;

/**
 * The health of a migration from what its stand-ins scored (science.md §6). Healthy means that both scores can be
 * believed: the ground truth is 1 and resolved, the no-op is 0 and is not, the half lies between (or there is
 * none), and the tests are neither few, unsteady nor weak. Without usable tests a migration is unhealthy though
 * its patch_eval holds: the ground truth is not resolved, and likeness alone ranks nothing. `believable` tells
 * those apart.
 */
export function decideHealth(facts: HealthFacts): Decision {
  const ofPatch = patchReasons(facts);
  const ofTests = testReasons(facts);
  const reasons = [...ofPatch, ...ofTests].sort((a, b) => rank(a) - rank(b));
  const isBad = (reason: HealthReason): boolean => SEVERITY[reason.reason] === 'unhealthy';
  const [worst] = reasons;
  return {
    verdict: worst === undefined ? 'healthy' : SEVERITY[worst.reason],
    reasons,
    believable: { patch_eval: !ofPatch.some(isBad), unit_test_eval: !ofTests.some(isBad) },
  };
}

function rank({ reason }: HealthReason): number {
  return SEVERITY[reason] === 'unhealthy' ? 0 : 1;
}

function patchReasons({ standIns }: HealthFacts): HealthReason[] {
  const { gold, noop, half } = standIns;
  const first = gold.patchEval;
  if (first.status === 'not_applicable') return [{ reason: 'nothing-to-migrate', why: first.why }];
  if (first.status === 'unscored')
    return [{ reason: 'unscored', standIn: 'gold', score: 'patch_eval', why: first.why }];
  return [
    ...patchReason('gold', gold, '1', (value) => value === 1),
    ...patchReason('noop', noop, '0', (value) => value === 0),
    ...patchReason('half', half, 'between 0 and 1', (value) => value > 0 && value < 1),
  ];
}

function patchReason(
  standIn: StandIn,
  { patchEval, notApplicable }: StandInSeen,
  wanted: string,
  holds: (editF1: number) => boolean,
): HealthReason[] {
  if (notApplicable !== null) return [];
  if (patchEval.status !== 'scored')
    return [{ reason: 'unscored', standIn, score: 'patch_eval', why: patchEval.why }];
  const { editF1, apply } = patchEval;
  if (apply === 'conflict' || apply === 'malformed')
    return [{ reason: 'does-not-apply', standIn, how: apply }];
  return holds(editF1) ? [] : [{ reason: 'wrong-edit-f1', standIn, editF1, wanted }];
}

function testReasons(facts: HealthFacts): HealthReason[] {
  const { environment, oracle, standIns, strength } = facts;
  if (environment.status !== 'ready')
    return [{ reason: 'no-environment', status: environment.status, why: environment.why }];
  if (oracle.status === 'invalid') return [{ reason: 'no-oracle', why: oracle.why }];
  const reasons = (Object.entries(standIns) as [StandIn, StandInSeen][]).flatMap(([standIn, seen]) =>
    runReasons(standIn, seen),
  );
  const reservations = oracle.reasons.filter(({ reason }) => !isSaidElsewhere(reason, standIns));
  if (reservations.length > 0) reasons.push({ reason: 'oracle-degraded', of: reservations });
  if (strength?.lowConfidence === true) reasons.push({ reason: 'low-strength', strength });
  return reasons;
}

/** The suite's own reservations that a verdict has a reason of its own for. */
function isSaidElsewhere(
  reason: HealthFacts['oracle']['reasons'][number]['reason'],
  { noop }: HealthFacts['standIns'],
): boolean {
  const { unitTestEval } = noop;
  if (reason === 'noop-passes') return unitTestEval.status === 'scored' && unitTestEval.resolved;
  return reason === 'low-strength';
}

function runReasons(standIn: StandIn, { unitTestEval, notApplicable }: StandInSeen): HealthReason[] {
  if (notApplicable !== null) return [];
  if (unitTestEval.status === 'unscored')
    return [{ reason: 'unscored', standIn, score: 'unit_test_eval', why: unitTestEval.why }];
  const { resolved, passed, preserved, tampered, vacuous, failing } = unitTestEval;
  if (tampered.length > 0) return [{ reason: 'tampered', standIn, found: tampered }];
  // What the tests say of the half is not held against them: half a migration may well work.
  if (standIn === 'noop' && resolved) return [{ reason: 'noop-resolved', preserved }];
  if (standIn !== 'gold') return [];
  if (!resolved) return [{ reason: 'gold-not-resolved', passed, preserved, failing }];
  return vacuous ? [{ reason: 'vacuous' }] : [];
}

/** How many of each, those that could not be validated included: they add up to `total`. */
export interface HealthCounts extends Readonly<Record<Verdict, number>> {
  readonly total: number;
  readonly unknown: number;
}

/** Counts verdicts; null stands for a migration that could not be validated. */
export function countVerdicts(verdicts: readonly (Verdict | null)[]): HealthCounts {
  const of = (wanted: Verdict | null): number => verdicts.filter((verdict) => verdict === wanted).length;
  return {
    total: verdicts.length,
    healthy: of('healthy'),
    degraded: of('degraded'),
    unhealthy: of('unhealthy'),
    unknown: of(null),
  };
}

/** `20 migrations: 15 healthy, 3 degraded, 1 unhealthy, 1 could not be validated`. */
export function countsSentence(counts: HealthCounts): string {
  const { total, healthy, degraded, unhealthy, unknown } = counts;
  const migrations = total === 1 ? '1 migration' : `${total} migrations`;
  return `${migrations}: ${healthy} healthy, ${degraded} degraded, ${unhealthy} unhealthy, ${unknown} could not be validated`;
}
