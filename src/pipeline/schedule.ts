import type { Graph } from '../graph/node.ts';
import type { TaskId } from '../model/ids.ts';
import { portDigest, type Look } from './facts.ts';
import { reportCached, reportEnd, reportPending, reportSkipped, type TaskReport } from './outcome.ts';
import type { Plan, PlannedTask } from './plan.ts';
import { runTask, type RunScope, type TaskEnd } from './run-task.ts';
import type { Stamp } from './stamp.ts';
import type { Need, Task } from './task.ts';

export interface Schedule {
  readonly scope: RunScope;
  readonly graph: Graph<TaskId>;
  readonly plan: Plan;
  readonly forced: ReadonlySet<TaskId>;
  readonly until: TaskId | null;
  readonly verify: boolean;
  readonly files: Map<string, string>;
}

/**
 * Admits tasks level by level through the limiter, each as soon as its own needs are there: a barrier between
 * levels would make the coding agent wait for tests that it must never see.
 */
export async function runTasks(schedule: Schedule): Promise<readonly TaskReport[]> {
  const { graph, plan } = schedule;
  const stamps = new Map<TaskId, Stamp | null>();
  const started = new Map<TaskId, Promise<TaskReport>>();
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  for (const id of graph.order) {
    const task = schedule.scope.tasks.get(id);
    const what = planned.get(id);
    if (task === undefined || what === undefined) continue;
    const needs = [...new Set(task.needs.map((need) => need.task))];
    const settle = async () => {
      const reports = await Promise.all(needs.flatMap((need) => started.get(need) ?? []));
      const report = await settleTask(schedule, task, what, reports, stamps);
      stamps.set(id, report.stamp);
      announce(schedule.scope, task, report);
      return report;
    };
    started.set(id, settle());
  }
  return Promise.all(started.values());
}

async function settleTask(
  schedule: Schedule,
  task: Task,
  planned: PlannedTask,
  needs: readonly TaskReport[],
  stamps: ReadonlyMap<TaskId, Stamp | null>,
): Promise<TaskReport> {
  const { scope } = schedule;
  if (planned.decision === 'pending') return reportPending(task.id, schedule.until);
  if (planned.decision === 'fresh') {
    scope.context.markReady(task.id);
    return reportCached(task.id, planned.stamp);
  }
  const undone = needs.find(({ state }) => state !== 'completed' && state !== 'cached');
  if (undone !== undefined) return reportSkipped(task.id, undone);
  const look: Look = {
    forced: schedule.forced.has(task.id),
    verify: schedule.verify,
    files: schedule.files,
    digestOf: (need: Need) => {
      const needed = scope.tasks.get(need.task);
      return needed === undefined ? null : portDigest(needed, stamps.get(need.task) ?? null, need.port);
    },
  };
  const begunMs = scope.now();
  const job = () => runTask(scope, task, planned, look);
  // A queue that was cleared rejects: such a task was never started.
  const end = await scope.limiters.run('task', job).catch(cancelledEnd);
  if (end.state === 'completed' || end.state === 'cached') scope.context.markReady(task.id);
  return reportEnd(task.id, end, end.state === 'cached' ? 0 : (scope.now() - begunMs) / 1000);
}

function cancelledEnd(error: unknown): TaskEnd {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  const failure = { class: 'cancelled', reason: 'cancelled' } as const;
  return { state: 'cancelled', stamp: null, failure, reason: null, changes: [], keptEarlier: false };
}

function announce(scope: RunScope, task: Task, report: TaskReport): void {
  if (report.state === 'pending') return;
  const { state, outcome, reason, failure, seconds } = report;
  const at = scope.now();
  scope.emit({
    event: 'task-end',
    at,
    id: task.unit,
    task: task.id,
    state,
    outcome,
    reason,
    failure,
    seconds,
  });
  if (!report.keptEarlier) return;
  const message = `${task.id} was not made anew: its earlier result is kept`;
  scope.emit({ event: 'warning', at, code: 'earlier-result-kept', message });
}
