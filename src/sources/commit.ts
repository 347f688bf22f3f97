import type { Sha } from '../model/ids.ts';
import { sha } from '../model/ids.ts';
import { git, lsTree, quotedPath, resolveRevision, gitText } from '../workspace/git.ts';
import type { GitFailure } from '../workspace/git.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';

/** What a commit object says. */
export interface Commit {
  readonly id: Sha;
  readonly tree: Sha;
  readonly parents: readonly Sha[];
  /** Committer's instant, RFC 3339 UTC; null where the object states none that makes sense. */
  readonly date: string | null;
}

/** Reads a commit by its id (or a unique beginning of it, or a tag's id); undefined when it is not there. */
export async function readCommit(
  store: string,
  id: string,
  signal?: AbortSignal,
): Promise<Commit | undefined> {
  const options = signal === undefined ? {} : { signal };
  const full = await resolveRevision(store, `${id}^{commit}`, options);
  if (!full.ok) return undefined;
  const read = await git(store, ['cat-file', 'commit', full.value], options);
  if (!read.ok) return undefined;
  const text = read.value.stdout.toString('latin1');
  const head = text.slice(0, text.indexOf('\n\n'));
  const tree = /^tree ([0-9a-f]+)$/m.exec(head)?.[1];
  if (tree === undefined) return undefined;
  const parents = [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map((match) => sha(match[1] ?? ''));
  const seconds = Number(/^committer .*> (\d+) [+-]\d{4}$/m.exec(head)?.[1] ?? Number.NaN);
  return { id: full.value, tree: sha(tree), parents, date: instantOf(seconds) };
}

function instantOf(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/**
 * The tree without the paths whose content is gone (partial mirrors), and those paths. A whole tree comes back
 * as it is, with its own id.
 */
export async function withoutMissing(
  store: string,
  tree: Sha,
  signal?: AbortSignal,
): Promise<Result<{ tree: Sha; missing: string[] }, GitFailure>> {
  const options = signal === undefined ? {} : { signal };
  const listed = await lsTree(store, tree, options);
  if (!listed.ok) return fail(listed.failure);
  const gone = listed.value.filter((entry) => entry.size < 0);
  if (gone.length === 0) return ok({ tree, missing: [] });
  const ref = 'refs/folders/without-missing';
  const lines = [
    Buffer.from(
      `commit ${ref}\ncommitter nobody <nobody@localhost> 0 +0000\ndata 0\n\nM 040000 ${tree} ""\n`,
    ),
    ...gone.flatMap((entry) => [Buffer.from('D '), quotedPath(entry.rawPath), Buffer.from('\n')]),
    Buffer.from('done\n'),
  ];
  const rebuilt = await git(store, ['fast-import', '--quiet', '--done', '--force'], {
    ...options,
    input: Buffer.concat(lines),
  });
  if (!rebuilt.ok) return rebuilt;
  const id = await resolveRevision(store, `${ref}^{tree}`, options);
  const removed = await gitText(store, ['update-ref', '-d', ref], options);
  if (!removed.ok) return removed;
  return id.ok ? ok({ tree: id.value, missing: gone.map((entry) => entry.path) }) : id;
}
