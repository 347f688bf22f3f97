import type { Failure } from '../model/failure.ts';
import type { Change } from '../model/events.ts';
import type { Digest, TaskId, UnitId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Result } from '../model/result.ts';

/** What a task makes for others; `hidden` never reaches a coding agent or a helper suite. */
export interface Port {
  readonly name: string;
  readonly visibility: 'public' | 'hidden';
}

/** A port that a task reads; its digest enters the reader's key. */
export interface Need {
  readonly task: TaskId;
  readonly port: string;
}

/** A file of the host whose content enters the key under a stable name (never its path). */
export interface InputFile {
  readonly name: string;
  readonly path: string;
}

/** What one run of a task leaves in `TaskWork.dir`, and what its stamp says. */
export interface Completion {
  /** Result word, cached with it: `ready`, `refused`, `patch`, `no-patch`, `timeout`, `scored`... */
  readonly outcome: string;
  /** Digest of the content of every port that the task provides. */
  readonly ports: Readonly<Record<string, Digest>>;
  /** Files (relative to the folder) that vouch for the output in the fast check. */
  readonly files: readonly string[];
  /** Extra facts for the stamp: usage, seconds inside the container, why an outcome is not the good one. */
  readonly usage?: Json;
  readonly note?: string;
}

/** Scarce things; each has its own limiter and no limiter is taken inside itself. */
export type Scarce = 'container' | 'cpu' | 'git' | `model:${string}`;

/** What a running task is given. */
export interface TaskWork {
  /** Empty folder on the output's file system; becomes the output folder when the task completes. */
  readonly dir: string;
  /** Empty folder beside it for whatever must not stay; removed when the task ends, however it ends. */
  readonly scratchDir: string;
  /** Folder of this task's own logs in the run folder (kept whatever happens). */
  readonly logDir: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** The artefact of a needed task, as its `load` made it. Throws (a bug) for a task not in `needs`. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the type
  artefact<A>(task: TaskId): A;
  /** What it is doing now (`resolving`, `test 12 of 80`), for people. */
  progress(doing: string): void;
  warn(code: string, message: string): void;
  /** Runs `job` when a place of that class is free. */
  limited<T>(scarce: Scarce, job: () => Promise<T>): Promise<T>;
}

/**
 * A node of the graph for one unit. Freshness, locks, stamps and recovery are written once, over these
 * fields; a task only says what it reads, where it writes, how it runs and how its output is loaded.
 */
export interface Task<Artefact = unknown> {
  readonly id: TaskId;
  readonly unit: UnitId;
  /** Variant of the output folder (coding or testing), null for tasks without one. */
  readonly variant: string | null;
  readonly needs: readonly Need[];
  readonly provides: readonly Port[];
  /** Raised by hand when the task's meaning changes. */
  readonly codeVersion: number;
  /** Everything else that enters the key; never a path, a host, a time, a budget, a secret. */
  readonly params: Readonly<Record<string, Json>>;
  /** Parameters for which any stored value is accepted (`runtime` under `--runtime auto`). */
  readonly acceptsAny: readonly string[];
  readonly inputFiles: readonly InputFile[];
  /** Ports whose digest is known without running (the labels of the benchmark's entry). */
  readonly knownPorts: Readonly<Record<string, Digest>>;
  /** Absolute; belongs to this task alone. */
  readonly outputDir: string;
  /** `gold` or `half` in the place of an agent: may read hidden ports, and is never run beside an agent. */
  readonly standIn?: 'gold' | 'half';
  /** Shared outputs are waited for when another process makes them; others end with exit 5. */
  readonly shared: boolean;
  /** What is no longer in the way of a result that a ceiling cut short; null where none did, or it still stands. */
  outgrown?(usage: Json): Change | null;
  run(work: TaskWork): Promise<Result<Completion, Failure>>;
  /** Reads the output back (by schema); fails as text when it does not parse, which makes the task stale. */
  load(dir: string): Result<Artefact, string>;
}
