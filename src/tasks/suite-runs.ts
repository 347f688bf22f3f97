import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { EnvironmentRecord } from '../model/environment.ts';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import type { Migration } from '../model/migration.ts';
import type { Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { TaskWork } from '../pipeline/task.ts';
import type { PytestSettings } from '../runners/pytest-settings.ts';
import { type BlockRules, localModules } from '../runners/test-block.ts';
import type { ExecutedLines } from '../runners/test-events.ts';
import type { SuiteRun, TestSuiteRequest } from '../runners/test-suite.ts';
import type { Limits, Runtime } from '../runtimes/runtime.ts';
import { testFileKind } from '../scoring/test-files.ts';

/** What every task that runs tests needs to know. */
export interface SuiteContext {
  readonly migration: Migration;
  readonly outputDir: string;
  /** The testing variant; of `unit_test_eval` the coding variant and it, as in the folder's name. */
  readonly variant: string;
  readonly runtimeKind: 'docker' | 'local';
  /** A stored result of any runtime will do (`--runtime auto`). */
  readonly anyRuntime: boolean;
  readonly runtime: () => Promise<Result<Runtime, Failure>>;
  readonly limits: Limits;
  /** For one test with its fixtures; 20 unless configured. */
  readonly testSeconds: number;
  /** For loading one file of tests; 30 unless configured. */
  readonly fileSeconds: number;
}

/** What of the context decides the result. */
export function suiteParams(context: SuiteContext): Readonly<Record<string, Json>> {
  return {
    runtime: context.runtimeKind,
    testSeconds: context.testSeconds,
    fileSeconds: context.fileSeconds,
  };
}

/** A record of an environment that tests can run in. */
export type ReadyRecord = EnvironmentRecord & { readonly roles: NonNullable<EnvironmentRecord['roles']> };

/** The record where there is an environment, else why there is none. */
export function readyRecord({ record }: EnvironmentArtefact): ReadyRecord | string {
  const { roles } = record;
  if (record.status === 'ready' && roles !== null) return { ...record, roles };
  return record.why === '' ? record.status : record.why;
}

export interface SuiteOptions {
  /** Names logs and progress: `before`, `after-shuffled`. */
  readonly name: string;
  /** Folder of the tree. */
  readonly tree: string;
  readonly role: 'a' | 'b';
  readonly block: BlockRules | null;
  readonly ids: readonly TestId[] | null;
  /** Files whose tests are of no interest. */
  readonly ignore?: readonly string[];
  readonly settings: PytestSettings;
  readonly order?: { readonly seed: number };
  readonly trace?: ExecutedLines;
  /** What pytest is given and with which arguments; absent: what the environment's record says. */
  readonly paths?: readonly string[];
  readonly args?: readonly string[];
  readonly hashSeed?: number;
  readonly early?: NonNullable<TestSuiteRequest['early']>;
  readonly doctests?: Readonly<Record<TestId, string>>;
  readonly falsified?: readonly TestId[];
  readonly falsifySeed?: string;
}

export type SuiteRunner = (options: SuiteOptions) => Promise<Result<SuiteRun, Failure>>;

/** Runs the tests that the environment's record names, in a sandbox of its own each time. */
export function suiteRunner(
  context: SuiteContext,
  work: TaskWork,
  environment: EnvironmentArtefact,
  record: ReadyRecord,
  runtime: Runtime,
  task: string,
): SuiteRunner {
  mkdirSync(work.scratchDir, { recursive: true });
  return async ({
    name,
    tree,
    role,
    block,
    ids,
    ignore = [],
    settings,
    order,
    trace,
    paths,
    args,
    ...rest
  }) => {
    // Loaded here and not above: a run with nothing to do must not pay for it.
    const [{ mountEnvironment }, { runTestSuite }, { sealBlock }] = await Promise.all([
      import('../runners/environment.ts'),
      import('../runners/test-suite.ts'),
      import('../runners/guarded-copies.ts'),
    ]);
    const mounted = mountEnvironment(environment, record.roles[role], runtime);
    const labels = { run: work.runId, unit: context.migration.id, task };
    const exists = (below: string): boolean => existsSync(path.join(tree, below));
    return work.limited('container', async () => {
      const sealed =
        block === null
          ? null
          : await sealBlock({
              runtime,
              environment: mounted,
              block,
              tree,
              cacheDir: path.join(environment.dir, 'guarded', record.roles[role]),
              limits: context.limits,
              labels,
              logDir: work.logDir,
              signal: work.signal,
            });
      if (sealed !== null && !sealed.ok) return sealed;
      return runTestSuite({
        runtime,
        tree,
        environment: sealed?.value.environment ?? mounted,
        block: sealed?.value.block ?? null,
        paths: (paths ?? record.testPaths).filter((below) => exists(below) && !ignore.includes(below)),
        ids,
        ignore,
        args: args ?? record.testArgs,
        cwd: isFolder(path.join(tree, record.testsCwd)) ? record.testsCwd : '.',
        pythonpath: record.pythonpath,
        settings,
        trace: trace ?? null,
        order: order ?? 'file',
        limits: context.limits,
        // Watching makes a test slower, which is no fault of the test.
        testSeconds: context.testSeconds * (trace === undefined ? 1 : 3),
        fileSeconds: context.fileSeconds * (trace === undefined ? 1 : 3),
        labels,
        scratchDir: work.scratchDir,
        logDir: work.logDir,
        name,
        signal: work.signal,
        onTest: (done, total) => work.progress(`${name}: test ${done} of ${total}`),
        ...rest,
      });
    });
  };
}

/**
 * The block in E_B for a tree of these paths; null where A is not installed there, or nothing is to be blocked.
 * `kept`: files that keep A in the ground truth (of a candidate those that are `stillKept`). `before`: paths of the
 * tree before; a module of A's name is the repository's own only where it had one then.
 */
export function blockFor(
  record: ReadyRecord,
  paths: Iterable<string>,
  kept: readonly string[],
  migratedTests: ReadonlySet<string>,
  before: Iterable<string> = paths,
): BlockRules | null {
  if (record.block !== 'blocked') return null;
  const tests = [...paths].filter(
    (file) => testFileKind(file, record.testPaths) === 'test' && !migratedTests.has(file),
  );
  const names = record.source.flatMap(({ importNames }) => importNames);
  return {
    names,
    exempt: [...new Set([...tests, ...kept])],
    kept: kept.filter((file) => !tests.includes(file)),
    local: localModules(before, record.pythonpath, names),
    target: record.target.flatMap(({ importNames }) => importNames),
  };
}

/** Code under test may put a file where the tests are started; that must not keep the runner from coming up. */
function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}
