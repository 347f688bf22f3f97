import type { TaskId } from '../model/ids.ts';
import { fail, type Result } from '../model/result.ts';
import type { Task } from './task.ts';

/** Artefacts of one run by task id, loaded when first asked for. */
export class PipelineContext {
  readonly #tasks: ReadonlyMap<TaskId, Task>;
  readonly #ready = new Set<TaskId>();
  readonly #loaded = new Map<TaskId, Result<unknown, string>>();

  constructor(tasks: ReadonlyMap<TaskId, Task>) {
    this.#tasks = tasks;
  }

  /**
   * The artefact of a task that completed or was cached in this run; undefined for any other. `A` is what
   * that task's definition says. Throws where the output is there and does not parse.
   */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the type
  getArtifact<A = unknown>(task: TaskId): A | undefined {
    if (!this.#ready.has(task)) return undefined;
    const loaded = this.load(task);
    if (!loaded.ok) throw new Error(`${task}: ${loaded.failure}`);
    return loaded.value as A;
  }

  /** Loads an artefact; fails as text where it does not parse. */
  load(task: TaskId): Result<unknown, string> {
    const definition = this.#tasks.get(task);
    if (definition === undefined) return fail('there is no such task');
    const loaded = this.#loaded.get(task) ?? definition.load(definition.outputDir);
    this.#loaded.set(task, loaded);
    return loaded;
  }

  /** Says that the task's output is in place; what was loaded before is forgotten. */
  markReady(task: TaskId): void {
    this.#ready.add(task);
    this.#loaded.delete(task);
  }
}
