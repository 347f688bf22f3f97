import path from 'node:path';
import type { EnvironmentRecord } from '../model/environment.ts';
import type { Migration } from '../model/migration.ts';
import { copyWithout } from './copy-without.ts';
import { layerOf } from './gone.ts';
import type { Held } from './held.ts';
import { confirmedNames } from './installed.ts';
import type { Rung } from './ladder.ts';
import { parseRequirements } from './requirement.ts';
import { distributionOf } from './requirements.ts';
import type { Survey } from './survey.ts';
import type { Workshop } from './workshop.ts';

/** Which folder plays which role, and how A is kept from the repository's code in E_B. */
export interface Separated {
  readonly roles: NonNullable<EnvironmentRecord['roles']>;
  readonly block: EnvironmentRecord['block'];
  readonly folders: readonly string[];
}

/** Decides the layer and, where A can be gone, makes E_B: the same environment without A, by hard links. */
export function separate(
  workshop: Workshop,
  migration: Migration,
  survey: Survey,
  held: Held,
  rung: Rung,
): Separated {
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
    return { roles, block, folders: ['a', 'b'] };
  }
  if (layer.block !== 'gone')
    return { roles: { a: 'ab', b: 'ab', work: 'ab' }, block: layer.block, folders: ['ab'] };
  const packages = `lib/python${rung.python}/site-packages`;
  copyWithout(path.join(workshop.outDir, 'ab'), path.join(workshop.outDir, 'b'), packages, sources);
  return { roles: { a: 'ab', b: 'b', work: 'ab' }, block: 'gone', folders: ['ab', 'b'] };
}
