import { processStart, thisProcess } from '../workspace/process-owner.ts';

/** The process that made an object, as it is written on the object (labels are texts): enough to know later that it is dead. */
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

/** This process. */
export function thisOwner(): Owner {
  const { host, bootId, pidNamespace, pid, processStart: start } = thisProcess();
  return { host, boot: bootId, namespace: pidNamespace, pid: String(pid), start };
}

/**
 * True only where death is certain: same machine, and either an earlier uptime or a process number that is gone
 * or belongs to a later process. Owners on other machines and in other process namespaces are left alone, and
 * so are all where the system does not tell when a process started.
 */
export function isDead(owner: Partial<Owner>): boolean {
  const here = thisOwner();
  if (owner.host !== here.host || owner.boot === undefined || here.start === '') return false;
  if (owner.boot !== here.boot) return true;
  if (owner.namespace !== here.namespace) return false;
  const pid = Number(owner.pid);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  return processStart(pid) !== owner.start;
}
