import type { Failure } from '../../model/failure.ts';

export function wordEnvironmentFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'tools-missing':
      return (
        `${failure.tools.join(', ')} could not be fetched: ${failure.detail}. ` +
        'With a network, "mig-pipeline doctor --fetch" gets them once; no network is needed for them afterwards.'
      );
    case 'environment-broken':
      return `${failure.what} of the environment failed for an outside reason: ${failure.detail}. The log is ${failure.log}.`;
    default:
      return undefined;
  }
}
