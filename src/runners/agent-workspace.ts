import { mkdirSync } from 'node:fs';
import type { GitFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { exportTree, git } from '../workspace/git.ts';

/**
 * Makes an agent's workspace: the exact files of `tree`, and a repository of one commit on one branch that
 * holds the objects of this tree and no other; no remote, reflog, hook, or link to `repo`.
 */
export async function makeWorkspace(repo: string, tree: Sha, dir: string): Promise<Result<void, GitFailure>> {
  const exported = await exportTree(repo, tree, dir);
  if (!exported.ok) return exported;
  mkdirSync(dir, { recursive: true });
  const format = tree.length === 64 ? 'sha256' : 'sha1';
  const made = await git(dir, [
    'init', '--quiet', '--template=', '--initial-branch=main', `--object-format=${format}`, '.',
  ]); // prettier-ignore
  if (!made.ok) return made;
  // objects travel as a pack of exactly this tree: adding the files would obey the tree's own attributes
  const pack = await git(repo, ['pack-objects', '--revs', '--stdout', '--quiet'], { input: `${tree}\n` });
  if (!pack.ok) return pack;
  const unpacked = await git(dir, ['index-pack', '--stdin'], { input: pack.value.stdout });
  if (!unpacked.ok) return unpacked;
  const commit = await git(dir, ['commit-tree', tree, '-m', 'before']);
  if (!commit.ok) return commit;
  const steps = [
    ['update-ref', 'refs/heads/main', commit.value.stdout.toString().trim()],
    ['read-tree', 'HEAD'],
    ['config', 'user.name', 'agent'],
    ['config', 'user.email', 'agent@localhost'],
  ];
  for (const step of steps) {
    const done = await git(dir, step);
    if (!done.ok) return done;
  }
  return ok(undefined);
}
