import path from 'node:path';
import type { Change, PipelineEvent, StaleReason } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { failureMessage } from '../report/failure-message.ts';
import { removeTree } from '../workspace/disk.ts';
import { beginAttempt, commitAttempt, listFiles, type OnStep } from './commit.ts';
import type { PipelineContext } from './context.ts';
import { failureOf, placeFailure } from './data-folder.ts';
import { inputsOf, portDigest, readFacts, type Look } from './facts.ts';
import { decideFreshness, type FreshnessFacts } from './freshness.ts';
import { thisProcess } from '../workspace/process-owner.ts';
import { folderNames } from './folder-names.ts';
import type { Limiters } from './limits.ts';
import type { HeldLock } from './lock.ts';
import { observe } from './observe.ts';
import type { PlannedTask } from './plan.ts';
import { recoverFolder, type WordAfterUndo } from './recovery.ts';
import { isResult, keyOf, type Stamp } from './stamp.ts';
import type { Completion, Task, TaskWork } from './task.ts';

/** What the runs of all tasks of one graph have in common. */
export interface RunScope {
  readonly runId: string;
  readonly dataDir: string;
  readonly tool: string;
  readonly signal: AbortSignal;
  readonly limiters: Limiters;
  readonly context: PipelineContext;
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly now: () => number;
  readonly onStep: (task: TaskId) => OnStep;
  emit(event: PipelineEvent): void;
  logDir(task: TaskId): string;
  /** Waits for the folder's lock as the task's kind asks for. */
  lock(task: Task): Promise<Result<HeldLock, Failure>>;
}

/** How one task ended. `stamp` is the one that now vouches for its output, null where nothing does. */
export interface TaskEnd {
  readonly state: 'completed' | 'cached' | 'failed' | 'cancelled';
  readonly stamp: Stamp | null;
  readonly failure: Failure | null;
  readonly reason: StaleReason | null;
  readonly changes: readonly Change[];
  /** Whether an earlier result is still there although this run failed. */
  readonly keptEarlier: boolean;
}

/**
 * Brings one task up to date, all its needs being so: freshness, lock, freshness again, work, commit.
 * Never throws for the world's faults; `planned` is what the plan of this run said.
 */
export async function runTask(
  scope: RunScope,
  task: Task,
  planned: PlannedTask,
  look: Look,
): Promise<TaskEnd> {
  if (scope.signal.aborted) return ended({ class: 'cancelled', reason: 'cancelled' }, null, null);
  try {
    const first = decide(task, planned, look);
    if (first.stale === null) return cached(first.facts.stamp);
    const lock = await scope.lock(task);
    if (!lock.ok) return ended(lock.failure, first.stale, null);
    try {
      scope.onStep(task.id)('locked');
      recoverFolder(task.outputDir);
      const again = decide(task, planned, look);
      if (again.stale === null) return cached(again.facts.stamp);
      const { level } = planned;
      const { reason, changes } = again.stale;
      const about = { at: scope.now(), id: task.unit, task: task.id, level, reason, changes };
      scope.emit({ event: 'task-start', ...about });
      return await attempt(scope, task, again.facts, again.stale, lock.value);
    } finally {
      lock.value.release();
    }
  } catch (error) {
    return ended(failureOf(error, task.outputDir), null, null);
  }
}

interface Stale {
  readonly reason: StaleReason;
  readonly changes: readonly Change[];
}

/**
 * What the plan found stale stays so (an output that does not parse is not looked into twice) unless another
 * process has made it anew since.
 */
function decide(
  task: Task,
  planned: PlannedTask,
  look: Look,
): { readonly facts: FreshnessFacts; readonly stale: Stale | null } {
  const facts = readFacts(task, look);
  const freshness = decideFreshness(facts);
  if (freshness.decision === 'stale') return { facts, stale: freshness };
  const same = facts.stamp?.run.nonce === planned.stamp?.run.nonce;
  if (same && planned.reason !== null) {
    return { facts, stale: { reason: planned.reason, changes: planned.changes } };
  }
  return { facts, stale: null };
}

async function attempt(
  scope: RunScope,
  task: Task,
  facts: FreshnessFacts,
  stale: Stale,
  lock: HeldLock,
): Promise<TaskEnd> {
  const { nonce } = lock.owner;
  const onStep = scope.onStep(task.id);
  const startedAt = scope.now();
  const record = { ...lock.owner, task: task.id, unit: task.unit, variant: task.variant };
  const earlier = facts.stamp !== null && isResult(facts.stamp) ? facts.stamp : null;
  const stampOf = (end: Pick<Stamp, 'outcome' | 'outputs' | 'usage' | 'note' | 'error'>): Stamp => {
    const inputs = inputsOf(facts);
    const { host, bootId, pid, processStart } = thisProcess();
    return {
      version: 1,
      task: task.id,
      unit: task.unit,
      variant: task.variant,
      outcome: end.outcome,
      key: keyOf(task.id, inputs),
      inputs,
      outputs: end.outputs,
      run: {
        id: scope.runId,
        nonce,
        attempt: (facts.stamp?.run.attempt ?? 0) + 1,
        ...{ host, bootId, pid, processStart },
        startedAt: new Date(startedAt).toISOString(),
        endedAt: new Date(scope.now()).toISOString(),
        tool: scope.tool,
      },
      usage: end.usage,
      note: end.note,
      log: path.relative(scope.dataDir, scope.logDir(task.id)),
      error: end.error,
    };
  };
  let failure: Failure;
  try {
    const work = beginAttempt(task.outputDir, record, onStep);
    const done = await perform(scope, task, work);
    onStep('work-done');
    const checked = done.ok ? verify(scope, task, work.dir, done.value, facts, lock) : done;
    if (checked.ok) {
      const { outcome, usage, note } = checked.value.completion;
      const { outputs } = checked.value;
      const stamp = stampOf({ outcome, outputs, usage: usage ?? null, note: note ?? null, error: null });
      onStep('verified');
      commitAttempt(work, stamp, onStep);
      return { state: 'completed', stamp, failure: null, ...stale, keptEarlier: false };
    }
    failure = checked.failure;
  } catch (error) {
    failure = failureOf(error, task.outputDir);
  }
  if (scope.signal.aborted) failure = { class: 'cancelled', reason: 'cancelled' };
  if (!lock.stillHeld()) {
    // Everything beside the folder is the new owner's; only what bears our nonce may go.
    const names = folderNames(task.outputDir);
    for (const own of [names.temporary(nonce), names.scratch(nonce)]) removeTree(own);
    return ended(failure, stale, earlier);
  }
  const error = { class: failure.class, reason: failure.reason, message: failureMessage(failure) };
  const why = { outcome: 'failed', outputs: { ports: {}, files: [] }, usage: null, note: null, error };
  if (endAttempt(task.outputDir, () => (failure.class === 'cancelled' ? null : stampOf(why)))) {
    const stamp = observe(task.outputDir).stamp;
    return { state: 'completed', stamp, failure: null, ...stale, keptEarlier: false };
  }
  return ended(failure, stale, earlier);
}

/** Undoes the attempt; true where the failure came after its commit point, so that it stands. */
function endAttempt(out: string, word: WordAfterUndo): boolean {
  try {
    return recoverFolder(out, word);
  } catch (error) {
    // On a full or vanished disk the word about it cannot be written: the failure itself is reported anyway.
    if (placeFailure(error, out) === undefined) throw error;
    return false;
  }
}

async function perform(
  scope: RunScope,
  task: Task,
  work: { readonly dir: string; readonly scratchDir: string },
): Promise<Result<Completion, Failure>> {
  const needed = new Set(task.needs.map((need) => need.task));
  const given: TaskWork = {
    dir: work.dir,
    scratchDir: work.scratchDir,
    logDir: scope.logDir(task.id),
    runId: scope.runId,
    signal: scope.signal,
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the contract's own form
    artefact: <A>(id: TaskId): A => {
      if (!needed.has(id)) throw new Error(`${task.id} asked for ${id}, which it does not need`);
      const loaded = scope.context.load(id);
      if (!loaded.ok) throw new Error(`${id}: ${loaded.failure}`);
      return loaded.value as A;
    },
    progress: (doing) =>
      scope.emit({ event: 'task-progress', at: scope.now(), id: task.unit, task: task.id, doing }),
    warn: (code, message) => scope.emit({ event: 'warning', at: scope.now(), code, message }),
    limited: (scarce, job) => scope.limiters.run(scarce, job, scope.signal),
  };
  scope.signal.throwIfAborted();
  const done = await task.run(given);
  // Work that was cut short may look whole: an interrupted attempt is never a result.
  scope.signal.throwIfAborted();
  return done;
}

function verify(
  scope: RunScope,
  task: Task,
  dir: string,
  completion: Completion,
  facts: FreshnessFacts,
  lock: HeldLock,
): Result<{ readonly completion: Completion; readonly outputs: Stamp['outputs'] }, Failure> {
  const broken = (detail: string): Failure => ({
    class: 'bug',
    reason: 'output-broken',
    task: task.id,
    detail,
  });
  const ports: Record<string, string> = { ...completion.ports, ...task.knownPorts };
  const absent = task.provides.find(({ name }) => !(name in ports));
  if (absent !== undefined) return fail(broken(`no digest of its port ${absent.name}`));
  const files = listFiles(dir, completion.files);
  if (typeof files === 'string') return fail(broken(files));
  const loaded = task.load(dir);
  if (!loaded.ok) return fail(broken(loaded.failure));
  if (!lock.stillHeld()) return fail({ class: 'infra', reason: 'lock-lost', folder: lock.owner.folder });
  const changed = task.needs.flatMap((need) => {
    const needed = scope.tasks.get(need.task);
    const port = `${need.task}.${need.port}`;
    if (needed === undefined) return [port];
    const now = portDigest(needed, observe(needed.outputDir).stamp, need.port);
    return now === facts.inputs.ports[port] ? [] : [port];
  });
  if (changed.length > 0) {
    return fail({ class: 'infra', reason: 'needs-changed', task: task.id, ports: changed });
  }
  return ok({ completion, outputs: { ports, files } });
}

function cached(stamp: Stamp | null): TaskEnd {
  return { state: 'cached', stamp, failure: null, reason: null, changes: [], keptEarlier: false };
}

function ended(failure: Failure, stale: Stale | null, earlier: Stamp | null): TaskEnd {
  const state = failure.class === 'cancelled' ? 'cancelled' : 'failed';
  const why = { reason: stale?.reason ?? null, changes: stale?.changes ?? [] };
  return { state, stamp: null, failure, ...why, keptEarlier: earlier !== null };
}
