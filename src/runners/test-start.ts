import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  cpSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { RunExit } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { watchDisk } from './disk-watch.ts';
import { AT, mountTable } from './mounts.ts';
import { importModeArguments, pytestIni } from './pytest-settings.ts';
import { type BlockRules, blockRulesText } from './test-block.ts';
import { type Canary, makeCanary } from './test-canaries.ts';
import { eventReader, type Nonces, readStart, type StartReport } from './test-events.ts';
import { type JunitCounts, junitCounts } from './test-junit.ts';
import type { TestSuiteRequest } from './test-suite-request.ts';
import type { SuiteState } from './test-suite-plan.ts';

/** How one start ended: as a sandbox says, or for filling the disk. */
export type StartExit = Omit<RunExit, 'ended'> & { readonly ended: RunExit['ended'] | 'disk' };

/** What one start of the runner left. */
export interface Start {
  readonly report: StartReport;
  readonly exit: StartExit;
  readonly log: string;
  /** Tests of ours that were added; null where nothing is run. */
  readonly canary: Canary | null;
  readonly junit: JunitCounts | null;
}

const DISK_BYTES = 2 * 2 ** 30;
const LOOK_MS = 1000;
const LONGEST_JUNIT = 64 * 2 ** 20;
/** Arguments with which pytest runs no test. */
const PLANNING = new Set(['--setup-plan', '--setup-only', '--collect-only', '--co']);

type Seen = (at: string, below?: string) => string;

/** One start of the runner on a fresh copy of the tree. */
export async function startOnce(
  request: TestSuiteRequest,
  state: SuiteState,
): Promise<Result<Start, RuntimeFailure>> {
  const { runtime } = request;
  // a sandbox can see where its folders come from, and must not learn which start it is
  const base = path.join(request.scratchDir, randomBytes(8).toString('hex'));
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
    const seen: Seen = (at, below = '.') => path.posix.join(runtime.pathOf(mounts, at), below);
    const [settings, junit] = [randomBytes(6), randomBytes(6)].map((bytes) => bytes.toString('hex')) as [
      string,
      string,
    ];
    const nonces = { falsify: randomBytes(16).toString('hex'), run: randomBytes(16).toString('hex') };
    const canary = request.args.some((arg) => PLANNING.has(arg))
      ? null
      : makeCanary(tree, state.ids, request.paths, request.settings);
    const told = settingsOf(request, state, {
      seen,
      nonces,
      canary,
      junit: seen(AT.results, `${junit}.xml`),
    });
    writeFileSync(path.join(results, settings), JSON.stringify(told));
    writeFileSync(path.join(plugin, 'pytest.ini'), pytestIni(request.settings));
    if (request.block !== null) {
      const block = unsealed(request.block, request.falsified ?? []);
      writeFileSync(path.join(plugin, 'import-rules'), blockRulesText(block, seen(AT.workspace)));
    }

    const log = path.join(request.logDir, `${request.name}${state.starts === 0 ? '' : `-${state.starts}`}`);
    mkdirSync(request.logDir, { recursive: true });
    const exit = await bounded(request, [tree, results], (signal) =>
      runtime.run({
        role: 'test-suite',
        image: null,
        command: [
          request.environment.python,
          '-B',
          seen(AT.plugin, 'run_tests.py'),
          seen(AT.results, settings),
        ],
        cwd: seen(AT.workspace, request.cwd),
        mounts,
        env: environmentOf(request, seen),
        limits: { ...request.limits, idleMs: idleOf(request) },
        network: 'none',
        foreign: true,
        stdout: `${log}.results`,
        stderr: `${log}.log`,
        labels: request.labels,
        signal,
        onStdout: progressOf(nonces, state, canary, request.onTest),
      }),
    );
    if (!exit.ok) return exit;
    const report = readStart(readFileSync(`${log}.results`, 'utf8'), nonces);
    const written = readRegularFile(path.join(results, `${junit}.xml`));
    return ok({
      report,
      exit: exit.value,
      log: `${log}.log`,
      canary,
      junit: written === null ? null : junitCounts(written),
    });
  } finally {
    removeTree(base);
  }
}

/** Runs, and ends the run when its folders hold too much: that is how the run ended, and no failure of the world. */
async function bounded(
  request: TestSuiteRequest,
  folders: readonly string[],
  run: (signal: AbortSignal) => Promise<Result<RunExit, RuntimeFailure>>,
): Promise<Result<StartExit, RuntimeFailure>> {
  const full = new AbortController();
  const began = performance.now();
  const endWatch = watchDisk(folders, request.diskBytes ?? DISK_BYTES, LOOK_MS, () => full.abort());
  const signals = request.signal === undefined ? [full.signal] : [request.signal, full.signal];
  const exit = await run(AbortSignal.any(signals));
  endWatch();
  if (exit.ok || !full.signal.aborted || request.signal?.aborted === true) return exit;
  return ok({ code: null, ended: 'disk', seconds: (performance.now() - began) / 1000, outputBytes: 0 });
}

/** Files that are falsified are no longer what a digest says of them, and are exempt all the same. */
function unsealed(rules: BlockRules, falsified: readonly TestId[]): BlockRules {
  const { digests } = rules;
  if (digests === undefined) return rules;
  const files = new Set(falsified.map((id) => id.split('::')[0] ?? ''));
  const left = Object.fromEntries(Object.entries(digests).filter(([file]) => !files.has(file)));
  return { ...rules, digests: left };
}

function idleOf({ limits, testSeconds, fileSeconds }: TestSuiteRequest): number {
  const idleMs = (Math.max(testSeconds, fileSeconds) + 15) * 1000;
  return Math.min(idleMs, limits.idleMs ?? idleMs);
}

/** The environment's own variables and ours. The folders of the tree are no part of it: see `run_tests.py`. */
function environmentOf(request: TestSuiteRequest, seen: Seen): Record<string, string> {
  return {
    ...request.environment.variables,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: String(request.hashSeed ?? 0),
    PYTHONIOENCODING: 'utf-8',
    HOME: seen(AT.results, 'home'),
    TMPDIR: seen(AT.results, 'tmp'),
    USER: 'tests',
    LOGNAME: 'tests',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    ...(request.block === null ? {} : { MIG_IMPORT_RULES: seen(AT.plugin, 'import-rules') }),
  };
}

interface Told {
  readonly seen: Seen;
  readonly nonces: Nonces;
  readonly canary: Canary | null;
  /** Where pytest writes JUnit, as the sandbox sees it. */
  readonly junit: string;
}

/** Everything that the runner reads, and that is gone before code under test runs. */
function settingsOf(request: TestSuiteRequest, state: SuiteState, told: Told): object {
  const { seen, canary, nonces } = told;
  const root = seen(AT.workspace);
  const args = [
    '-c', seen(AT.plugin, 'pytest.ini'), `--rootdir=${root}`, `--confcutdir=${root}`, '-p', 'no:cacheprovider',
    '-p', 'no:randomly', '--continue-on-collection-errors', '-q', '--tb=short', '--color=no', '--show-capture=no',
    ...importModeArguments(request.settings), ...request.args, '--maxfail=0', `--junitxml=${told.junit}`,
    ...(request.paths.length === 0 ? [root] : request.paths.map((below) => seen(AT.workspace, below))),
    ...(canary === null || canary.isBelowPaths ? [] : [seen(AT.workspace, canary.file)]),
  ]; // prettier-ignore
  const folders = request.pythonpath.map((folder) => seen(AT.workspace, folder));
  const own = request.environment.variables['PYTHONPATH'];
  const falsified = request.falsified ?? [];
  return {
    root,
    args,
    ids: state.ids === null ? null : [...state.ids, ...(canary?.ids ?? [])],
    ignore: state.ignore,
    seed: request.order === 'file' ? null : request.order.seed,
    testSeconds: request.testSeconds,
    fileSeconds: request.fileSeconds,
    watched: request.trace,
    nonce: nonces.run,
    falsified:
      falsified.length === 0
        ? null
        : { ids: falsified, seed: request.falsifySeed ?? '', nonce: nonces.falsify },
    canary: canary === null ? null : { file: canary.file, text: canary.text, unnamed: canary.unnamed },
    doctests: request.doctests ?? {},
    pythonpath: folders,
    environment: [seen(AT.plugin, 'site'), ...folders, ...(own === undefined ? [] : [own])].join(':'),
    rules: request.block === null ? null : seen(AT.plugin, 'import-rules'),
    early: request.early ?? [],
    fileBytes: request.diskBytes ?? DISK_BYTES,
    product: request.product ?? [],
  };
}

/** Tells of each test as it starts; a line may come in pieces. */
function progressOf(
  nonces: Nonces,
  state: SuiteState,
  canary: Canary | null,
  onTest: TestSuiteRequest['onTest'],
): (text: string) => void {
  const read = eventReader(nonces);
  const ours = new Set<TestId>(canary?.ids ?? []);
  const before = state.ended.size;
  let rest = '';
  let total = 0;
  let done = 0;
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = read(line);
      if (event?.event === 'collected') total = event.ids.filter((id) => !ours.has(id)).length;
      else if (event?.event === 'start' && !ours.has(event.id)) onTest?.(before + ++done, before + total);
    }
  };
}

/** The text of a file that code under test could have put anything in the place of; null where it is no plain file. */
function readRegularFile(file: string): string | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = fstatSync(descriptor);
    return facts.isFile() && facts.size <= LONGEST_JUNIT ? readFileSync(descriptor, 'utf8') : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
