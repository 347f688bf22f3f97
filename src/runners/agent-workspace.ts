import { existsSync, mkdirSync } from 'node:fs';
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

/** What a workspace holds beyond one commit of one branch and its objects; empty when it is clean. */
export async function workspaceFindings(dir: string): Promise<Result<readonly string[], GitFailure>> {
  const findings: string[] = [];
  const lines = async (...args: string[]): Promise<Result<string[], GitFailure>> => {
    const asked = await git(dir, args);
    if (!asked.ok) return asked;
    return ok(
      asked.value.stdout
        .toString()
        .split('\n')
        .filter((line) => line !== ''),
    );
  };
  const refs = await lines('for-each-ref', '--format=%(refname)');
  if (!refs.ok) return refs;
  if (refs.value.join(' ') !== 'refs/heads/main') findings.push(`references: ${refs.value.join(' ')}`);
  const commits = await lines('rev-list', '--all', 'HEAD');
  if (!commits.ok) return commits;
  if (commits.value.length !== 1) findings.push(`${commits.value.length} commits`);
  const remotes = await lines('remote');
  if (!remotes.ok) return remotes;
  if (remotes.value.length > 0) findings.push(`remotes: ${remotes.value.join(' ')}`);
  const reachable = await lines('rev-list', '--objects', '--no-object-names', '--all', 'HEAD');
  if (!reachable.ok) return reachable;
  const objects = await lines('cat-file', '--batch-all-objects', '--batch-check=%(objectname)');
  if (!objects.ok) return objects;
  const unreachable = new Set(objects.value).size - new Set(reachable.value).size;
  if (unreachable !== 0) findings.push(`${unreachable} objects that the commit does not reach`);
  for (const name of [
    'objects/info/alternates',
    'logs',
    'hooks',
    'refs/stash',
    'packed-refs',
    'FETCH_HEAD',
  ]) {
    if (existsSync(path.join(dir, '.git', name))) findings.push(`.git/${name}`);
  }
  return ok(findings);
}
