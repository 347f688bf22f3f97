import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { isDead, thisOwner } from './owner.ts';
import type { Limits } from './runtime.ts';

const ROOT = '/sys/fs/cgroup';
const OURS = 'mig-pipeline';

/** A control group of the kernel's that holds one run: its limits bind all processes together. */
export interface Cgroup {
  /** Files to which a process writes its number to enter. */
  readonly entrances: readonly string[];
  /** Whether the kernel ended a process for lack of memory. */
  ranOutOfMemory(): boolean;
  /** Ends every process in it. */
  kill(): void;
  /** Removes it; its processes must be gone. */
  remove(): Promise<void>;
}

/** Makes a group with these limits; null where this user may not (then limits bind each process by itself). */
export function makeCgroup(limits: Pick<Limits, 'memoryBytes' | 'pids' | 'cpus'>): Cgroup | null {
  const owner = thisOwner();
  const name = `${owner.pid}-${owner.start}-${randomBytes(4).toString('hex')}`;
  const made: string[] = [];
  try {
    const unified = existsSync(path.join(ROOT, 'cgroup.controllers'));
    const make = (controller: string): string => {
      const dir = path.join(ROOT, controller, OURS, name);
      mkdirSync(dir, { recursive: true });
      made.push(dir);
      return dir;
    };
    const set = (dir: string, file: string, value: string | number): void =>
      writeFileSync(path.join(dir, file), String(value));
    const period = 100_000;
    if (unified) {
      writeFileSync(path.join(ROOT, 'cgroup.subtree_control'), '+memory +pids +cpu');
      mkdirSync(path.join(ROOT, OURS), { recursive: true });
      writeFileSync(path.join(ROOT, OURS, 'cgroup.subtree_control'), '+memory +pids +cpu');
      const dir = make('');
      set(dir, 'memory.max', limits.memoryBytes);
      if (existsSync(path.join(dir, 'memory.swap.max'))) set(dir, 'memory.swap.max', 0);
      set(dir, 'pids.max', limits.pids);
      set(dir, 'cpu.max', `${Math.round(limits.cpus * period)} ${period}`);
    } else {
      const memory = make('memory');
      set(memory, 'memory.limit_in_bytes', limits.memoryBytes);
      const swap = 'memory.memsw.limit_in_bytes';
      if (existsSync(path.join(memory, swap))) set(memory, swap, limits.memoryBytes);
      set(make('pids'), 'pids.max', limits.pids);
      const cpu = make('cpu');
      set(cpu, 'cpu.cfs_period_us', period);
      set(cpu, 'cpu.cfs_quota_us', Math.round(limits.cpus * period));
    }
    const counter = path.join(made[0] ?? '', unified ? 'memory.events' : 'memory.oom_control');
    return {
      entrances: made.map((dir) => path.join(dir, 'cgroup.procs')),
      ranOutOfMemory: () => /^oom_kill [1-9]/m.test(readFileSync(counter, 'utf8')),
      kill: () => made.forEach(killAll),
      remove: () => removeAll(made),
    };
  } catch {
    // Read-only, not mounted, or not ours to write: the limits of single processes remain.
    for (const dir of made) removeQuietly(dir);
    return null;
  }
}

/** Removes groups whose maker is dead, with what still runs in them; answers their folders. */
export function removeDeadCgroups(): readonly string[] {
  const { host, boot, namespace } = thisOwner();
  const removed: string[] = [];
  for (const controller of ['', 'memory', 'pids', 'cpu']) {
    const parent = path.join(ROOT, controller, OURS);
    if (!existsSync(parent)) continue;
    for (const entry of readdirSync(parent, { withFileTypes: true })) {
      const [pid, start] = entry.name.split('-');
      if (!entry.isDirectory() || pid === undefined || start === undefined) continue;
      if (!isDead({ host, boot, namespace, pid, start })) continue;
      const dir = path.join(parent, entry.name);
      killAll(dir);
      if (removeQuietly(dir)) removed.push(dir);
    }
  }
  return removed;
}

function killAll(dir: string): void {
  for (const pid of processesOf(dir))
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone between the two.
    }
}

/** None where another process has removed the group meanwhile: two may clear up after one dead run. */
function processesOf(dir: string): readonly string[] {
  try {
    return readFileSync(path.join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function removeQuietly(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch {
    return false;
  }
}

async function removeAll(dirs: readonly string[]): Promise<void> {
  // The kernel lets go of a group a moment after its last process.
  for (let tries = 0; tries < 50 && dirs.some((dir) => existsSync(dir) && !removeQuietly(dir)); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}
