import { above, below } from '../graph/closures.ts';
import type { Graph } from '../graph/node.ts';
import type { PipelineFailure } from '../model/failures/pipeline.ts';
import { TASK_IDS, type TaskId } from '../model/ids.ts';
import { nearestOf } from '../model/nearest.ts';
import { fail, ok, type Result } from '../model/result.ts';

/** What a user asks of a run beyond "bring everything up to date". */
export interface RunOptions {
  /** coding_agent and all that depends on it. */
  readonly forceCoding?: boolean;
  /** helper_test, eval_test and all that depends on them. */
  readonly forceTests?: boolean;
  readonly forceAll?: boolean;
  /** These tasks alone; what is below runs only where their new output differs. */
  readonly force?: readonly TaskId[];
  /** This task and everything below it; the others only where they are stale. */
  readonly from?: TaskId | null;
  /** Only this task and what it needs. */
  readonly until?: TaskId | null;
  /** Hash every listed output file instead of trusting size and mtime. */
  readonly verify?: boolean;
  /** How long to wait where another process runs the same unit and variant; 0: not at all. */
  readonly waitSeconds?: number;
}

export interface Selection {
  readonly forced: ReadonlySet<TaskId>;
  /** Tasks that are looked at; closed under needs. */
  readonly selected: ReadonlySet<TaskId>;
}

/** Which tasks the flags force, and which they leave out. Pure. */
export function selectTasks(graph: Graph<TaskId>, options: RunOptions): Selection {
  const { until } = options;
  const selected = new Set(until === undefined || until === null ? graph.order : above(graph, [until]));
  const roots: TaskId[] = [];
  if (options.forceAll === true) roots.push(...graph.order);
  if (options.forceCoding === true) roots.push('coding_agent');
  if (options.forceTests === true) roots.push('helper_test', 'eval_test');
  if (options.from !== undefined && options.from !== null) roots.push(options.from);
  const forced = [...below(graph, roots), ...(options.force ?? [])];
  return { selected, forced: new Set(forced.filter((id) => selected.has(id))) };
}

/** Reads task names as a user types them (also with `-` for `_`); an unknown one fails with the nearest. */
export function parseTaskIds(names: readonly string[]): Result<TaskId[], PipelineFailure> {
  const ids: TaskId[] = [];
  for (const name of names) {
    const id = TASK_IDS.find((known) => known === name.replaceAll('-', '_'));
    if (id === undefined) {
      return fail({ class: 'config', reason: 'task-unknown', name, nearest: nearestOf(name, TASK_IDS) });
    }
    ids.push(id);
  }
  return ok(ids);
}
