import type { Failure } from '../../model/failure.ts';

export function wordEvaluationFailure(failure: Failure): string | undefined {
  if (failure.reason !== 'runner-broken') return undefined;
  return `the runner of the tests did not come up: ${failure.detail} (its log: ${failure.log})`;
}
