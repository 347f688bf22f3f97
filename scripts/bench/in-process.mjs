// Processor and wall time of work inside this process, with that of the children it waits for.
import { readFileSync } from 'node:fs';
import { breathe } from './scratch.mjs';

/** Of the kernel's accounts of processes; a clock tick on every Linux that Node runs on is 10 ms. */
const TICK_MS = 10;

function childrenMs() {
  let stat;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return 0;
  }
  // Counted after the program's name, which may hold spaces: fields 16 and 17 of the line.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function ownMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Milliseconds of each job, minima over rounds, in which the jobs take turns; one round before them is not
 * counted. A job may answer its own wall time.
 */
export async function measureJobs(jobs, { rounds, warmUp = 1 }) {
  const best = {};
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, job] of Object.entries(jobs)) {
      await breathe();
      const [cpu, wall] = [ownMs(), performance.now()];
      const told = await job();
      const cpuMs = ownMs() - cpu;
      const wallMs = typeof told === 'number' ? told : performance.now() - wall;
      if (round < 0) continue;
      const known = (best[name] ??= { cpuMs, wallMs });
      known.cpuMs = Math.min(known.cpuMs, cpuMs);
      known.wallMs = Math.min(known.wallMs, wallMs);
    }
  }
  return best;
}

/**
 * As `measureJobs` for jobs whose work is done by children: their ticks are too coarse for one round, so processor
 * time is the mean over `rounds` of ours and theirs; wall time is a minimum.
 */
export async function measureSpawning(jobs, { rounds }) {
  const sums = {};
  for (const [name, job] of Object.entries(jobs)) {
    await job();
    sums[name] = { cpuMs: 0, wallMs: Infinity };
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, job] of Object.entries(jobs)) {
      await breathe();
      const [cpu, wall] = [ownMs() + childrenMs(), performance.now()];
      await job();
      sums[name].cpuMs += (ownMs() + childrenMs() - cpu) / rounds;
      sums[name].wallMs = Math.min(sums[name].wallMs, performance.now() - wall);
    }
  }
  return sums;
}
