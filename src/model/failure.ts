import type { AgentFailure } from './failures/agent.ts';
import type { BenchmarkFailure } from './failures/benchmark.ts';
import type { ConfigFailure } from './failures/config.ts';
import type { EnvironmentFailure } from './failures/environment.ts';
import type { EvaluationFailure } from './failures/evaluation.ts';
import type { GatewayFailure } from './failures/gateway.ts';
import type { PipelineFailure } from './failures/pipeline.ts';
import type { RuntimeFailure } from './failures/runtime.ts';
import type { SourceFailure } from './failures/source.ts';

/**
 * Whose fault it is, and so what happens next: `agent` is a result, `config` is what a user typed or
 * configured, `infra` is the world outside (never cached, retried by the next run), `bug` is ours.
 */
export type FailureClass = 'agent' | 'eval' | 'infra' | 'timeout' | 'budget' | 'cancelled' | 'config' | 'bug';

/**
 * Every way in which something can fail: a `reason` plus the facts. The sentence a person reads is made in
 * `report/failure-message.ts` alone. One file an area; each member has `class` and `reason`.
 */
export type Failure =
  | AgentFailure
  | BenchmarkFailure
  | ConfigFailure
  | EnvironmentFailure
  | EvaluationFailure
  | GatewayFailure
  | PipelineFailure
  | RuntimeFailure
  | SourceFailure;

/** Exit codes, the highest cause wins (README, "Exit codes"). */
export const EXIT = {
  done: 0,
  taskFailed: 1,
  usage: 2,
  outside: 3,
  busy: 5,
  workToDo: 10,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit code that a failure leads to when it ends a command before or instead of a task. */
export function exitCodeOf(failure: Failure): number {
  if (failure.reason === 'unit-busy') return EXIT.busy;
  if (failure.class === 'config') return EXIT.usage;
  if (failure.class === 'infra') return EXIT.outside;
  return EXIT.taskFailed;
}
