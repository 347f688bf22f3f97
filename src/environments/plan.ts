import type { Migration } from '../model/migration.ts';
import type { Rung } from './ladder.ts';
import { normaliseName, parseRequirement, type Requirement } from './requirement.ts';
import { distributionOf, needsOf, type EnvironmentRole } from './requirements.ts';
import { sharesImportName } from './gone.ts';
import type { Survey } from './survey.ts';

/** One environment to be made on a rung. */
export interface EnvironmentPlan {
  readonly role: EnvironmentRole;
  readonly requirements: readonly Requirement[];
  /** A's and B's distributions: never dropped. */
  readonly kept: ReadonlySet<string>;
  /** What the migration states: neither unpinned nor dropped. */
  readonly fixed: ReadonlySet<string>;
  readonly leftOut: readonly string[];
}

const SETUPTOOLS_58 = Date.parse('2021-09-06T00:00:00Z');

/** Which environments a migration needs: one for both libraries, or one for each side. */
export function rolesOf(
  migration: Pick<Migration, 'kind' | 'source' | 'target'>,
): readonly EnvironmentRole[] {
  const names = (side: Migration['source']): string[] => side.flatMap((library) => library.importNames);
  const apart =
    migration.kind === 'upgrade' || sharesImportName(names(migration.source), names(migration.target));
  const versions = migration.target.some((target) =>
    migration.source.some(
      (source) =>
        distributionOf(source) !== null &&
        distributionOf(source) === distributionOf(target) &&
        source.version !== target.version,
    ),
  );
  return apart || versions ? ['a', 'b'] : ['ab'];
}

/** Pure: what one environment of one rung asks for. */
export function planOf(
  migration: Migration,
  survey: Survey,
  rung: Rung,
  role: EnvironmentRole,
  onlyStated: boolean,
): EnvironmentPlan {
  const needs = needsOf(
    {
      migration,
      before: survey.before,
      after: survey.after,
      python2: rung.python.startsWith('2'),
      pins: rung.pins,
      onlyStated,
    },
    role,
  );
  const libraries = [...(role === 'b' ? [] : migration.source), ...(role === 'a' ? [] : migration.target)];
  const kept = new Set(libraries.flatMap((library) => distributionOf(library) ?? []));
  const versioned = libraries
    .filter((library) => library.version !== null)
    .flatMap((one) => distributionOf(one) ?? []);
  const { both, before, after } = migration.requirements;
  const stated = [...both, ...(role === 'b' ? [] : before), ...(role === 'a' ? [] : after)];
  const fixed = new Set([...versioned, ...stated.flatMap((text) => parseRequirement(text)?.name ?? [])]);
  return {
    role,
    requirements: withSetuptools(needs.requirements, survey, rung, migration.python === 'auto'),
    kept,
    fixed,
    leftOut: needs.leftOut,
  };
}

/** A fresh environment has no setuptools; old code, and what it needs, imports it without asking. */
function withSetuptools(
  requirements: readonly Requirement[],
  survey: Survey,
  rung: Rung,
  found: boolean,
): readonly Requirement[] {
  const late = /^3\.1[2-9]$/.test(rung.python);
  const wanted =
    (found && requirements.length > 1) ||
    survey.imported.has('pkg_resources') ||
    survey.imported.has('setuptools') ||
    (late && survey.imported.has('distutils'));
  if (!wanted || requirements.some(({ name }) => name === 'setuptools')) return requirements;
  const old = rung.date !== null && Date.parse(rung.date) < SETUPTOOLS_58 && !late;
  return [
    ...requirements,
    { name: normaliseName('setuptools'), extras: [], specifier: old ? '<58' : '<81', marker: '' },
  ];
}
