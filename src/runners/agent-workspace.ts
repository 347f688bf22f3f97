import { appendFileSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { exportTree, git } from '../workspace/git.ts';

/**
 * Makes an agent's workspace: the exact files of `tree`, and a repository of one commit on one branch that
 * holds the objects of this tree and no other; no remote, reflog, hook, or link to `repo`.
 */
export async function makeWorkspace(repo: string, tree: Sha, dir: string): Promise<Result<void, GitFailure>> {
  const apart = `${dir}.git`;
  const [exported, made] = await Promise.all([
    exportTree(repo, tree, dir),
    makeRepository(repo, tree, apart),
  ]);
  if (!exported.ok) return exported;
  if (!made.ok) return made;
  renameSync(path.join(apart, '.git'), path.join(dir, '.git'));
  rmdirSync(apart);
  return ok(undefined);
}

/** As `git init` there would: its files need not be there for that. */
async function makeRepository(repo: string, tree: Sha, dir: string): Promise<Result<void, GitFailure>> {
  mkdirSync(dir, { recursive: true });
  const format = tree.length === 64 ? 'sha256' : 'sha1';
  const [made, pack] = await Promise.all([
    git(dir, ['init', '--quiet', '--template=', '--initial-branch=main', `--object-format=${format}`, '.']),
    // objects travel as a pack of exactly this tree: adding the files would obey the tree's own attributes
    git(repo, ['pack-objects', '--revs', '--stdout', '--quiet'], { input: `${tree}\n` }),
  ]);
  if (!made.ok) return made;
  if (!pack.ok) return pack;
  const unpacked = await git(dir, ['index-pack', '--stdin'], { input: pack.value.stdout });
  if (!unpacked.ok) return unpacked;
  appendFileSync(path.join(dir, '.git', 'config'), '[user]\n\tname = agent\n\temail = agent@localhost\n');
  const [committed, listed] = await Promise.all([commit(dir, tree), git(dir, ['read-tree', tree])]);
  if (!committed.ok) return committed;
  return listed.ok ? ok(undefined) : listed;
}

async function commit(dir: string, tree: Sha): Promise<Result<void, GitFailure>> {
  const made = await git(dir, ['commit-tree', tree, '-m', 'before']);
  if (!made.ok) return made;
  const branch = await git(dir, ['update-ref', 'refs/heads/main', made.value.stdout.toString().trim()]);
  return branch.ok ? ok(undefined) : branch;
}
