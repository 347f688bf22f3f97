import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { execFileSync } from 'node:child_process';

/** The process that made an object, as it is written on the object: enough to know later that it is dead. */
export interface Owner {
  readonly host: string;
  /** Identity of the machine's current uptime. */
  readonly boot: string;
  /** The process namespace in which `pid` counts. */
  readonly namespace: string;
  readonly pid: string;
  /** When the process started, in the system's own unit: a number used again is told apart by it. */
  readonly start: string;
}

let self: Owner | undefined;

/** This process. Read once. */
export function thisOwner(): Owner {
  self ??= {
    host: os.hostname(),
    boot:
      readText('/proc/sys/kernel/random/boot_id') ??
      String(Math.round(Date.now() / 60_000 - os.uptime() / 60)),
    namespace: readLink('/proc/self/ns/pid') ?? 'host',
    pid: String(process.pid),
    start: processStart(process.pid) ?? 'unknown',
  };
  return self;
}

/**
 * True only where death is certain: same machine, and either an earlier uptime or a process number that is gone
 * or belongs to a later process. Owners on other machines and in other process namespaces are left alone.
 */
export function isDead(owner: Partial<Owner>): boolean {
  const here = thisOwner();
  if (owner.host !== here.host || owner.boot === undefined) return false;
  if (owner.boot !== here.boot) return true;
  if (owner.namespace !== here.namespace) return false;
  const pid = Number(owner.pid);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const start = processStart(pid);
  return start === undefined || start !== owner.start;
}

/** When process `pid` started; undefined when there is no such process (a zombie counts as none). */
export function processStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat !== undefined) {
    // The second field is the command in parentheses and may hold anything, so counting starts behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  }
  if (process.platform === 'linux') return undefined;
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return text.trim() === '' ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readLink(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
