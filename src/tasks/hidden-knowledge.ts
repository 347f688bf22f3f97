import type { HiddenKnowledge } from '../audit/answer.ts';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Migration, TreeSource } from '../model/migration.ts';

/** What of a migration the leak audit needs to know. */
export type AuditedMigration = Pick<Migration, 'source' | 'target' | 'owner' | 'repo' | 'before' | 'after'>;

/**
 * What must not be found in what an agent is given. Read from the side where answers are kept, when an agent is about
 * to be started: it enters no key and no port, so a changed ground truth makes no attempt stale.
 */
export function hiddenKnowledge(
  migration: AuditedMigration,
  repo: Pick<RepoArtefact, 'afterTree'>,
  folders: Pick<HiddenKnowledge, 'evalTests' | 'helperTests'> = { evalTests: null, helperTests: null },
): HiddenKnowledge {
  const { before, after, owner, source, target } = migration;
  const released = (tree: TreeSource): string | null => (tree.kind === 'sdist' ? tree.version : null);
  const names = [before, after].flatMap((tree) => (tree.kind === 'sdist' ? [tree.name] : []));
  const commits = [before, after].flatMap((tree) => (tree.kind === 'git' ? [tree.commit] : []));
  return {
    after: repo.afterTree,
    ...folders,
    commits: [...new Set(commits)],
    repository: commits.length === 0 ? null : `${owner}/${migration.repo}`,
    project: {
      names: [...new Set([migration.repo, ...names])],
      before: released(before),
      after: released(after),
    },
    libraries: [...source, ...target].flatMap(({ name, importNames }) => [name, ...importNames]),
  };
}
