import type { TestId, TestOutcome } from '../model/tests.ts';
import type { Disagreement, StartReport } from './test-events.ts';
import type { Start } from './test-start.ts';

/** How the canaries of one start ended. */
export function canaryOutcomes(
  report: StartReport,
  canaries: readonly TestId[],
): readonly { readonly id: TestId; readonly outcome: TestOutcome }[] {
  const broken = new Set(report.collectionErrors.map(({ file }) => file));
  return canaries.map((id) => {
    const outcome = report.ended.get(id)?.outcome;
    if (outcome !== undefined) return { id, outcome };
    if (broken.has(id.split('::')[0] ?? '')) return { id, outcome: 'collection_error' };
    return { id, outcome: report.running?.name === id ? 'crash' : 'missing' };
  });
}

const COUNTED_AS_PASSED: readonly TestOutcome[] = ['passed', 'xpass'];
/** pytest's exit codes of a session that ran its tests to the end: all passed, some failed. */
const RAN = [0, 1];
const NOTHING_COLLECTED = 5;

/**
 * Where witnesses of one start contradict each other. A run that ended early contradicts nobody: what it did not tell
 * is simply not passed. Details are the same words in every run.
 */
export function disagreementsOf({ report, exit, canary, junit }: Start): readonly Disagreement[] {
  const found = [...report.disagreements];
  // Without a canary nothing is run, only planned.
  if (canary === null) return found;
  const { finished } = report;
  for (const { outcome } of canaryOutcomes(report, canary.ids)) {
    const isLost = outcome === 'missing' && finished !== null && RAN.includes(finished);
    if (COUNTED_AS_PASSED.includes(outcome) || isLost)
      found.push({ reason: 'canary', detail: isLost ? 'was not run' : 'passed' });
  }
  if (finished === null) return found;
  if (exit.ended === 'exited' && exit.code !== finished)
    found.push({ reason: 'exit-code', detail: 'the process ended otherwise than pytest' });
  const outcomes = [...report.ended.values()].map(({ outcome }) => outcome);
  const failing = outcomes.some((outcome) => ['failed', 'error', 'timeout'].includes(outcome));
  if (finished === 0 && failing)
    found.push({ reason: 'exit-code', detail: 'pytest ended with 0 though tests failed' });
  if (finished === 1 && !failing && report.collectionErrors.length === 0)
    found.push({ reason: 'exit-code', detail: 'pytest ended with 1 though no test failed' });
  if (finished === NOTHING_COLLECTED && outcomes.length > 0)
    found.push({ reason: 'exit-code', detail: 'pytest ended without tests though some ended' });
  if (RAN.includes(finished)) {
    if (outcomes.length !== new Set(report.collected).size)
      found.push({ reason: 'count', detail: 'tests were collected that did not end' });
    const passed = outcomes.filter((outcome) => COUNTED_AS_PASSED.includes(outcome)).length;
    // A test that swallowed its alarm passed for pytest, and took too long for us.
    const late = outcomes.filter((outcome) => outcome === 'timeout').length;
    if (junit === null) found.push({ reason: 'junit', detail: 'pytest wrote no JUnit' });
    else if (junit.passed < passed || junit.passed > passed + late)
      found.push({ reason: 'junit', detail: 'JUnit counts other passed tests' });
  }
  return found;
}

/** Each contradiction once, those of all starts together. */
export function distinct(disagreements: readonly Disagreement[]): readonly Disagreement[] {
  const seen = new Map(disagreements.map((each) => [`${each.reason}\0${each.detail}`, each]));
  return [...seen.values()];
}
