import type { Failure } from '../../model/failure.ts';

export function wordEnvironmentFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    default:
      return undefined;
  }
}
