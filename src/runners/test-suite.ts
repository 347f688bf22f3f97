import { randomBytes } from 'node:crypto';
import { cpSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EvaluationFailure } from '../model/failures/evaluation.ts';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { CollectionError, TestId, TestOutcome, TestRun } from '../model/tests.ts';
import type { Limits, Mount, RunExit, Runtime } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { AT, mountTable } from './mounts.ts';
import { importModeArguments, pytestIni, type PytestSettings } from './pytest-settings.ts';
import { type BlockRules, blockRulesText } from './test-block.ts';
import {
  type EndedTest,
  type ExecutedLines,
  parseTestEvent,
  readStart,
  type StartReport,
} from './test-events.ts';
import { junitXml } from './test-junit.ts';
import { nextStart, type SuiteState } from './test-suite-plan.ts';

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
  readonly canaries: readonly { readonly id: TestId; readonly outcome: TestOutcome }[];
  readonly disagreements: readonly { readonly reason: string; readonly detail: string }[];
  readonly watched: readonly {
    readonly kind: string;
    readonly path: string;
    readonly line: number;
    readonly what: string;
  }[];
  readonly falsifiedIds: readonly TestId[];
}

export type SuiteFailure = EvaluationFailure | RuntimeFailure;

/**
 * Runs tests in a sandbox without a network, on a private copy of the tree. A test that ends its process, or that
 * hangs beyond help, is marked `crash` or `timeout` and the others are run by a further start. Results come over a
 * stream that can only be appended to; what tests print goes elsewhere. JUnit and logs are written to `logDir`.
 */
export async function runTestSuite(request: TestSuiteRequest): Promise<Result<SuiteRun, SuiteFailure>> {
  let state: SuiteState = {
    ended: new Map(),
    collectionErrors: [],
    loaded: {},
    ids: request.ids,
    ignore: request.ignore ?? [],
    starts: 0,
    wallEnds: 0,
  };
  const began = performance.now();
  for (;;) {
    const started = await startOnce(request, state);
    if (!started.ok) return started;
    const { report, exit, log } = started.value;
    if (!report.ready) {
      return fail({
        class: 'eval',
        reason: 'runner-broken',
        detail: `${exitWords(exit)}: ${lastWords(log)}`,
        log,
      });
    }
    const next = nextStart(state, report, exit, lastWords(log));
    state = next.state;
    if (next.again) continue;
    mkdirSync(request.logDir, { recursive: true });
    writeFileSync(
      path.join(request.logDir, `${request.name}.junit.xml`),
      junitXml(state.ended, state.collectionErrors),
    );
    return ok(suiteRun(state, exit, (performance.now() - began) / 1000));
  }
}

function suiteRun(state: SuiteState, exit: RunExit, seconds: number): SuiteRun {
  const outcomes: [TestId, TestOutcome][] = [...state.ended].map(([id, test]) => [id, test.outcome]);
  const messages = [...state.ended].filter(([, test]) => test.message !== '');
  const executed = [...state.ended].filter(([, test]) => Object.keys(test.lines).length > 0);
  const errors: CollectionError[] = [...state.collectionErrors];
  return {
    tests: Object.fromEntries(outcomes),
    collectionErrors: errors,
    exitCode: exit.code,
    ended: exit.ended,
    seconds,
    executed: Object.fromEntries(executed.map(([id, test]: [TestId, EndedTest]) => [id, test.lines])),
    loaded: state.loaded,
    messages: Object.fromEntries(messages.map(([id, test]) => [id, test.message])),
    starts: state.starts,
    canaries: [],
    disagreements: [],
    watched: [],
    falsifiedIds: [],
  };
}

/** One start of the runner on a fresh copy of the tree. */
async function startOnce(
  request: TestSuiteRequest,
  state: SuiteState,
): Promise<Result<{ report: StartReport; exit: RunExit; log: string }, SuiteFailure>> {
  const { runtime } = request;
  const base = path.join(
    request.scratchDir,
    `${request.name}-${state.starts}-${randomBytes(4).toString('hex')}`,
  );
  const [tree, plugin, results] = ['tree', 'plugin', 'results'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  try {
    mkdirSync(path.join(results, 'tmp'), { recursive: true });
    mkdirSync(path.join(results, 'home'));
    cpSync(request.tree, tree, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    cpSync(path.join(packageRoot(), 'src', 'runners', 'python'), plugin, { recursive: true });
    const mounts = mountTable({
      role: 'test-suite',
      tree,
      plugin,
      results,
      environment: request.environment.mounts,
    });
    const seen = (at: string, below = '.'): string => path.posix.join(runtime.pathOf(mounts, at), below);
    writePlugin(request, state, plugin, seen);

    const nonce = randomBytes(16).toString('hex');
    const pythonpath = [
      seen(AT.plugin, 'site'),
      ...request.pythonpath.map((folder) => seen(AT.workspace, folder)),
    ];
    const own = request.environment.variables['PYTHONPATH'];
    const log = path.join(request.logDir, `${request.name}${state.starts === 0 ? '' : `-${state.starts}`}`);
    mkdirSync(request.logDir, { recursive: true });
    const idleMs = (Math.max(request.testSeconds, request.fileSeconds) + 15) * 1000;
    const exit = await runtime.run({
      role: 'test-suite',
      image: null,
      command: [
        request.environment.python,
        '-B',
        seen(AT.plugin, 'run_tests.py'),
        seen(AT.plugin, 'settings.json'),
      ],
      cwd: seen(AT.workspace, request.cwd),
      mounts,
      env: {
        ...request.environment.variables,
        PYTHONPATH: own === undefined ? pythonpath.join(':') : [...pythonpath, own].join(':'),
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        PYTHONIOENCODING: 'utf-8',
        HOME: seen(AT.results, 'home'),
        TMPDIR: seen(AT.results, 'tmp'),
        USER: 'tests',
        LOGNAME: 'tests',
        LANG: 'C.UTF-8',
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        MIG_NONCE: nonce,
        ...(request.block === null ? {} : { MIG_IMPORT_RULES: seen(AT.plugin, 'import-rules') }),
      },
      limits: { ...request.limits, idleMs: Math.min(idleMs, request.limits.idleMs ?? idleMs) },
      network: 'none',
      foreign: true,
      stdout: `${log}.results`,
      stderr: `${log}.log`,
      labels: request.labels,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      onStdout: progressOf(nonce, state, request.onTest),
    });
    if (!exit.ok) return exit;
    const report = readStart(readFileSync(`${log}.results`, 'utf8'), nonce);
    return ok({ report, exit: exit.value, log: `${log}.log` });
  } finally {
    removeTree(base);
  }
}

/** Everything that the runner reads, in the folder that is mounted read-only. */
function writePlugin(
  request: TestSuiteRequest,
  state: SuiteState,
  plugin: string,
  seen: (at: string, below?: string) => string,
): void {
  const root = seen(AT.workspace);
  const args = [
    '-c', seen(AT.plugin, 'pytest.ini'), `--rootdir=${root}`, `--confcutdir=${root}`, '-p', 'no:cacheprovider',
    '-p', 'no:randomly', '--continue-on-collection-errors', '-q', '--tb=short', '--color=no', '--show-capture=no',
    ...importModeArguments(request.settings), ...request.args,
    ...(request.paths.length === 0 ? [root] : request.paths.map((below) => seen(AT.workspace, below))),
  ]; // prettier-ignore
  const settings = {
    root,
    args,
    ids: state.ids,
    ignore: state.ignore,
    seed: request.order === 'file' ? null : request.order.seed,
    testSeconds: request.testSeconds,
    fileSeconds: request.fileSeconds,
    watched: request.trace,
  };
  writeFileSync(path.join(plugin, 'settings.json'), JSON.stringify(settings));
  writeFileSync(path.join(plugin, 'pytest.ini'), pytestIni(request.settings));
  if (request.block !== null)
    writeFileSync(path.join(plugin, 'import-rules'), blockRulesText(request.block, root));
}

/** Tells of each test as it starts; a line may come in pieces. */
function progressOf(
  nonce: string,
  state: SuiteState,
  onTest: TestSuiteRequest['onTest'],
): (text: string) => void {
  let rest = '';
  const before = state.ended.size;
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = parseTestEvent(line, nonce);
      if (event?.event === 'start') onTest?.(before + event.done + 1, before + event.total);
    }
  };
}

function exitWords(exit: RunExit): string {
  return exit.ended === 'exited' ? `exit code ${String(exit.code)}` : exit.ended;
}

/** The end of what the runner wrote to its log. */
function lastWords(log: string): string {
  const text = readFileSync(log, 'utf8').trimEnd();
  return text.slice(-1500);
}
