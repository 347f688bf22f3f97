import type { Change, StaleReason, TaskSummary } from '../model/events.ts';
import { EXIT, exitCodeOf, type Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import { failureMessage } from '../report/failure-message.ts';
import { staleSentence } from '../events/stale-sentence.ts';
import type { TaskEnd } from './run-task.ts';
import { exitCodeOfSignal, type StopSignal } from './signals.ts';
import type { Stamp } from './stamp.ts';

/** How one task of a run ended, with the facts behind its sentence. */
export interface TaskReport extends TaskSummary {
  readonly failure: Failure | null;
  /** Why it was stale; null where it was not. */
  readonly staleReason: StaleReason | null;
  readonly changes: readonly Change[];
  /** The stamp that now vouches for the output; null where nothing does. */
  readonly stamp: Stamp | null;
  /** It failed or was cancelled, and an earlier result is still in place. */
  readonly keptEarlier: boolean;
}

/** How a whole run ended. */
export interface RunOutcome {
  /** Null when nothing was written: everything was fresh, or the run could not begin. */
  readonly runId: string | null;
  /** In the graph's order; empty when the run could not begin. */
  readonly tasks: readonly TaskReport[];
  /** Why the run could not begin or broke off as a whole. */
  readonly failure: Failure | null;
  readonly cancelled: boolean;
  readonly seconds: number;
  /** The highest cause wins; a signal above all. */
  readonly exitCode: number;
}

export function reportCached(id: TaskId, stamp: Stamp | null): TaskReport {
  const outcome = stamp?.outcome ?? null;
  return { ...blank(id), state: 'cached', outcome, stamp };
}

export function reportPending(id: TaskId, until: TaskId | null | undefined): TaskReport {
  return { ...blank(id), state: 'pending', reason: `left out by --until ${until ?? ''}`.trim() };
}

/** A task that did not start, as one that it needs did not get done. */
export function reportSkipped(id: TaskId, need: TaskReport): TaskReport {
  const state = need.state === 'cancelled' ? 'cancelled' : 'skipped';
  const ended = need.state === 'cancelled' ? 'was cancelled' : `was ${need.state}`;
  const reason = `needs ${need.id}, which ${need.state === 'failed' ? 'failed' : ended}`;
  return { ...blank(id), state, reason };
}

export function reportEnd(id: TaskId, end: TaskEnd, seconds: number): TaskReport {
  const { state, stamp, failure, keptEarlier, changes } = end;
  const why = end.reason === null ? null : staleSentence(end.reason, changes);
  return {
    id,
    state,
    outcome: stamp?.outcome ?? null,
    reason: failure === null ? why : failureMessage(failure),
    seconds,
    failure,
    staleReason: end.reason,
    changes,
    stamp,
    keptEarlier,
  };
}

/** Adds up a run. `signal.reason` may be the name of the signal that stopped it. */
export function outcomeOf(run: {
  readonly runId: string | null;
  readonly tasks: readonly TaskReport[];
  readonly failure: Failure | null;
  readonly seconds: number;
  readonly signal: AbortSignal;
}): RunOutcome {
  const { runId, tasks, failure, seconds, signal } = run;
  const cancelled = tasks.some(({ state }) => state === 'cancelled') || failure?.class === 'cancelled';
  const failures = [failure, ...tasks.map((task) => task.failure)].filter((one) => one !== null);
  const codes = failures.filter(({ class: kind }) => kind !== 'cancelled').map(exitCodeOf);
  const exitCode = cancelled ? stopCode(signal.reason) : Math.max(EXIT.done, ...codes);
  return { runId, tasks, failure, cancelled, seconds, exitCode };
}

function stopCode(reason: unknown): number {
  const known: readonly unknown[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  return known.includes(reason) ? exitCodeOfSignal(reason as StopSignal) : EXIT.interrupted;
}

function blank(id: TaskId): TaskReport {
  return {
    id,
    state: 'pending',
    outcome: null,
    reason: null,
    seconds: 0,
    failure: null,
    staleReason: null,
    changes: [],
    stamp: null,
    keptEarlier: false,
  };
}
