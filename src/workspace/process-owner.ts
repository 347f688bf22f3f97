import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process on which machine: enough to tell later, from elsewhere, whether it still lives. */
export interface Owner {
  readonly host: string;
  /** Changes with every start of the machine; empty where the system has none. */
  readonly bootId: string;
  /** Process ids mean something only inside one such namespace; empty where the system has none. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** Start of the process in the system's own ticks: tells a reused pid. Empty where the system has none. */
  readonly processStart: string;
}

/** An owner that cannot be looked up is dead when it has not beaten for this long. */
export const SILENCE_MS = 5 * 60_000;

let own: Owner | undefined;

/** This process. */
export function thisProcess(): Owner {
  own ??= {
    host: hostname(),
    bootId: textOf('/proc/sys/kernel/random/boot_id').trim(),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
  };
  return own;
}

/**
 * Whether an owner still lives. On the same host, boot and pid namespace its pid and process start decide;
 * any other is judged by its last beat (milliseconds since the epoch).
 */
export function ownerLives(owner: Owner, me: Owner, lastBeatMs: number, nowMs: number): boolean {
  const near = owner.host === me.host && owner.bootId === me.bootId && owner.pidNamespace === me.pidNamespace;
  if (!near) return nowMs - lastBeatMs < SILENCE_MS;
  if (me.processStart !== '') return processStart(owner.pid) === owner.processStart;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start of a process in ticks; null when there is none or only its corpse. */
export function processStart(pid: number): string | null {
  const text = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may itself hold blanks and parentheses; fields are counted after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return text === '' || start === undefined || state === 'Z' || state === 'X' ? null : start;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
