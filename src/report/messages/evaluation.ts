import type { Failure } from '../../model/failure.ts';

export function wordEvaluationFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'runner-broken':
      return `The runner of the tests did not come up: ${failure.detail} Its log is ${failure.log}; \`mig-pipeline doctor\` checks what it needs.`;
    default:
      return undefined;
  }
}
