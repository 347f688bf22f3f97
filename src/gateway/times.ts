/** How long things may take, in milliseconds. */
export interface GatewayTimes {
  readonly connectMs: number;
  /** From a request's end to the head of its answer: a model that thinks is silent. */
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
  /** A call with all its tries. */
  readonly wholeCallMs: number;
  /**
   * How long a call is tried again after 429, 5xx and lost connections, from its first try on. Under 300 s, after
   * which clients that were told nothing hang up.
   */
  readonly totalMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const TIMES: GatewayTimes = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  betweenBytesMs: 300_000,
  wholeCallMs: 1_800_000,
  totalMs: 280_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
};
