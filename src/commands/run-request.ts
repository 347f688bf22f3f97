import type { TaskId } from '../model/ids.ts';

/** What the flags of `run`, `plan` and `why` ask for, parsed. */
export interface RunRequest {
  /** Flags that are configuration, as dotted keys: the strongest layer. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly benchmark: string | null;
  readonly benchmarkDir: string | null;
  /** The agent's parameters as typed; checked against its manifest. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly testingParameters: Readonly<Record<string, string>>;
  /** The first attempt, 1-based, and how many from there on. */
  readonly attempt: number;
  readonly attempts: number;
  readonly force: {
    readonly forceCoding: boolean;
    readonly forceTests: boolean;
    readonly forceAll: boolean;
    readonly force: readonly TaskId[];
    readonly from: TaskId | null;
    readonly until: TaskId | null;
    readonly verify: boolean;
  };
  readonly waitSeconds: number;
  readonly failUnder: string | null;
  readonly exitCode: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}
