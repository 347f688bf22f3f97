import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { removeTree } from '../workspace/disk.ts';
import { wheelsFor } from './build.ts';
import { nextDate } from './compiled.ts';
import { install } from './install.ts';
import type { Rung } from './ladder.ts';
import type { LockedDistribution } from './lock.ts';
import type { EnvironmentPlan } from './plan.ts';
import { blamedNames, causeOf, repairFor, type Wanted } from './repair.ts';
import { resolve, type Resolution } from './resolve.ts';
import type { Workshop } from './workshop.ts';

/** A made environment, or why it could not be made; `repairs` either way. */
export interface Attempt {
  readonly made: { readonly distributions: readonly LockedDistribution[]; readonly lock: string } | null;
  readonly why: string;
  /** A and B themselves cannot live together. */
  readonly conflict: boolean;
  readonly repairs: readonly string[];
  readonly dropped: readonly string[];
}

const MOST_REPAIRS = 30;

/**
 * Resolves, builds and installs one environment, reading the tools' own errors and repairing one thing after
 * another, until it holds, nothing is left to repair, or the limit of repairs is reached.
 */
export async function makeOne(
  workshop: Workshop,
  rung: Rung,
  plan: EnvironmentPlan,
  wheelsDir: string | null,
): Promise<Result<Attempt, Failure>> {
  let wanted: Wanted = {
    requirements: plan.requirements,
    lifted: {},
    dropped: [],
    libraries: plan.kept,
  };
  const repairs: string[] = [];
  const seen = new Set<string>();
  const end = (made: Attempt['made'], why: string): Result<Attempt, Failure> =>
    ok({ made, why, conflict: made === null && isConflict(why, plan), repairs, dropped: wanted.dropped });
  for (;;) {
    const outcome = await tryOnce(workshop, rung, plan, wanted, wheelsDir);
    if (!outcome.ok) return outcome;
    if ('resolution' in outcome.value) {
      const lock = `pylock.${plan.role}.toml`;
      writeFileSync(path.join(workshop.outDir, lock), outcome.value.resolution.text);
      repairs.push(...outcome.value.compiled.map((what) => `built with compilers: ${what}`));
      return end({ distributions: outcome.value.resolution.distributions, lock }, '');
    }
    removeTree(path.join(workshop.outDir, plan.role));
    const { error } = outcome.value;
    if (repairs.length >= MOST_REPAIRS)
      return end(null, `${MOST_REPAIRS} repairs were not enough: ${causeOf(error)}`);
    const next = repairFor(error, wanted, plan, (name, now) => nextDate(rung, name, now));
    if (next === null) return end(null, causeOf(error));
    const state = JSON.stringify([next.wanted.requirements, next.wanted.lifted]);
    if (seen.has(state)) return end(null, causeOf(error));
    seen.add(state);
    wanted = next.wanted;
    repairs.push(next.step);
    workshop.progress(`repair ${repairs.length}: ${next.step.split(':')[0] ?? ''}`);
  }
}

async function tryOnce(
  workshop: Workshop,
  rung: Rung,
  plan: EnvironmentPlan,
  wanted: Wanted,
  wheelsDir: string | null,
): Promise<Result<{ resolution: Resolution; compiled: readonly string[] } | { error: string }, Failure>> {
  const resolved = await resolve(workshop, plan.role, rung, wanted, wheelsDir);
  if (!resolved.ok) return resolved;
  const resolution = resolved.value;
  if ('error' in resolution) return ok(resolution);
  const wheels = await wheelsFor(workshop, rung, resolution.distributions);
  if (!wheels.ok) return wheels;
  if ('failed' in wheels.value) return ok({ error: wheels.value.error });
  const installed = await install(workshop, plan.role, wheels.value.distributions, wheelsDir);
  if (!installed.ok) return installed;
  if (!installed.value.held) return ok({ error: installed.value.error });
  const compiled = [...(resolution.compiled === true ? ['metadata'] : []), ...wheels.value.compiled];
  return ok({ resolution, compiled });
}

/** Whether the error that was left speaks of both libraries' distributions. */
function isConflict(error: string, plan: EnvironmentPlan): boolean {
  const blamed = blamedNames(error).filter((name) => plan.kept.has(name));
  return (
    plan.role === 'ab' &&
    plan.kept.size > 1 &&
    blamed.length > 0 &&
    /incompatible|conclude|depends on/.test(error)
  );
}
