import type { Limits } from '../model/limits.ts';
import type { RoleLimits } from './schema.ts';

const MIB = 1024 * 1024;

/** Turns configured seconds and mebibytes into what a runtime enforces. */
export function roleLimits(limits: RoleLimits): Limits {
  return {
    memoryBytes: limits.memoryMiB * MIB,
    cpus: limits.cpus,
    pids: limits.pids,
    wallMs: Math.round(limits.wallSeconds * 1000),
    idleMs: limits.idleSeconds === 0 ? null : Math.round(limits.idleSeconds * 1000),
    outputBytes: Math.round(limits.outputMiB * MIB),
  };
}
