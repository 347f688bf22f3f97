import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { hostEnvironment } from './host-environment.ts';

export interface GitOptions {
  /** Added to the hermetic environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to git's standard input. */
  readonly input?: Buffer | string | AsyncIterable<Buffer>;
  /** Default 10 minutes; git is killed then. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Lets git speak to other repositories (fetch). Without it no protocol is allowed, lazy fetching included. */
  readonly network?: boolean;
}

/** Identity and time of every commit that we make: equal trees give equal commits. */
const IDENTITY = { name: 'mig-pipeline', email: 'mig-pipeline@localhost', date: '946684800 +0000' };

/**
 * Read above a repository's own configuration (scope `command`), so that neither the user's habits nor a
 * hostile repository decide what git runs or how it changes bytes. Filters have names of their own and cannot
 * be switched off like this: no command that reads or writes a foreign work tree (add, status, checkout) is
 * ever run in it; `git-folder.ts` reads and writes files itself.
 */
const CONFIG: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['safe.bareRepository', 'all'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.untrackedCache', 'false'],
  ['core.splitIndex', 'false'],
  ['core.autocrlf', 'false'],
  ['core.safecrlf', 'false'],
  ['core.quotePath', 'false'],
  ['core.fileMode', 'true'],
  ['core.symlinks', 'true'],
  ['core.ignoreCase', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.logAllRefUpdates', 'false'],
  ['core.pager', 'cat'],
  ['core.commitGraph', 'false'],
  ['credential.helper', ''],
  ['commit.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['init.defaultBranch', 'main'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
  ['advice.detachedHead', 'false'],
];

/** The whole environment of one call of git. */
export function gitEnvironment(dir: string, options: GitOptions): Record<string, string> {
  const env: Record<string, string> = {
    ...hostEnvironment(['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH']),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    GIT_ALLOW_PROTOCOL: options.network === true ? 'https:http:git:ssh:file' : 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TEMPLATE_DIR: '',
    // git must not take a repository further up for the one that was named
    GIT_CEILING_DIRECTORIES: path.dirname(path.resolve(dir)),
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_AUTHOR_DATE: IDENTITY.date,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
    GIT_COMMITTER_DATE: IDENTITY.date,
    GIT_CONFIG_COUNT: String(CONFIG.length),
  };
  CONFIG.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return { ...env, ...options.env };
}

export function gitFailure(args: readonly string[], detail: string): GitFailure {
  return { class: 'infra', reason: 'git-failed', args, detail: detail.trim().slice(-4000) };
}

/**
 * Runs git on bytes: exact standard output, whatever it holds. `dir` null: outside any repository.
 * Fails when git is missing, is ended by the time limit or the signal, or exits other than 0.
 */
export async function git(
  dir: string | null,
  args: readonly string[],
  options: GitOptions = {},
): Promise<Result<{ stdout: Buffer; stderr: string }, GitFailure>> {
  const cwd = dir ?? tmpdir();
  const limit = AbortSignal.timeout(options.timeoutMs ?? 600_000);
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  if (signal.aborted) return fail(gitFailure(args, 'cancelled'));
  return await new Promise((resolve) => {
    const child = spawn('git', [...args], {
      cwd,
      env: gitEnvironment(cwd, options),
      stdio: 'pipe',
      signal,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let problem: string | undefined;
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (limit.aborted) problem = 'time limit reached';
      else if (signal.aborted) problem = 'cancelled';
      else problem = error.code === 'ENOENT' ? missing(cwd) : error.message;
      if (child.pid === undefined) resolve(fail(gitFailure(args, problem)));
    });
    child.on('close', (code, killedBy) => {
      const words = Buffer.concat(stderr).toString();
      if (problem === undefined && code === 0) {
        resolve(ok({ stdout: Buffer.concat(stdout), stderr: words }));
        return;
      }
      const ended = code === null ? `ended by ${killedBy ?? 'a signal'}` : `exit ${code}`;
      resolve(fail(gitFailure(args, problem ?? (words.trim() || ended))));
    });
    // git may end before it has read everything; its exit code then says why
    child.stdin.on('error', () => undefined);
    feed(child.stdin, options.input).catch((error: unknown) => {
      problem = error instanceof Error ? error.message : String(error);
      child.kill('SIGKILL');
    });
  });
}

function missing(cwd: string): string {
  return `git could not be started in ${cwd}: it is not installed, or the folder is not there`;
}

async function feed(stdin: NodeJS.WritableStream, input: GitOptions['input']): Promise<void> {
  if (input === undefined || typeof input === 'string' || Buffer.isBuffer(input)) {
    stdin.end(input ?? '');
    return;
  }
  for await (const piece of input) {
    if (!stdin.writable) return;
    if (!stdin.write(piece)) await drained(stdin);
  }
  stdin.end();
}

async function drained(stdin: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stdin.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done).on('error', done);
  });
}

/**
 * Runs git on text through simple-git: the everyday calls (init, fetch, rev-parse, commit-tree, update-ref).
 * Same environment and failures as `git`; the answer's outer white space is cut off.
 */
export async function gitText(
  dir: string,
  args: readonly string[],
  options: Omit<GitOptions, 'input'> = {},
): Promise<Result<string, GitFailure>> {
  const { simpleGit } = await import('simple-git');
  const env = gitEnvironment(dir, options);
  try {
    const runner = simpleGit({
      baseDir: dir,
      allowEnvironment: Object.keys(env),
      timeout: { block: options.timeoutMs ?? 600_000 },
      ...(options.signal === undefined ? {} : { abort: options.signal }),
      errors: (error, result) =>
        error ?? (result.exitCode === 0 ? undefined : Buffer.from(`exit ${result.exitCode}`)),
      // our own hermetic settings are what these guards stop; no argument here comes from a repository
      unsafe: {
        allowUnsafeConfigEnvCount: true,
        allowUnsafeConfigPaths: true,
        allowUnsafeAskPass: true,
        allowUnsafeSshCommand: true,
        allowUnsafeTemplateDir: true,
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafePager: true,
        allowUnsafeCredentialHelper: true,
      },
    }).env(env);
    return ok((await runner.raw([...args])).trim());
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return fail(gitFailure(args, words.includes('ENOENT') ? missing(dir) : words));
  }
}
