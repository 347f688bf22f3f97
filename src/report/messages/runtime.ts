import type { Failure } from '../../model/failure.ts';

export function wordRuntimeFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    default:
      return undefined;
  }
}
