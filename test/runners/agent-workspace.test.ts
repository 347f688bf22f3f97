import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sha } from '../../src/model/ids.ts';
import { gitFindings } from '../../src/audit/git-findings.ts';
import { makeWorkspace } from '../../src/runners/agent-workspace.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const git = (dir: string, ...args: string[]): string =>
  execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    encoding: 'utf8',
  });

/** A workspace out of a repository that also has a later commit, a tag, a remote and a stash. */
async function workspace(): Promise<string> {
  const top = scratchFolder();
  const repo = path.join(top, 'repo');
  mkdirSync(repo);
  git(repo, 'init', '-q', '-b', 'main');
  writeFileSync(path.join(repo, '.gitattributes'), '* text=auto eol=lf\n');
  writeFileSync(path.join(repo, 'app.py'), 'before\r\n');
  writeFileSync(path.join(repo, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  git(repo, '-c', 'core.autocrlf=false', 'add', '-A');
  const blob = execFileSync('git', ['-C', repo, 'hash-object', '-w', '--no-filters', 'app.py'], {
    encoding: 'utf8',
  }).trim();
  git(repo, 'update-index', '--cacheinfo', `100644,${blob},app.py`);
  git(repo, 'commit', '-qm', 'secret words of the history');
  const tree = sha(git(repo, 'rev-parse', 'HEAD^{tree}').trim());
  writeFileSync(path.join(repo, 'app.py'), 'the answer\n');
  git(repo, 'commit', '-qam', 'after');
  git(repo, 'tag', 'v2');
  git(repo, 'remote', 'add', 'origin', 'https://example.invalid/x.git');
  const dir = path.join(top, 'workspace');
  const made = await makeWorkspace(repo, tree, dir);
  if (!made.ok) throw new Error(made.failure.detail);
  return dir;
}

const treeOf = (dir: string): string => git(dir, 'rev-parse', 'HEAD^{tree}').trim();

test('one commit, the exact tree, and nothing of what came later', async () => {
  const dir = await workspace();
  expect(await gitFindings(dir, sha(treeOf(dir)))).toEqual({ ok: true, value: [] });
  expect(git(dir, 'log', '--all', '--format=%s')).toBe('before\n');
  expect(readFileSync(path.join(dir, 'app.py'), 'utf8')).toBe('before\r\n');
  expect(git(dir, 'cat-file', 'blob', 'HEAD:app.py')).toBe('before\r\n');
  expect(statSync(path.join(dir, 'run.sh')).mode & 0o111).not.toBe(0);
  expect(git(dir, 'cat-file', '--batch-all-objects', '--batch')).not.toMatch(/answer|secret/);
});

test('the same tree gives the same commit', async () => {
  const [one, two] = [await workspace(), await workspace()];
  expect(git(one, 'rev-parse', 'HEAD')).toBe(git(two, 'rev-parse', 'HEAD'));
});
