import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { git } from '../workspace/git.ts';
import { credentialIn } from './credentials.ts';
import type { AuditRule } from './request.ts';

/** What is wrong with a workspace's repository; `path` is below the workspace. */
export interface GitFinding {
  readonly rule: AuditRule;
  readonly path: string;
  readonly what: string;
}

/** What a repository of one commit consists of. */
const PLAIN = /^(?:HEAD|config|index|refs|refs\/heads|refs\/heads\/main|refs\/tags|branches|objects|info)$/;
const OBJECTS =
  /^objects\/(?:info|pack|info\/packs|[\da-f]{2}|[\da-f]{2}\/[\da-f]{38,62}|pack\/pack-[\da-f]{40,64}\.(?:pack|idx|rev))$/;
const KINDS: readonly (readonly [RegExp, AuditRule, string])[] = [
  [/^refs\/stash/, 'git-stash', 'a stash'],
  [/^refs\/notes\/./, 'git-notes', 'notes'],
  [/^refs\/tags\/./, 'git-tags', 'a tag'],
  [/^refs\/remotes/, 'git-remote', 'branches of a remote'],
  [/^refs\/replace/, 'git-grafts', 'replaced objects'],
  [/^refs\/./, 'git-refs', 'a reference besides the branch main'],
  [/^logs(?:$|\/)/, 'git-reflog', 'a log of references'],
  [/^packed-refs$/, 'git-packed-refs', 'packed references'],
  [/^(?:[A-Z]+_HEAD|FETCH_HEAD)$/, 'git-heads', 'a head of another commit'],
  [/^objects\/info\/(?:http-)?alternates$/, 'git-alternates', 'objects borrowed from elsewhere'],
  [/^modules(?:$|\/)/, 'git-submodule', 'the repository of a submodule'],
  [/^worktrees(?:$|\/)/, 'git-worktree', 'a further work tree'],
  [/^hooks(?:$|\/)/, 'git-hooks', 'hooks'],
  [/^info\/grafts$/, 'git-grafts', 'grafted commits'],
  [/^shallow$/, 'git-shallow', 'a shallow history'],
  [/^config\./, 'git-config', 'a second configuration'],
];
const EXTRA = [/./, 'git-extra', 'what no fresh repository has'] as const;
/** Keys of a configuration that `git init` and `makeWorkspace` write. */
const KEYS =
  /^(?:core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|symlinks|ignorecase|precomposeunicode)|extensions\.objectformat|user\.(?:name|email))$/;

/**
 * What a workspace's repository holds beyond one commit of `tree` on one branch, and its objects; empty when it is
 * clean. Fails where git cannot read it at all.
 */
export async function gitFindings(
  workspace: string,
  tree: Sha,
): Promise<Result<readonly GitFinding[], GitFailure>> {
  const findings: GitFinding[] = [];
  const add = (rule: AuditRule, where: string, what: string): void =>
    void findings.push({ rule, path: path.posix.join('.git', where), what });
  const top = path.join(workspace, '.git');
  if (lstatSync(top, { throwIfNoEntry: false })?.isDirectory() !== true) {
    add('git-extra', '', 'no folder of a repository');
    return ok(findings);
  }
  const reported = new Set<AuditRule>();
  for (const name of namesBelow(top)) {
    if (PLAIN.test(name) || OBJECTS.test(name)) continue;
    const [, rule, what] = KINDS.find(([pattern]) => pattern.test(name)) ?? EXTRA;
    if (!reported.has(rule)) add(rule, name, what);
    reported.add(rule);
  }
  if (readFileSync(path.join(top, 'HEAD'), 'utf8') !== 'ref: refs/heads/main\n') {
    add('git-refs', 'HEAD', 'a HEAD that is not the branch main');
  }
  const ask = async (...args: string[]): Promise<Result<string[], GitFailure>> => {
    const asked = await git(workspace, args);
    return asked.ok ? ok(asked.value.stdout.toString('latin1').split(/[\n\0]/).filter((line) => line !== '')) : asked;
  };
  const [head, reachable, all, index, listed, config] = await Promise.all([
    ask('rev-parse', 'HEAD^{tree}'),
    ask('rev-list', '--objects', '--no-object-names', '--all', 'HEAD'),
    ask('cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname) %(objecttype)'),
    ask('ls-files', '--stage', '-z'),
    ask('ls-tree', '-r', '-z', 'HEAD'),
    ask('config', '--file', path.join(top, 'config'), '--null', '--list'),
  ]);
  if (!head.ok) return head;
  if (!reachable.ok) return reachable;
  if (!all.ok) return all;
  if (!index.ok) return index;
  if (!listed.ok) return listed;
  if (!config.ok) return config;
  if (head.value[0] !== tree) add('git-tree', 'HEAD', 'a commit of another tree');
  const known = new Set(reachable.value);
  const commits = all.value.filter((line) => line.endsWith(' commit') && known.has(line.split(' ')[0] ?? ''));
  if (commits.length !== 1) add('git-commits', 'HEAD', `${commits.length} commits`);
  const unreached = all.value.filter((line) => !known.has(line.split(' ')[0] ?? '')).length;
  if (unreached > 0) add('git-unreachable', 'objects', `${unreached} objects that the commit does not reach`);
  const staged = index.value.map((line) => line.replace(/^(\d+) (\w+) \d\t/, '$1 $2\t')).join('\n');
  if (staged !== listed.value.map((line) => line.replace(/^(\d+) \w+ (\w+)\t/, '$1 $2\t')).join('\n'))
    add('git-index', 'index', 'an index of other files than the commit');
  findings.push(...configFindings(config.value));
  return ok(findings);
} // prettier-ignore

/** `git config --null` writes `key\nvalue\0`; lines here are keys and values in turn. */
function configFindings(lines: readonly string[]): GitFinding[] {
  const secret = lines.some((line) => /^credential\.|\.extraheader$/i.test(line) || credentialIn('', line) !== undefined);
  if (secret) return [{ rule: 'credential', path: '.git/config', what: 'a credential in the configuration of git' }];
  const keys = lines.filter((line) => /^[a-z][\w-]*\.\S+$/i.test(line));
  return keys.flatMap((key): GitFinding[] => {
    const name = key.toLowerCase();
    if (KEYS.test(name)) return [];
    const rule: AuditRule = name.startsWith('remote.') ? 'git-remote' : name.startsWith('submodule.') ? 'git-submodule' : 'git-config';
    return [{ rule, path: '.git/config', what: `the setting ${key.replace(/\..*\./, '.*.')}` }];
  });
} // prettier-ignore

function namesBelow(top: string): string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .map((entry) => path.relative(top, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}
