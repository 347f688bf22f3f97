import type { HealthReason, StandIn, Staleness } from '../../model/validation.ts';
import { oracleWhy } from '../oracle-words.ts';
import { tamperingWords } from '../tampering-words.ts';

const NAMES: Readonly<Record<StandIn, string>> = {
  gold: 'the ground truth',
  noop: 'the untouched code',
  half: 'half of the ground truth',
};

/** Why a migration is not healthy, as a sentence without its full stop. */
export function healthReasonMessage(reason: HealthReason): string {
  switch (reason.reason) {
    case 'no-environment':
      return `its environment was ${reason.status}, so no test can be run: ${reason.why}`;
    case 'no-oracle':
      return `no test can judge it: ${reason.why}`;
    case 'nothing-to-migrate':
      return `the trees do not differ where they are labelled, so there is nothing to score: ${reason.why}`;
    case 'unscored':
      return `${NAMES[reason.standIn]} has no score in ${reason.score}: ${reason.why}`;
    case 'does-not-apply':
      return `the patch of ${NAMES[reason.standIn]} does not go on (${reason.how}): a fault of mig-pipeline, please report it`;
    case 'wrong-edit-f1':
      return `${NAMES[reason.standIn]} scores ${reason.editF1} in patch_eval, not ${reason.wanted}`;
    case 'gold-not-resolved': {
      const named = reason.failing.length === 0 ? '' : `; failing: ${reason.failing.join(', ')}`;
      return `the ground truth passes ${reason.passed} of ${reason.preserved} preserved tests, not all${named}`;
    }
    case 'noop-resolved':
      return `the untouched code passes all ${reason.preserved} preserved tests: they are blind to the migration`;
    case 'tampered':
      return `${NAMES[reason.standIn]} was taken for tampering: ${reason.found.map(tamperingWords).join('; ')}; a fault of mig-pipeline, please report it`;
    case 'oracle-degraded':
      return `its tests judge with reservations: ${oracleWhy(reason.of)}`;
    case 'vacuous':
      return 'no preserved test runs a migrated line of the ground truth';
    case 'low-strength': {
      const { mutants, lines, value } = reason.strength;
      if (value === null)
        return 'the strength of its tests could not be measured: there is nothing to measure it by';
      return `its tests are weak: they fail on ${mutants.killed} of ${mutants.total} hunk mutants and run ${lines.executed} of ${lines.executable} migrated lines`;
    }
  }
}

/** Why a verdict no longer holds. Without a full stop. */
export function stalenessMessage(stale: Staleness): string {
  switch (stale.reason) {
    case 'rules':
      return 'it was decided by rules of an earlier program';
    case 'entry':
      return "the benchmark's entry has changed since";
    case 'code':
      return `the task ${stale.task} itself has changed since`;
    case 'stamp':
      return `${stale.task} was ${stale.gone ? 'removed' : 'made anew'} since`;
  }
}
