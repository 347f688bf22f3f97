import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { exportTree, git, gitText, initRepository, isUnsafePath, lsTree } from '../workspace/git.ts';
import type { OpenedTree } from './opened-tree.ts';

/** Branches of a made repository: the tree before is checked out, the developers' own migration is not. */
export const BRANCHES = { before: 'main', after: 'gt-patch' } as const;

/** Attributes of the repository itself: they stand above the tree's, so that git changes no byte of it. */
const EXACT = '* -text -crlf -eol -ident -filter -working-tree-encoding -export-ignore -export-subst\n';

/**
 * Makes the empty folder `dest` a git repository of two trees, one root commit each on `main` (checked out) and
 * `gt-patch`. It holds the objects of the two and nothing else: no history, remotes, hooks, reflogs or filters.
 * Equal trees give equal commits. `content-refused` for paths that git itself would not check out.
 */
export async function makeRepository(
  dest: string,
  before: OpenedTree,
  after: OpenedTree,
  scratchDir: string,
  signal?: AbortSignal,
): Promise<Result<void, SourceFailure>> {
  const options = signal === undefined ? {} : { signal };
  const store = await joinedStore(path.join(scratchDir, 'joined.git'), [before.store, after.store]);
  if (!store.ok) return store;
  for (const { tree, facts } of [before, after]) {
    const listed = await lsTree(store.value, tree, options);
    if (!listed.ok) return listed;
    const unsafe = listed.value.find((entry) => isUnsafePath(entry.rawPath));
    if (unsafe !== undefined) {
      const detail = 'a path that leaves the tree or stands for a git folder';
      const source = JSON.stringify(facts);
      return fail({ class: 'infra', reason: 'content-refused', source, entry: unsafe.path, detail });
    }
  }
  const exported = await exportTree(store.value, before.tree, dest, options);
  if (!exported.ok) return exported;
  const made = await initRepository(dest, { bare: false });
  if (!made.ok) return made;
  const gitDir = path.join(dest, '.git');
  mkdirSync(path.join(gitDir, 'info'), { recursive: true });
  writeFileSync(path.join(gitDir, 'info/attributes'), EXACT);
  const packed = await packTrees(store.value, [before.tree, after.tree], gitDir, signal);
  if (!packed.ok) return packed;
  for (const [branch, tree] of [
    [BRANCHES.before, before.tree],
    [BRANCHES.after, after.tree],
  ] as const) {
    const commit = await gitText(dest, ['commit-tree', tree, '-m', branch], options);
    if (!commit.ok) return commit;
    const named = await gitText(dest, ['update-ref', `refs/heads/${branch}`, commit.value], options);
    if (!named.ok) return named;
  }
  for (const args of [
    ['symbolic-ref', 'HEAD', `refs/heads/${BRANCHES.before}`],
    ['read-tree', BRANCHES.before],
    ['update-index', '-q', '--refresh'],
  ]) {
    const done = await gitText(dest, args, options);
    if (!done.ok) return done;
  }
  rmSync(path.join(gitDir, 'description'), { force: true });
  return ok(undefined);
}

/** A store that reads through others. */
async function joinedStore(dir: string, stores: readonly string[]): Promise<Result<string, SourceFailure>> {
  const made = await initRepository(dir);
  if (!made.ok) return made;
  const lines = [...new Set(stores)].map((store) => JSON.stringify(path.join(store, 'objects')));
  writeFileSync(path.join(dir, 'objects/info/alternates'), `${lines.join('\n')}\n`);
  return ok(dir);
}

/** One pack of exactly what the trees reach. */
async function packTrees(
  store: string,
  trees: readonly Sha[],
  gitDir: string,
  signal: AbortSignal | undefined,
): Promise<Result<void, SourceFailure>> {
  const options = signal === undefined ? {} : { signal };
  const reached = await git(store, ['rev-list', '--objects', '--no-object-names', ...trees], options);
  if (!reached.ok) return reached;
  if (reached.value.stdout.length === 0) return ok(undefined);
  const pack = path.join(gitDir, 'objects/pack/pack');
  mkdirSync(path.dirname(pack), { recursive: true });
  const packed = await git(store, ['pack-objects', '-q', '--threads=1', pack], {
    ...options,
    input: reached.value.stdout,
  });
  return packed.ok ? ok(undefined) : packed;
}
