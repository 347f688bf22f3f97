import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@localhost',
  GIT_AUTHOR_DATE: '2021-06-21T16:04:44-0700',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@localhost',
  GIT_COMMITTER_DATE: '2021-06-21T16:04:44-0700',
};

/** Plain git as a developer would run it, apart from the code under test. */
export function plainGit(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export function plainGitInput(cwd: string, input: string | Buffer, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env: ENV, input, encoding: 'utf8' }).trim();
}

/** Content of a tree: text, bytes, `{link}` or `{exec}`. */
export type Files = Readonly<Record<string, string | Buffer | { link: string } | { exec: string }>>;

export function writeFiles(dir: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const at = path.join(dir, name);
    mkdirSync(path.dirname(at), { recursive: true });
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content);
    else if ('link' in content) symlinkSync(content.link, at);
    else {
      writeFileSync(at, content.exec);
      chmodSync(at, 0o755);
    }
  }
}

/** Commits everything that lies in the folder, byte by byte, and gives the id. */
export function commitAll(dir: string, message: string): string {
  plainGit(dir, '-c', 'core.autocrlf=false', 'add', '-A', '-f');
  plainGit(dir, 'commit', '-q', '--allow-empty', '-m', message);
  return plainGit(dir, 'rev-parse', 'HEAD');
}

export interface SampleRepository {
  readonly dir: string;
  /** Three commits in a row, then a merge of a side branch. */
  readonly root: string;
  readonly before: string;
  readonly after: string;
  readonly merge: string;
}

/** A repository with a root, a parent, a migration and a merge. */
export function sampleRepository(dir: string): SampleRepository {
  mkdirSync(dir, { recursive: true });
  plainGit(dir, 'init', '-q', '-b', 'master', '.');
  writeFiles(dir, { 'a.py': 'import old\n', 'secret.txt': 'of the history\n' });
  const root = commitAll(dir, 'root');
  plainGit(dir, 'rm', '-q', 'secret.txt');
  writeFiles(dir, {
    'a.py': 'import old\nold.run()\n',
    'pkg/run.sh': { exec: '#!/bin/sh\n' },
    'pkg/to-a': { link: '../a.py' },
  });
  const before = commitAll(dir, 'before');
  writeFiles(dir, { 'a.py': 'import new\nnew.run()\n' });
  const after = commitAll(dir, 'migration');
  plainGit(dir, 'checkout', '-q', '-b', 'side', before);
  writeFiles(dir, { 'side.py': '1\n' });
  commitAll(dir, 'side');
  plainGit(dir, 'checkout', '-q', 'master');
  plainGit(dir, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
  return { dir, root, before, after, merge: plainGit(dir, 'rev-parse', 'HEAD') };
}
