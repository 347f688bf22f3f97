import type { PipelineEvent, TaskState } from '../model/events.ts';
import { TASK_IDS } from '../model/ids.ts';

/** Columns of the longest task id. */
export const TASK_WIDTH = Math.max(...TASK_IDS.map((id) => id.length));

export function isBad(state: TaskState): boolean {
  return state === 'failed' || state === 'skipped' || state === 'cancelled';
}

/** How a task ended, as words: state, result word, seconds, and what went wrong. */
export function endText(event: Extract<PipelineEvent, { event: 'task-end' }>): string {
  const outcome = event.outcome === null ? '' : ` ${event.outcome}`;
  const seconds = event.state === 'cached' || event.seconds === 0 ? '' : `  ${secondsText(event.seconds)}`;
  const why = isBad(event.state) && event.reason !== null ? `: ${event.reason}` : '';
  return `${event.state}${outcome}${seconds}${why}`;
}

/** `0.3 s`, `12 s`, `3 min 05 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
