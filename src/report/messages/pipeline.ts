import type { Failure } from '../../model/failure.ts';

export function wordPipelineFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    default:
      return undefined;
  }
}
