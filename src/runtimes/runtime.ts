import type { Limits } from '../model/limits.ts';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import type { Result } from '../model/result.ts';

export type { Limits } from '../model/limits.ts';

export type RuntimeKind = 'docker' | 'local';

/** One entry of a mount table: a leaf folder or file of the host at an absolute path of the sandbox. */
export interface Mount {
  readonly host: string;
  readonly at: string;
  readonly mode: 'ro' | 'rw';
  /**
   * Paths of the host below a `rw` mount that others than the sandbox's user may have written: these are made his before
   * the run, and the folders above them. Default: all that lies there, which takes time where it is much.
   */
  readonly handOver?: readonly string[];
}

/**
 * `none`: loopback only. `registries`: whatever the host reaches (building environments and images). `sealed`: a network
 * of the engine's that leads nowhere, by its name (see `relay.ts`).
 */
export type NetworkPolicy = 'none' | 'registries' | { readonly sealed: string };

/** One command in one sandbox. Paths in `command`, `cwd` and `env` are sandbox paths: see `Runtime.pathOf`. */
export interface RunSpec {
  /** Role, for labels and messages: `coding-agent`, `test-suite`, `env-install`. */
  readonly role: string;
  /** Image tag or id; null: the base image. Ignored by the local runtime. */
  readonly image: string | null;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  /** The whole environment: nothing of the host's is inherited. `HOME`, `PATH`, `LANG`, `TMPDIR` are set where absent. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly network: NetworkPolicy;
  /** Runs code that is neither ours nor a built-in agent's: the plain local runtime refuses it without `--unsafe-local`. */
  readonly foreign: boolean;
  /** Files that receive the streams whole, apart (created, parents exist). */
  readonly stdout: string;
  readonly stderr: string;
  /** Labels of every object that is made: run, unit, task. */
  readonly labels: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** What must be true before the command may begin; the sandbox is made meanwhile. False: it ends as one that was cancelled. */
  readonly cleared?: Promise<boolean>;
  /** Sees each chunk of stdout as it comes, for live progress. */
  readonly onStdout?: (text: string) => void;
  /** True while it waits for something that we do for it: the clock of its idle time stands still. */
  readonly waits?: () => boolean;
}

/** How a run ended. All processes of it are gone when this is returned. */
export interface RunExit {
  /** Exit code; null when there is none (`ended` says why). A process ended by signal n has 128 + n. */
  readonly code: number | null;
  readonly ended: 'exited' | 'timeout' | 'idle' | 'oom' | 'output' | 'killed';
  readonly seconds: number;
  readonly outputBytes: number;
}

/**
 * Where commands run. Every implementation passes `test/contracts/runtime.ts`: streams apart and whole
 * (20 MB, any bytes), stdin closed, limits, children die with the command, nothing left behind, runs as an
 * ordinary user to whom `rw` mounts are writable. An abort by `signal` ends the work and fails `run-cancelled`.
 */
export interface Runtime {
  readonly kind: RuntimeKind;
  /** What holds the sandbox: `process` isolates nothing but limits, and scores made there are `unsealed`. */
  readonly isolation: 'container' | 'bubblewrap' | 'process';
  /** `<runtime>~<base>`, a file name: environments made on one platform are used on that one only. */
  readonly platform: string;
  /** Digest of the base image, or the system's name: recorded, never compared across runtimes. */
  readonly base: string;
  run(spec: RunSpec): Promise<Result<RunExit, RuntimeFailure>>;
  /** The path by which a command of this runtime sees sandbox path `at` under these mounts (the host's own where nothing can be mounted). */
  pathOf(mounts: readonly Mount[], at: string): string;
  /** Removes containers, networks and temporary folders of runs whose owner is dead; answers what was removed. */
  removeOrphans(): Promise<Result<readonly string[], RuntimeFailure>>;
}
