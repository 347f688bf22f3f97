import type { EvaluationFailure } from '../model/failures/evaluation.ts';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import type { Json } from '../model/json.ts';
import type { TestId, TestOutcome, TestRun } from '../model/tests.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import type { PytestSettings } from './pytest-settings.ts';
import type { BlockRules } from './test-block.ts';
import type { Disagreement, ExecutedLines, WatchedCode } from './test-events.ts';

/** An environment as a sandbox sees it (`mountEnvironment`). */
export interface SeenEnvironment {
  readonly mounts: readonly Mount[];
  /** Path by which the command sees the interpreter. */
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** One run of a repository's tests. All paths of the tree are relative to it. */
export interface TestSuiteRequest {
  readonly runtime: Runtime;
  /** Host folder of the tree; it is copied, never run in. */
  readonly tree: string;
  readonly environment: SeenEnvironment;
  readonly block: BlockRules | null;
  /** What pytest is given; empty: the whole tree. */
  readonly paths: readonly string[];
  /** Only these tests; null: all that are found. */
  readonly ids: readonly TestId[] | null;
  /** Files that are not looked into for tests, unless `paths` names them; none unless given. */
  readonly ignore?: readonly string[];
  /** Further arguments of pytest. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly pythonpath: readonly string[];
  /** What the repository says its tests are, read from the tree that its tests come from. */
  readonly settings: PytestSettings;
  /** Lines to watch by file; null: none. */
  readonly trace: ExecutedLines | null;
  readonly order: 'file' | { readonly seed: number };
  readonly limits: Limits;
  /** Seconds for one test with its fixtures, and for loading one file. */
  readonly testSeconds: number;
  readonly fileSeconds: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly scratchDir: string;
  readonly logDir: string;
  /** Names the log files of this run in `logDir`. */
  readonly name: string;
  readonly signal?: AbortSignal;
  readonly onTest?: (done: number, total: number) => void;
  /**
   * Tests that are falsified in the private copy before anything of the tree runs: each must then not pass. Tests of
   * one function that differ by parameters are falsified together, and so are those that import one.
   */
  readonly falsified?: readonly TestId[];
  /**
   * Decides, with a test's id, how it is falsified: the run that shows a twin to fail on the ground truth and those that
   * use it must give the same one. Empty unless given; best something that agents cannot see.
   */
  readonly falsifySeed?: string;
  /** Docstrings by which doctest items are judged, instead of those in the code under test. */
  readonly doctests?: Readonly<Record<TestId, string>>;
  /** Files that are called tests and are code under test, relative to the tree. None unless given. */
  readonly product?: readonly string[];
  /** `PYTHONHASHSEED`; 0 unless given. */
  readonly hashSeed?: number;
  /** Modules beside the runner whose `install(options)` is called before pytest is imported. */
  readonly early?: readonly { readonly module: string; readonly options: Json }[];
  /** What the tree's copy and the results may weigh together on disk; 2 GiB unless given. */
  readonly diskBytes?: number;
}

/** A run of tests with what was watched and said. */
export interface SuiteRun extends TestRun {
  /** Watched lines by the test that executed them; empty where nothing was watched. */
  readonly executed: Readonly<Record<TestId, ExecutedLines>>;
  /** Watched lines that ran while test files were loaded, outside any test. */
  readonly loaded: ExecutedLines;
  /** What a test said that did not pass. */
  readonly messages: Readonly<Record<TestId, string>>;
  /** How often the runner was started: a crash or a limit costs one more start. */
  readonly starts: number;
  /** Tests of our own that each start adds and that must fail; never part of `tests`. Empty where nothing is run (`--setup-plan`). */
  readonly canaries: readonly { readonly id: TestId; readonly outcome: TestOutcome }[];
  /** Where witnesses of the run contradict each other; empty for an honest run. */
  readonly disagreements: readonly Disagreement[];
  /** What the hooks of `mig_watch.py` saw. */
  readonly watched: readonly WatchedCode[];
  /** Those of `falsified` that could be falsified. */
  readonly falsifiedIds: readonly TestId[];
  /** Texts of the docstrings that were collected as doctests, as they stand in the code under test. */
  readonly docstrings: Readonly<Record<TestId, string>>;
}

export type SuiteFailure = EvaluationFailure | RuntimeFailure;
