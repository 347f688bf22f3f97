import pLimit, { type LimitFunction } from 'p-limit';
import type { Scarce } from './task.ts';

/** How many at once: of whole tasks, and of each scarce class (`model:<provider>` counts per provider). */
export interface Concurrency {
  readonly task?: number;
  readonly container?: number;
  readonly cpu?: number;
  readonly git?: number;
  readonly model?: number;
}

const DEFAULTS: Required<Concurrency> = { task: 64, container: 2, cpu: 2, git: 4, model: 4 };

/**
 * One limiter for each scarce class, made when first asked for; one instance may serve many executors. No
 * limiter is taken inside itself: tasks take places of scarce classes and never of `task`.
 */
export class Limiters {
  readonly #counts: Required<Concurrency>;
  readonly #limiters = new Map<string, LimitFunction>();

  constructor(concurrency: Concurrency = {}) {
    this.#counts = { ...DEFAULTS, ...concurrency };
  }

  /** Runs `job` when there is a place. Rejects, without starting it, when the signal aborts or the queue is cleared first. */
  run<T>(scarce: Scarce | 'task', job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#limiter(scarce)(() => {
      signal?.throwIfAborted();
      return job();
    });
  }

  /** Changes a class while jobs wait and run: more places are filled at once, fewer are left as jobs end. */
  adjust(scarce: Scarce | 'task', places: number): void {
    this.#limiter(scarce).concurrency = places;
  }

  /** Rejects every waiting job; running ones are ended by their own signal. */
  clear(): void {
    for (const limiter of this.#limiters.values()) limiter.clearQueue();
  }

  #limiter(scarce: Scarce | 'task'): LimitFunction {
    const known = this.#limiters.get(scarce);
    if (known !== undefined) return known;
    const kind = scarce.startsWith('model:') ? 'model' : (scarce as keyof Concurrency);
    // Without rejectOnClear a cleared queue leaves its promises pending for ever.
    const made = pLimit({ concurrency: this.#counts[kind], rejectOnClear: true });
    this.#limiters.set(scarce, made);
    return made;
  }
}
