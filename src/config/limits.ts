import type { RoleLimits } from './schema.ts';

/** Limits as runtimes take them: bytes and milliseconds, null for "none". */
export interface LimitValues {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly wallMs: number;
  readonly idleMs: number | null;
  readonly outputBytes: number;
}

const MIB = 1024 * 1024;

/** Turns configured seconds and mebibytes into what a runtime enforces. */
export function roleLimits(limits: RoleLimits): LimitValues {
  return {
    memoryBytes: limits.memoryMiB * MIB,
    cpus: limits.cpus,
    pids: limits.pids,
    wallMs: Math.round(limits.wallSeconds * 1000),
    idleMs: limits.idleSeconds === 0 ? null : Math.round(limits.idleSeconds * 1000),
    outputBytes: Math.round(limits.outputMiB * MIB),
  };
}
