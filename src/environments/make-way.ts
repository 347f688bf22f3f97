import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { toolsLock } from '../runners/tools.ts';
import { makeOne, type Attempt } from './attempt.ts';
import { checkStart } from './check-start.ts';
import { writeGenerated } from './generated.ts';
import type { Held } from './held.ts';
import { readInstalled, sitePackages, type InstalledDistribution } from './installed.ts';
import type { Rung } from './ladder.ts';
import type { MakeInput } from './make-input.ts';
import { mendedPlan, type Mended } from './mended.ts';
import { planOf } from './plan.ts';
import { makeOnPython2 } from './python2.ts';
import type { EnvironmentRole } from './requirements.ts';
import type { Workshop } from './workshop.ts';

/** What the environments of some roles came to. */
export interface Way {
  readonly held: Held;
  /** Why they do not hold; empty where they do. */
  readonly why: string;
  /** A and B themselves cannot live together. */
  readonly conflict: boolean;
}

/** Makes the environments of these roles on one rung and starts each once. */
export async function makeWay(
  workshop: Workshop,
  input: MakeInput,
  rung: Rung,
  roles: readonly EnvironmentRole[],
  mended: Mended,
): Promise<Result<Way, Failure>> {
  const environments: Held['environments'][number][] = [];
  const installed = new Map<EnvironmentRole, readonly InstalledDistribution[]>();
  const held: Held = { environments, installed, mended };
  for (const role of roles) {
    const attempt = await makeRole(workshop, input, rung, role, mended);
    if (!attempt.ok) return attempt;
    environments.push({ role, attempt: attempt.value });
    const { made, why, conflict } = attempt.value;
    if (made === null) return ok({ held, why: why === '' ? 'it could not be made' : why, conflict });
    const packages = sitePackages(path.join(workshop.outDir, role), rung.python);
    installed.set(role, readInstalled(packages, rung.python));
    writeGenerated(packages, input.survey.generated, input.survey.before.version);
  }
  const started = await checkStart(workshop, input.migration, held);
  return started.ok ? ok({ held, why: started.value ?? '', conflict: false }) : started;
}

async function makeRole(
  workshop: Workshop,
  input: MakeInput,
  rung: Rung,
  role: EnvironmentRole,
  mended: Mended,
): Promise<Result<Attempt, Failure>> {
  const plan = mendedPlan(planOf(input.migration, input.survey, rung, role, input.onlyStated), mended);
  if (rung.python.startsWith('2')) return makeOnPython2(workshop, rung, plan, input.interpreters);
  const locked = toolsLock().packages;
  const alone = plan.requirements.every(({ name, specifier }) =>
    locked.some((one) => one.name === name && (specifier === '' || specifier === `==${one.version}`)),
  );
  if (!alone || /^3\.[0-7]$/.test(rung.python)) return makeOne(workshop, rung, plan, null);
  const wheels = await input.lockedWheels();
  return wheels.ok ? makeOne(workshop, rung, plan, wheels.value) : fail(wheels.failure);
}
