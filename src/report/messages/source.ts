import type { Failure } from '../../model/failure.ts';

/** Sentences of failures at the place that a tree comes from. */
export function wordSourceFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'git-failed':
      return `git ${failure.args[0] ?? ''} failed: ${failure.detail}. Run \`mig-pipeline doctor\` if git itself is in doubt.`;
    case 'source-unreachable':
      return (
        `${failure.source} could not be reached: ${failure.detail}.${lookedAt(failure.looked)} ` +
        'Nothing was kept; run again when it answers, or name a folder of mirrors with --mirror.'
      );
    case 'commit-missing':
      return (
        `Commit ${failure.commit} of ${failure.repository} was not found.${lookedAt(failure.looked)} ` +
        'Bring the mirror up to date, name another one with --mirror, or correct the commit.'
      );
    case 'commit-unfit': {
      const what =
        failure.parents.length === 0
          ? 'a root commit without a parent'
          : `a merge of ${failure.parents.length} parents (${failure.parents.map((id) => id.slice(0, 12)).join(', ')})`;
      return (
        `Commit ${failure.commit} of ${failure.repository} is ${what}, but the code before a migration is that ` +
        'of its single parent. Name both commits in a manifest instead.'
      );
    }
    case 'content-missing':
      return (
        `Commit ${failure.commit} of ${failure.repository} is not whole: ${few(failure.paths)} cannot be read.` +
        `${lookedAt(failure.looked)} Take a full mirror, or let the host be reached.`
      );
    case 'release-missing':
      return (
        `${failure.project} ${failure.version} cannot be had as a source distribution: ${failure.detail} ` +
        `(asked: ${failure.indexes.join(', ')}). Correct the release, or the index that pip is set to.`
      );
    case 'hash-differs':
      return (
        `${failure.file} is not the file that was expected: sha256 ${failure.actual} instead of ` +
        `${failure.expected} (${failure.url}). If the index is to be trusted, correct the hash in the migration's entry.`
      );
    case 'folder-missing':
      return `The folder ${failure.folder} cannot be read: ${failure.detail}. Correct the path in the migration's entry.`;
    case 'content-refused':
      return (
        `${failure.source} holds what must not be unpacked${failure.entry === '' ? '' : ` (${JSON.stringify(failure.entry)})`}: ` +
        `${failure.detail}. Nothing of it was kept; take the trees from another place.`
      );
    default:
      return undefined;
  }
}

function lookedAt(looked: readonly string[] | undefined): string {
  return looked === undefined || looked.length === 0 ? '' : ` Looked at: ${looked.join('; ')}.`;
}

function few(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
