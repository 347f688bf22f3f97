import type { Failure } from './failure.ts';
import type { TaskId, UnitId } from './ids.ts';
import type { BudgetLimits, TokenUsage } from './model-calls.ts';

export type TaskState = 'pending' | 'running' | 'completed' | 'cached' | 'failed' | 'skipped' | 'cancelled';

/** Why a task is stale: the first that holds, in this order (design.md §5). */
export const STALE_REASONS = [
  'never-run',
  'forced',
  'interrupted',
  'failed',
  'stamp-unreadable',
  'code',
  'params',
  'need',
  'file',
  'budget',
  'output-missing',
  'output-changed',
] as const;
export type StaleReason = (typeof STALE_REASONS)[number];

/** One difference between a stamp and now; `name` is the parameter, port or file. */
export interface Change {
  readonly reason: StaleReason;
  readonly name?: string;
  readonly old?: string;
  readonly new?: string;
}

export type Score =
  | {
      readonly status: 'scored';
      readonly value: number;
      readonly resolved?: boolean;
      readonly counts?: Readonly<Record<string, number>>;
      /** Which further facts a reader must know (`unsealed`, `tests_migrated`...). */
      readonly marks?: readonly string[];
    }
  | { readonly status: 'unscored' | 'not_applicable'; readonly why: string };

/** Calls of models of one attempt. `usd` is null where a model has no price. */
export interface ModelUse {
  readonly name: string;
  readonly calls: number;
  readonly tokens: TokenUsage;
  readonly usd: number | null;
}

/** Calls of models of all runs of a sweep so far. */
export interface SweepUse {
  readonly name: string;
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  readonly limits: BudgetLimits;
}

export interface TaskSummary {
  readonly id: TaskId;
  readonly state: TaskState;
  /** Result word of the task (`patch`, `no-patch`, `ready`...), null when it has none yet. */
  readonly outcome: string | null;
  /** Why it ran, was skipped or failed, as a sentence; null for a plain cache hit. */
  readonly reason: string | null;
  readonly seconds: number;
}

/** The one stream that console, log and NDJSON are sinks of. `at` is milliseconds since the epoch. */
export type PipelineEvent =
  | {
      readonly event: 'run-start';
      readonly at: number;
      /** Null when everything is there already and so nothing is written. */
      readonly runId: string | null;
      readonly id: UnitId;
      readonly agent: string;
      readonly runtime: string | null;
    }
  | {
      readonly event: 'task-start';
      readonly at: number;
      readonly id: UnitId;
      readonly task: TaskId;
      readonly level: number;
      readonly reason: StaleReason;
      readonly changes: readonly Change[];
    }
  | {
      readonly event: 'task-progress';
      readonly at: number;
      readonly id: UnitId;
      readonly task: TaskId;
      readonly doing: string;
    }
  | {
      readonly event: 'task-end';
      readonly at: number;
      readonly id: UnitId;
      readonly task: TaskId;
      readonly state: TaskState;
      readonly outcome: string | null;
      readonly reason: string | null;
      readonly failure: Failure | null;
      readonly seconds: number;
    }
  | { readonly event: 'warning'; readonly at: number; readonly code: string; readonly message: string }
  | { readonly event: 'error'; readonly at: number; readonly code: string; readonly message: string }
  | {
      readonly event: 'summary';
      readonly at: number;
      readonly schema: 1;
      readonly runId: string | null;
      readonly id: UnitId;
      readonly agent: string;
      readonly variant: string;
      readonly runtime: string | null;
      readonly tasks: readonly TaskSummary[];
      readonly scores: { readonly patch_eval: Score; readonly unit_test_eval: Score };
      readonly evidence: Readonly<Record<string, string>>;
      /** What the agent's calls of models came to, as the gateway counted; absent for agents that make none. */
      readonly model?: ModelUse;
      /** Absent where this run called no model for a sweep. */
      readonly sweep?: SweepUse;
      readonly seconds: number;
    };
