import type { EnvironmentArtefact, PatchArtefact } from '../model/artefacts.ts';
import { TEST_ORIGINS, type TestOrigin } from '../model/tests.ts';
import type { HealthFacts, StandInSeen } from '../model/validation.ts';
import type { RunOutcome } from '../pipeline/outcome.ts';
import type { PatchScore } from '../scoring/patch-score.ts';
import type { UnitTestScore } from '../scoring/unit-test-score.ts';
import { readEvalSuite } from '../tasks/eval-suite.ts';
import type { Laid } from './prepare.ts';

/** Ids of failing tests that a verdict names. */
const FEW = 3;

/** What three runs that ended left, read back. Throws where an output does not parse (a bug: it has just been made). */
export function factsOf(
  laid: Readonly<Record<'gold' | 'noop' | 'half', Laid>>,
  outcomes: Readonly<Record<'gold' | 'noop' | 'half', RunOutcome>>,
): HealthFacts {
  const { gold } = laid;
  const { record } = artefact<EnvironmentArtefact>(gold, 'env_setup');
  const suite = readEvalSuite(gold.paths.evalTests);
  if (!suite.ok) throw new Error(suite.failure);
  const { tests, oracle, reasons, strength } = suite.value;
  const preserved = tests.filter((test) => test.class === 'preserved');
  const ofOrigin = (origin: TestOrigin): number => preserved.filter((test) => test.origin === origin).length;
  const patchScore = artefact<PatchScore>(gold, 'patch_eval');
  return {
    environment: { status: record.status, why: record.why },
    oracle: { ...oracle, reasons },
    tests: {
      preserved: Object.fromEntries(TEST_ORIGINS.map((origin) => [origin, ofOrigin(origin)])) as Record<
        TestOrigin,
        number
      >,
      hidden: preserved.filter((test) => test.hidden).length,
    },
    strength,
    labels: patchScore.labels.count === 0 ? null : patchScore.labels.used,
    standIns: {
      gold: standInSeen(gold, false),
      noop: standInSeen(laid.noop, false),
      half: standInSeen(laid.half, outcomes.half.tasks.some(isWithoutPatch)),
    },
  };
}

function isWithoutPatch({ id, outcome }: RunOutcome['tasks'][number]): boolean {
  return id === 'coding_agent' && outcome === 'no-patch';
}

function standInSeen(laid: Laid, mayBeAbsent: boolean): StandInSeen {
  const attempt = artefact<PatchArtefact>(laid, 'coding_agent');
  return {
    notApplicable: mayBeAbsent ? attempt.why.replace(/^half: n\/a, /, '') : null,
    patchEval: patchSeen(artefact<PatchScore>(laid, 'patch_eval')),
    unitTestEval: testsSeen(artefact<UnitTestScore>(laid, 'unit_test_eval')),
  };
}

function patchSeen({ status, editF1, why, apply }: PatchScore): StandInSeen['patchEval'] {
  if (status === 'scored' && editF1 !== null) return { status, editF1, apply };
  return {
    status: status === 'not_applicable' ? status : 'unscored',
    why: why ?? 'no labelled line differs',
  };
}

function testsSeen(score: UnitTestScore): StandInSeen['unitTestEval'] {
  const { status, grade, why, tampered, vacuous } = score;
  if (status !== 'scored' || grade === null || grade.passRate === null)
    return { status: 'unscored', why: why ?? 'no preserved test' };
  return {
    status,
    resolved: grade.resolved && tampered.length === 0,
    passed: grade.passed,
    preserved: grade.preserved,
    tampered,
    vacuous,
    failing: grade.newFailures.slice(0, FEW).map(({ id, outcome }) => `${id} (${outcome})`),
  };
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the type
function artefact<A>(laid: Laid, task: Parameters<Laid['executor']['context']['getArtifact']>[0]): A {
  const found = laid.executor.context.getArtifact<A>(task);
  if (found === undefined) throw new Error(`${task} has not been done`);
  return found;
}
