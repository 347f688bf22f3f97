import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { lockName } from './folder-names.ts';
import { thisProcess } from '../workspace/process-owner.ts';
import type { HeldLock } from './lock.ts';
import type { OwnerRecord } from './owner-record.ts';
import { newNonce } from './run-folder.ts';
import type { Task } from './task.ts';
import { takeLock } from './wait-lock.ts';

export interface UnitLocksOptions {
  readonly dataDir: string;
  readonly locksDir: string;
  readonly runId: string;
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
  readonly waiting: (task: TaskId, doing: string) => void;
}

/**
 * The locks of one run. Those of the unit's own folders are taken together before anything starts, so that a
 * second run of the same unit and variant is told so at once; those of shared folders are taken when their
 * task starts, and waited for. No lock is asked for while a shared one is held, so runs cannot wait in a ring.
 */
export class UnitLocks {
  readonly #given: UnitLocksOptions;
  readonly #own = new Map<TaskId, HeldLock>();

  constructor(given: UnitLocksOptions) {
    this.#given = given;
  }

  /** Signs for a folder, relative to the data folder. */
  readonly ownerOf = (folder: string): OwnerRecord => ({
    ...thisProcess(),
    nonce: newNonce(),
    run: this.#given.runId,
    since: new Date().toISOString(),
    folder,
  });

  /** Takes the locks of all tasks among these that are not shared, always in the same order. */
  async takeOwn(tasks: readonly Task[]): Promise<Failure | null> {
    const end = Date.now() + this.#given.waitSeconds * 1000;
    for (const task of tasks.filter(({ shared }) => !shared)) {
      const taken = await this.#take(task, Math.max(0, end - Date.now()));
      if (!taken.ok) return taken.failure;
      this.#own.set(task.id, taken.value);
    }
    return null;
  }

  /** The lock for one task's start; the caller releases it. */
  async lockOf(task: Task): Promise<Result<HeldLock, Failure>> {
    const own = this.#own.get(task.id);
    // The unit's own locks stay until the run ends: releasing them is not the task's.
    if (own !== undefined) return ok({ ...own, release: () => undefined });
    return this.#take(task, task.shared ? Infinity : this.#given.waitSeconds * 1000);
  }

  releaseAll(): void {
    for (const lock of this.#own.values()) lock.release();
    this.#own.clear();
  }

  #take(task: Task, waitMs: number): Promise<Result<HeldLock, Failure>> {
    const { dataDir, locksDir, signal, waiting } = this.#given;
    const folder = path.relative(dataDir, task.outputDir).split(path.sep).join('/');
    return takeLock(path.join(locksDir, lockName(dataDir, task.outputDir)), this.ownerOf(folder), {
      waitMs,
      signal,
      onWait: (owner) => {
        const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`;
        waiting(task.id, `waiting for ${who}`);
      },
    });
  }
}
