import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(path.dirname(import.meta.dirname));
/** The bundle that users run, which `npm test` builds first; MIG_TEST_DIST names another one. */
export const DIST = process.env['MIG_TEST_DIST'] ?? path.join(root, 'dist');
export const CLI = path.join(DIST, 'cli.js');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Variables of the developer's own shell must not decide a test. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('MIG_') && name !== 'NODE_OPTIONS',
  ) as [string, string][];
  return { ...Object.fromEntries(own), NO_COLOR: '1', ...extra };
}

/** Runs the command line to its end. Throws where the bundle was not built. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: npm run build`);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      {
        cwd: options.cwd ?? root,
        env: environment(options.env),
        timeout: options.timeoutMs ?? 240_000,
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 1024 * 1024,
      },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Starts the command line and leaves it running. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export interface SummaryLine {
  readonly event: 'summary';
  readonly id: string;
  readonly tasks: readonly {
    readonly id: string;
    readonly state: string;
    readonly outcome: string | null;
    readonly reason: string | null;
  }[];
  readonly scores: Readonly<
    Record<
      'patch_eval' | 'unit_test_eval',
      {
        readonly status: string;
        readonly value?: number;
        readonly resolved?: boolean;
        readonly counts?: Readonly<Record<string, number>>;
        readonly why?: string;
      }
    >
  >;
}

/** The summary that `run --json` ends with. Throws with all that was printed where there is none. */
export function summaryIn(result: CliResult): SummaryLine {
  const last = result.stdout.trim().split('\n').at(-1) ?? '';
  try {
    const line = JSON.parse(last) as SummaryLine | { readonly event: 'error' };
    if (line.event === 'summary') return line;
  } catch {
    // Reported below with everything that was printed.
  }
  throw new Error(
    `no summary (exit ${result.code})\n${result.stdout.slice(-3000)}\n${result.stderr.slice(-3000)}`,
  );
}
