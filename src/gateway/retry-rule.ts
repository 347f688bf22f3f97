import { one, type Headers } from './headers.ts';

/** How long the gateway itself waits for a provider that is busy, failing or not there. */
export interface Patience {
  /** From the first try of a call to its last. */
  readonly totalMs: number;
  /** Pause after the first failure where the provider names none; doubles each time. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Whether the same call may do better later. */
export function isPassing(status: number, headers: Headers, body: string): boolean {
  if (one(headers['x-should-retry']) === 'false') return false;
  // an empty account stays empty
  if (status === 429 && /"insufficient_quota"|"billing_hard_limit_reached"/.test(body)) return false;
  if (status === 408 || status === 409 || status === 425 || status === 429) return true;
  return status >= 500 && status !== 501 && status !== 505;
}

/** What a provider says about when to come again, in milliseconds; undefined where it says nothing. */
export function askedPauseMs(headers: Headers, body: string, now: number): number | undefined {
  const exact = Number(one(headers['retry-after-ms']) ?? Number.NaN);
  if (exact >= 0) return exact;
  const told = one(headers['retry-after'])?.trim();
  if (told !== undefined && told !== '') {
    const seconds = Number(told);
    if (seconds >= 0) return seconds * 1000;
    const date = Date.parse(told);
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  // Gemini says it in the body
  const delay = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body)?.[1];
  return delay === undefined ? undefined : Number(delay) * 1000;
}

/**
 * Pause before the next try; undefined when patience ends before it. What the provider asks for is kept to the
 * millisecond; our own pauses have jitter (`chance` from 0 to 1), so that parallel calls do not come back together.
 */
export function pauseMs(
  patience: Patience,
  failures: number,
  elapsedMs: number,
  asked: number | undefined,
  chance: number,
): number | undefined {
  const own = Math.min(patience.longestPauseMs, patience.firstPauseMs * 2 ** Math.min(failures - 1, 20));
  const pause = asked ?? own * (0.5 + chance / 2);
  return elapsedMs + pause > patience.totalMs ? undefined : pause;
}
