import path from 'node:path';
import { FanOut } from '../events/fan-out.ts';
import type { EventSink } from '../events/sink.ts';
import { buildGraph } from '../graph/build.ts';
import type { Graph } from '../graph/node.ts';
import type { PipelineEvent } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { PipelineFailure } from '../model/failures/pipeline.ts';
import type { TaskId, UnitId } from '../model/ids.ts';
import { fail, type Result } from '../model/result.ts';
import type { OnStep } from './commit.ts';
import { PipelineContext } from './context.ts';
import { failureOf, inDataFolder } from './data-folder.ts';
import { thisProcess } from '../workspace/process-owner.ts';
import { Limiters, type Concurrency } from './limits.ts';
import { deadLocks, type HeldLock } from './lock.ts';
import { planTasks, type Plan } from './plan.ts';
import { recoverDeadRuns } from './recovery.ts';
import { outcomeOf, reportCached, reportPending, type RunOutcome, type TaskReport } from './outcome.ts';
import { newRunId, RunFolder, type RunRecord } from './run-folder.ts';
import type { RunScope } from './run-task.ts';
import { runTasks } from './schedule.ts';
import { selectTasks, type RunOptions } from './selection.ts';
import type { Task } from './task.ts';
import { UnitLocks } from './unit-locks.ts';

/** What a run is about, for events and records; none of it enters a key. */
export interface RunSubject {
  readonly id: UnitId;
  readonly agent: string;
  readonly variant: string;
  readonly runtime: string | null;
}

export interface ExecutorOptions {
  readonly tasks: readonly Task[];
  readonly about: RunSubject;
  /** Absolute; run folders are made below it. */
  readonly runsDir: string;
  /** Absolute; its parent is the data folder. */
  readonly locksDir: string;
  readonly options?: RunOptions;
  readonly sinks?: readonly EventSink[];
  readonly concurrency?: Concurrency;
  /** One pool for several executors; replaces `concurrency`. */
  readonly limiters?: Limiters;
  /** Aborting stops admitting and stops running work; its reason may be the name of a signal. */
  readonly signal?: AbortSignal;
  readonly toolVersion?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Called at every named step of every commit. */
  readonly onStep?: (task: TaskId) => OnStep;
  /** Called where a dead run left a lock: what it left elsewhere (containers) goes too, also when nothing is to be run. */
  readonly onDeadRun?: () => Promise<unknown>;
}

/**
 * Runs the graph of one unit and variant: what is stale runs as soon as what it needs is there, a failed task
 * skips only what needs it, and where everything is fresh nothing at all is written.
 */
export class DAGExecutor {
  readonly context: PipelineContext;
  readonly #given: ExecutorOptions;
  readonly #tasks: ReadonlyMap<TaskId, Task>;
  readonly #graph: Result<Graph<TaskId>, PipelineFailure>;
  readonly #events: FanOut;
  readonly #signal: AbortSignal;
  readonly #files = new Map<string, string>();

  constructor(given: ExecutorOptions) {
    this.#given = given;
    this.#tasks = new Map(given.tasks.map((task) => [task.id, task]));
    this.#graph = buildTaskGraph(given.tasks);
    this.#signal = given.signal ?? new AbortController().signal;
    this.#events = new FanOut(given.sinks);
    this.context = new PipelineContext(this.#tasks);
  }

  /** The checked graph, or why there is none. */
  get graph(): Result<Graph<TaskId>, PipelineFailure> {
    return this.#graph;
  }

  /** What `run` would do now, and why. Writes nothing. */
  plan(): Result<Plan, PipelineFailure> {
    const graph = this.#graph;
    if (!graph.ok) return graph;
    this.#files.clear();
    const options = this.#given.options ?? {};
    return inDataFolder(this.#dataDir, () => planTasks(graph.value, this.#tasks, options, this.#files));
  }

  /** Sends an event of the caller's (the summary) to every sink, the run's own record included. */
  emit(event: PipelineEvent): void {
    this.#events.emit(event);
  }

  /** Closes all sinks; call once, after the summary. */
  close(): Promise<void> {
    return this.#events.close();
  }

  /** Brings every selected task up to date. Never throws for the world's faults. Call once. */
  async run(): Promise<RunOutcome> {
    const startedMs = this.#now();
    const plan = this.plan();
    if (!plan.ok) return this.#end(null, [], plan.failure, startedMs);
    if (deadLocks(this.#given.locksDir, thisProcess()).length > 0) await this.#given.onDeadRun?.();
    if (plan.value.hasWork) return this.#runWork(plan.value, startedMs);
    this.#start(null);
    this.#clearUpWherePossible();
    const reports = plan.value.tasks.map((task) => {
      if (task.decision === 'pending') return reportPending(task.id, this.#given.options?.until);
      this.context.markReady(task.id);
      const report = reportCached(task.id, task.stamp);
      this.#taskEnd(report);
      return report;
    });
    return this.#end(null, reports, null, startedMs);
  }

  async #runWork(plan: Plan, startedMs: number): Promise<RunOutcome> {
    const graph = this.#graph;
    if (!graph.ok) return this.#end(null, [], graph.failure, startedMs);
    const runId = newRunId(startedMs);
    const locks = new UnitLocks({
      dataDir: this.#dataDir,
      locksDir: this.#given.locksDir,
      runId,
      waitSeconds: this.#given.options?.waitSeconds ?? 0,
      signal: this.#signal,
      waiting: (task, doing) =>
        this.emit({ event: 'task-progress', at: this.#now(), id: this.#given.about.id, task, doing }),
    });
    const folder = new RunFolder(this.#given.runsDir, runId);
    let reports: readonly TaskReport[] = [];
    let failure: Failure | null = null;
    try {
      recoverDeadRuns(this.#dataDir, this.#given.locksDir, locks.ownerOf);
      // Before anything is made: a second run of the same unit and variant ends here, at once.
      const own = plan.tasks.filter(({ decision }) => decision === 'stale' || decision === 'depends');
      const busy = await locks.takeOwn(own.flatMap(({ id }) => this.#tasks.get(id) ?? []));
      if (busy !== null) return this.#end(null, [], busy, startedMs);
      folder.begin(this.#record(runId, startedMs, []));
      // Loaded here and not above: a run with nothing to do must not pay for it.
      const { runLogSink } = await import('../events/log.ts');
      this.#events.add(runLogSink(folder.dir));
      this.#start(runId);
      reports = await this.#schedule(graph.value, plan, runId, folder, locks);
      folder.write({ ...this.#record(runId, startedMs, reports), endedAt: this.#timestamp(this.#now()) });
    } catch (error) {
      failure = failureOf(error, this.#dataDir);
    } finally {
      locks.releaseAll();
    }
    return this.#end(runId, reports, failure, startedMs);
  }

  #schedule(
    graph: Graph<TaskId>,
    plan: Plan,
    runId: string,
    folder: RunFolder,
    locks: UnitLocks,
  ): Promise<readonly TaskReport[]> {
    const given = this.#given;
    const limiters = given.limiters ?? new Limiters(given.concurrency);
    const clear = () => limiters.clear();
    if (given.limiters === undefined) this.#signal.addEventListener('abort', clear);
    const scope: RunScope = {
      runId,
      dataDir: this.#dataDir,
      tool: given.toolVersion ?? '',
      signal: this.#signal,
      limiters,
      context: this.context,
      tasks: this.#tasks,
      now: () => this.#now(),
      onStep: given.onStep ?? (() => () => undefined),
      emit: (event) => this.emit(event),
      logDir: (task) => folder.logDir(task),
      lock: (task): Promise<Result<HeldLock, Failure>> => locks.lockOf(task),
    };
    const options = given.options ?? {};
    const { forced } = selectTasks(graph, options);
    return runTasks({
      scope,
      graph,
      plan,
      forced,
      until: options.until ?? null,
      verify: options.verify === true,
      files: this.#files,
    }).finally(() => this.#signal.removeEventListener('abort', clear));
  }

  /** What dead runs left is cleared even where there is nothing to run, unless the folder cannot be written. */
  #clearUpWherePossible(): void {
    const { locksDir } = this.#given;
    if (deadLocks(locksDir, thisProcess()).length === 0) return;
    const locks = new UnitLocks({
      dataDir: this.#dataDir,
      locksDir,
      runId: newRunId(this.#now()),
      waitSeconds: 0,
      signal: this.#signal,
      waiting: () => undefined,
    });
    inDataFolder(this.#dataDir, () => recoverDeadRuns(this.#dataDir, locksDir, locks.ownerOf));
  }

  #start(runId: string | null): void {
    const { id, agent, runtime } = this.#given.about;
    this.emit({ event: 'run-start', at: this.#now(), runId, id, agent, runtime });
  }

  #taskEnd(report: TaskReport): void {
    const { id: task, state, outcome, reason, failure, seconds } = report;
    const { id } = this.#given.about;
    this.emit({ event: 'task-end', at: this.#now(), id, task, state, outcome, reason, failure, seconds });
  }

  #end(
    runId: string | null,
    tasks: readonly TaskReport[],
    failure: Failure | null,
    startedMs: number,
  ): RunOutcome {
    const seconds = (this.#now() - startedMs) / 1000;
    return outcomeOf({ runId, tasks, failure, seconds, signal: this.#signal });
  }

  #record(run: string, startedMs: number, tasks: readonly TaskReport[]): RunRecord {
    const { host, pid } = thisProcess();
    return {
      schema: 1,
      run,
      ...this.#given.about,
      tool: this.#given.toolVersion ?? '',
      ...{ host, pid },
      startedAt: this.#timestamp(startedMs),
      endedAt: null,
      tasks: tasks.map(({ id, state, outcome, reason, seconds }) => ({
        id,
        state,
        outcome,
        reason,
        seconds,
      })),
    };
  }

  get #dataDir(): string {
    return path.dirname(this.#given.locksDir);
  }
  #now(): number {
    return this.#given.now?.() ?? Date.now();
  }
  #timestamp(ms: number): string {
    return new Date(ms).toISOString();
  }
}

function buildTaskGraph(tasks: readonly Task[]): Result<Graph<TaskId>, PipelineFailure> {
  const byFolder = new Map<string, TaskId>();
  for (const { id, outputDir } of tasks) {
    const other = byFolder.get(path.resolve(outputDir));
    if (other !== undefined) return fail({ class: 'bug', reason: 'graph-shared-folder', tasks: [other, id] });
    byFolder.set(path.resolve(outputDir), id);
  }
  return buildGraph<TaskId>(tasks);
}
