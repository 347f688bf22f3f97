import type { EnvironmentRecord } from '../model/environment.ts';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { layerOf } from './gone.ts';
import type { Held } from './held.ts';
import { confirmedNames } from './installed.ts';
import type { Rung } from './ladder.ts';
import { parseRequirements } from './requirement.ts';
import { distributionOf } from './requirements.ts';
import { broken } from './resolve.ts';
import type { Survey } from './survey.ts';
import { inStore, runStep, seen, storeMount, type Workshop } from './workshop.ts';

/** Which folder plays which role, and how A is kept from the repository's code in E_B. */
export interface Separated {
  readonly roles: NonNullable<EnvironmentRecord['roles']>;
  readonly block: EnvironmentRecord['block'];
  readonly folders: readonly string[];
}

/** Decides the layer and, where A can be gone, makes E_B: the same environment without A, by hard links. */
export async function separate(
  workshop: Workshop,
  migration: Migration,
  survey: Survey,
  held: Held,
  rung: Rung,
): Promise<Result<Separated, Failure>> {
  const apart = held.environments.length > 1;
  const installed = held.installed.get(apart ? 'b' : 'ab') ?? [];
  const sources = migration.source.flatMap((library) => distributionOf(library) ?? []);
  const namesOf = (libraries: Migration['source']): string[] =>
    libraries.flatMap((library) => {
      const name = distributionOf(library);
      return confirmedNames(
        library.importNames,
        installed.find((one) => one.name === name),
      );
    });
  const layer = layerOf({
    kind: migration.kind,
    sourceDistributions: sources,
    sourceNames: namesOf(migration.source),
    targetNames: namesOf(migration.target),
    installed,
    statedForBoth: parseRequirements(migration.requirements.both).map(({ name }) => name),
    testNames: survey.testNames,
  });
  if (apart) {
    const roles = { a: 'a', b: 'b', work: 'b' };
    const still = installed.some(({ name }) => sources.includes(name));
    const block = layer.block === 'none' ? 'none' : still ? 'blocked' : 'gone';
    return ok({ roles, block, folders: ['a', 'b'] });
  }
  if (layer.block !== 'gone')
    return ok({ roles: { a: 'ab', b: 'ab', work: 'ab' }, block: layer.block, folders: ['ab'] });
  const made = await copyWithout(workshop, sources, rung.python);
  if (!made.ok) return made;
  return ok({ roles: { a: 'ab', b: 'b', work: 'ab' }, block: 'gone', folders: ['ab', 'b'] });
}

/** Copies `ab` to `b` by hard links and takes A's files out, by its own RECORD: only files are handled, nothing runs. */
async function copyWithout(
  workshop: Workshop,
  names: readonly string[],
  python: string,
): Promise<Result<void, Failure>> {
  const mounts: Mount[] = [storeMount(workshop)];
  const out = inStore(workshop, workshop.outDir);
  const cache = `--cache-dir=${seen(workshop, mounts, '/store')}/.uv-cache`;
  const packages = `lib/python${python}/site-packages`;
  const ended = await runStep(workshop, {
    name: 'separate',
    script: [
      'set -e',
      `cp -al '${out}/ab' '${out}/b'`,
      `"$UV" pip uninstall '${cache}' --python='${out}/b/bin/python' ${names.join(' ')}`,
      `find '${out}/b/${packages}' -depth -type d -empty -delete`,
    ].join('\n'),
    mounts,
    network: 'none',
    foreign: false,
  });
  if (!ended.ok) return ended;
  if (ended.value.exit.code === 0) return ok(undefined);
  return fail(broken('separating', ended.value.err.slice(-500), ended.value.log));
}
