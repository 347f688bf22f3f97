import type { Failure } from '../../model/failure.ts';

export function wordSourceFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    default:
      return undefined;
  }
}
