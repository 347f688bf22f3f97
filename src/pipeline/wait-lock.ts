import { setTimeout as delay } from 'node:timers/promises';
import type { PipelineFailure } from '../model/failures/pipeline.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { thisProcess } from '../workspace/process-owner.ts';
import { tryLock, type HeldLock } from './lock.ts';
import type { OwnerRecord } from './owner-record.ts';

export interface LockWait {
  /** Milliseconds; 0: one try; Infinity: until it is free or the signal aborts. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called once, when there is something to wait for. */
  onWait(owner: OwnerRecord | null): void;
}

/**
 * Takes a lock, waiting while a living owner has it. Fails `unit-busy` when the wait is over, `cancelled`
 * when the signal aborts. Throws the system's error where locks cannot be written.
 */
export async function takeLock(
  file: string,
  owner: OwnerRecord,
  wait: LockWait,
): Promise<Result<HeldLock, PipelineFailure>> {
  const end = Date.now() + wait.waitMs;
  let told = false;
  let pauseMs = 5;
  // A lock without a readable owner is being changed hands this moment: that is waited for in any case.
  let changing = 20;
  for (;;) {
    if (wait.signal.aborted) return fail({ class: 'cancelled', reason: 'cancelled' });
    const attempt = tryLock(file, owner, thisProcess());
    if (attempt.got) return ok(attempt.lock);
    if (attempt.owner !== null && !attempt.deadOwner) {
      if (Date.now() >= end) return fail(busy(attempt.owner));
      if (!told) wait.onWait(attempt.owner);
      told = true;
      pauseMs = Math.min(1000, Math.max(50, pauseMs * 1.5));
    } else if (--changing < 0 && Date.now() >= end) {
      return fail(busy(attempt.owner ?? owner));
    }
    await delay(pauseMs, undefined, { signal: wait.signal }).catch(() => undefined);
  }
}

function busy(owner: OwnerRecord): PipelineFailure {
  const { folder, host, pid, since } = owner;
  return { class: 'infra', reason: 'unit-busy', folder, host, pid, since };
}
