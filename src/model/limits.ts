/** What is in force for one run of a command; all of it is part of the result. */
export interface Limits {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly wallMs: number;
  /** No byte on either stream for this long = stuck; null: no such limit. */
  readonly idleMs: number | null;
  /** Both streams together; the run is ended when they pass it. */
  readonly outputBytes: number;
}
