import { unitId, type UnitId } from '../model/ids.ts';
import type { Migration } from '../model/migration.ts';

/** The parts of `<source>__<target>__<owner>@<repo>__<sha8>`. */
export interface IdParts {
  readonly source: string;
  readonly target: string;
  readonly owner: string;
  readonly repo: string;
  readonly sha8: string;
}

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]|_(?!_))*';
const ID = new RegExp(
  `^(${NAME})__(${NAME})__([A-Za-z0-9_][A-Za-z0-9_-]*)@([A-Za-z0-9._-]+)__([0-9a-f]{8})$`,
);

/** The parts of a full id; undefined for any other text. */
export function partsOfId(text: string): IdParts | undefined {
  const [, source, target, owner, repo, sha8] = ID.exec(text) ?? [];
  if (!source || !target || !owner || !repo || !sha8 || repo === '.' || repo === '..') return undefined;
  return { source, target, owner, repo, sha8 };
}

export function idOf(parts: IdParts): UnitId {
  return unitId(`${parts.source}__${parts.target}__${parts.owner}@${parts.repo}__${parts.sha8}`);
}

/** Whether a migration stays within one library (`upgrade`) or goes from one to another (`swap`). */
export function kindOf(source: string, target: string): Migration['kind'] {
  const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
  return normal(source) === normal(target) ? 'upgrade' : 'swap';
}
