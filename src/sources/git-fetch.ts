import { setTimeout as pause } from 'node:timers/promises';
import type { GitFailure } from '../workspace/git.ts';
import { gitText } from '../workspace/git.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';

/** The server's own no: trying again gives the same answer. */
const FINAL =
  /repository .*not found|not found \(|error: 40[134]|could not read (username|password)|authentication failed|does not appear to be a git repository|permission denied|transport '.*' not allowed|not a git repository|is not supported|no such file or directory|host key verification failed/i;
/** The server gives named branches only, or no shallow copies. */
const NOT_BY_ID =
  /not our ref|unadvertised object|want .* not valid|upload-pack: not our|couldn't find remote ref|dumb http transport does not support|does not support (shallow|--depth)/i;

export interface FetchRules {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Fetches one commit and its parents into `store`, nothing else; where the server does not give commits by id,
 * everything that it names. Passing failures are tried again. Succeeds without the commit where the server's
 * answer is that it has none such: look into the store.
 */
export async function fetchCommit(
  store: string,
  url: string,
  commit: string,
  rules: FetchRules,
): Promise<Result<void, GitFailure>> {
  const single = ['--depth=2', '--end-of-options', url, commit];
  const whole = ['--end-of-options', url, '+refs/*:refs/fetched/*'];
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    const fetched = await retried(store, single, rules);
    if (fetched.ok || !NOT_BY_ID.test(fetched.failure.detail)) return fetched;
  }
  return await retried(store, whole, rules);
}

async function retried(
  store: string,
  args: readonly string[],
  rules: FetchRules,
): Promise<Result<void, GitFailure>> {
  const options = { network: true, ...(rules.signal === undefined ? {} : { signal: rules.signal }) };
  for (let attempt = 1; ; attempt++) {
    const all = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...args];
    const fetched = await gitText(store, all, options);
    if (fetched.ok) return ok(undefined);
    const { detail } = fetched.failure;
    const over = attempt >= rules.attempts || FINAL.test(detail) || NOT_BY_ID.test(detail);
    if (over || rules.signal?.aborted === true) return fail(fetched.failure);
    await pause(rules.firstPauseMs * 2 ** (attempt - 1));
  }
}
