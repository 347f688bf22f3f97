import type { Graph } from '../graph/node.ts';
import type { Change, StaleReason } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { brokenOutput, portDigest, readFacts, type Look } from './facts.ts';
import { decideFreshness, type Freshness } from './freshness.ts';
import { observe } from './observe.ts';
import { selectTasks, type RunOptions } from './selection.ts';
import type { Stamp } from './stamp.ts';
import type { Need, Task } from './task.ts';

/** What would happen to one task. `pending`: `--until` leaves it out. */
export interface PlannedTask {
  readonly id: TaskId;
  readonly level: number;
  readonly decision: 'fresh' | 'stale' | 'depends' | 'pending';
  /** Why it is stale, the first reason that holds; null otherwise. */
  readonly reason: StaleReason | null;
  /** Every difference between the stamp and now. */
  readonly changes: readonly Change[];
  /** Tasks whose new output decides (`depends` only). */
  readonly on: readonly TaskId[];
  /** Result word of the stamp that is there, whether or not it is still valid. */
  readonly outcome: string | null;
  readonly stamp: Stamp | null;
}

/** One look at all tasks, without a lock and without writing: tasks in the graph's order. */
export interface Plan {
  readonly tasks: readonly PlannedTask[];
  /** Whether anything is stale (and so anything may run). */
  readonly hasWork: boolean;
}

/**
 * Decides every task in the graph's order. A task that is fresh and read by one that is not is also loaded,
 * so that an output that no longer parses is found now and not in the middle of a run.
 */
export function planTasks(
  graph: Graph<TaskId>,
  tasks: ReadonlyMap<TaskId, Task>,
  options: RunOptions,
  files: Map<string, string> = new Map(),
): Plan {
  const broken = new Map<TaskId, readonly Change[]>();
  for (;;) {
    const plan = planOnce(graph, tasks, options, files, broken);
    const before = broken.size;
    for (const id of readByWork(graph, plan)) {
      const task = tasks.get(id);
      const folder = task === undefined ? null : observe(task.outputDir).folder;
      const changes = task === undefined || folder === null ? [] : brokenOutput(task, folder);
      if (changes.length > 0) broken.set(id, changes);
    }
    if (broken.size === before) return plan;
  }
}

function planOnce(
  graph: Graph<TaskId>,
  tasks: ReadonlyMap<TaskId, Task>,
  options: RunOptions,
  files: Map<string, string>,
  broken: ReadonlyMap<TaskId, readonly Change[]>,
): Plan {
  const { selected, forced } = selectTasks(graph, options);
  const planned = new Map<TaskId, PlannedTask>();
  const digestOf = (need: Need): string | null => {
    const [task, plan] = [tasks.get(need.task), planned.get(need.task)];
    if (task === undefined || plan === undefined) return null;
    return portDigest(task, plan.decision === 'fresh' ? plan.stamp : null, need.port);
  };
  for (const [level, ids] of graph.levels.entries()) {
    for (const id of ids) {
      const task = tasks.get(id);
      if (task === undefined) continue;
      if (!selected.has(id)) {
        planned.set(id, pendingTask(id, level));
        continue;
      }
      const look: Look = { forced: forced.has(id), verify: options.verify === true, digestOf, files };
      const facts = readFacts(task, look);
      const outputs = [...facts.outputs, ...(broken.get(id) ?? [])];
      planned.set(id, plannedTask(id, level, decideFreshness({ ...facts, outputs }), facts.stamp));
    }
  }
  const all = [...planned.values()];
  return { tasks: all, hasWork: all.some(({ decision }) => decision === 'stale') };
}

/** Fresh tasks whose output a stale or depending one will read. */
function readByWork(graph: Graph<TaskId>, plan: Plan): TaskId[] {
  const at = new Map(plan.tasks.map((task) => [task.id, task.decision]));
  const working = plan.tasks.filter(({ decision }) => decision === 'stale' || decision === 'depends');
  const read = working.flatMap(({ id }) => graph.nodes.get(id)?.needs.map(({ task }) => task) ?? []);
  return [...new Set(read)].filter((id) => at.get(id) === 'fresh');
}

function pendingTask(id: TaskId, level: number): PlannedTask {
  return { id, level, decision: 'pending', reason: null, changes: [], on: [], outcome: null, stamp: null };
}

function plannedTask(id: TaskId, level: number, freshness: Freshness, stamp: Stamp | null): PlannedTask {
  const outcome = stamp?.outcome ?? null;
  const base = { id, level, outcome, stamp, reason: null, changes: [], on: [] };
  switch (freshness.decision) {
    case 'fresh':
      return { ...base, decision: 'fresh' };
    case 'depends':
      return { ...base, decision: 'depends', on: freshness.on };
    case 'stale':
      return { ...base, decision: 'stale', reason: freshness.reason, changes: freshness.changes };
  }
}
