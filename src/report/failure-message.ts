import type { Failure } from '../model/failure.ts';
import { wordAgentFailure } from './messages/agent.ts';
import { wordBenchmarkFailure } from './messages/benchmark.ts';
import { wordConfigFailure } from './messages/config.ts';
import { wordEnvironmentFailure } from './messages/environment.ts';
import { wordEvaluationFailure } from './messages/evaluation.ts';
import { wordGatewayFailure } from './messages/gateway.ts';
import { wordPipelineFailure } from './messages/pipeline.ts';
import { wordRuntimeFailure } from './messages/runtime.ts';
import { wordSourceFailure } from './messages/source.ts';

/**
 * The sentence of a failure: what happened, where, and the next step. The one place where failures are
 * worded, an area a file below `messages/`; each area answers undefined for reasons that are not its own.
 */
export function failureMessage(failure: Failure): string {
  return (
    wordAgentFailure(failure) ??
    wordBenchmarkFailure(failure) ??
    wordConfigFailure(failure) ??
    wordEnvironmentFailure(failure) ??
    wordEvaluationFailure(failure) ??
    wordGatewayFailure(failure) ??
    wordPipelineFailure(failure) ??
    wordRuntimeFailure(failure) ??
    wordSourceFailure(failure) ??
    `${failure.class}: ${failure.reason}`
  );
}
