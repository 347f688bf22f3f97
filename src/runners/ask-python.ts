import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as z from 'zod';
import type { Json } from '../model/json.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { AT } from './mounts.ts';
import type { SeenEnvironment, SuiteFailure } from './test-suite.ts';

/** A question that a script of ours answers about a tree which it reads and does not run. */
export interface PythonQuestion {
  readonly runtime: Runtime;
  readonly tree: string;
  readonly environment: SeenEnvironment;
  readonly limits: Limits;
  readonly labels: Readonly<Record<string, string>>;
  readonly scratchDir: string;
  readonly logDir: string;
  /** Names the logs. */
  readonly name: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs a script of `runners/python` by the environment's own interpreter, in a sandbox that can write nowhere. The
 * script is given a JSON file with the question (and `root`, the tree's place) and answers on standard output.
 */
export async function askPython<T>(
  question: PythonQuestion,
  script: string,
  asked: Readonly<Record<string, Json>>,
  schema: z.ZodType<T>,
): Promise<Result<T, SuiteFailure>> {
  const { runtime, environment, name } = question;
  const plugin = path.join(question.scratchDir, `${name}-${randomBytes(4).toString('hex')}`);
  try {
    cpSync(path.join(packageRoot(), 'src', 'runners', 'python'), plugin, { recursive: true });
    const mounts: Mount[] = [
      { host: question.tree, at: AT.workspace, mode: 'ro' },
      { host: plugin, at: AT.plugin, mode: 'ro' },
      ...environment.mounts,
    ];
    const seen = (at: string, below: string): string => path.posix.join(runtime.pathOf(mounts, at), below);
    writeFileSync(
      path.join(plugin, 'request.json'),
      JSON.stringify({ ...asked, root: seen(AT.workspace, '.') }),
    );
    mkdirSync(question.logDir, { recursive: true });
    const log = path.join(question.logDir, name);
    const exit = await runtime.run({
      role: 'test-suite',
      image: null,
      command: [environment.python, '-B', '-E', seen(AT.plugin, script), seen(AT.plugin, 'request.json')],
      cwd: seen(AT.plugin, '.'),
      mounts,
      env: { ...environment.variables, PYTHONIOENCODING: 'utf-8' },
      limits: question.limits,
      network: 'none',
      foreign: false,
      stdout: `${log}.json`,
      stderr: `${log}.log`,
      labels: question.labels,
      ...(question.signal === undefined ? {} : { signal: question.signal }),
    });
    if (!exit.ok) return exit;
    const parsed = schema.safeParse(parseJson(readFileSync(`${log}.json`, 'utf8')));
    if (parsed.success) return ok(parsed.data);
    const words = readFileSync(`${log}.log`, 'utf8').trimEnd().slice(-1500);
    const how = exit.value.ended === 'exited' ? `exit code ${String(exit.value.code)}` : exit.value.ended;
    const detail = `${script} gave no answer (${how}): ${words === '' ? parsed.error.message : words}`;
    return fail({ class: 'eval', reason: 'runner-broken', detail, log: `${log}.log` });
  } finally {
    removeTree(plugin);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
