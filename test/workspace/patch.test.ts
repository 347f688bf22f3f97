import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Sha, sha } from '../../src/model/ids.ts';
import { applyPatch, takePatch, type TakenPatch } from '../../src/workspace/patch.ts';
import { PATCH_LIMITS, type PatchLimits } from '../../src/workspace/patch-entries.ts';
import { DEFAULT_DROPPINGS, isExcluded } from '../../src/workspace/patch-exclude.ts';

const top = mkdtempSync(path.join(tmpdir(), 'patch-test-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const run = (dir: string, ...args: string[]): string =>
  execFileSync('git', args, {
    cwd: dir,
    encoding: 'utf8',
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@a',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@a',
    },
  });

let count = 0;
let repo = '';
let tree: Sha;
let work = '';

/** A repository with one commit, and a copy of its files as the workspace (with its own `.git`). */
beforeEach(() => {
  repo = path.join(top, `repo-${++count}`);
  work = path.join(top, `work-${count}`);
  mkdirSync(path.join(repo, 'pkg'), { recursive: true });
  writeFileSync(path.join(repo, 'pkg/a.py'), 'import toml\n\nprint(toml.loads("a = 1"))\n');
  writeFileSync(path.join(repo, 'pkg/crlf.py'), 'import toml\r\nx = 1\r\n');
  writeFileSync(path.join(repo, 'pkg/bare.py'), 'import toml');
  writeFileSync(path.join(repo, 'data.bin'), Buffer.from([0, 1, 2, 255, 254, 10, 13, 0]));
  writeFileSync(path.join(repo, 'run.sh'), '#!/bin/sh\n');
  writeFileSync(
    path.join(repo, 'long.txt'),
    `${Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n')}\n`,
  );
  symlinkSync('pkg/a.py', path.join(repo, 'link'));
  run(repo, 'init', '-q');
  run(repo, 'add', '-A');
  run(repo, 'commit', '-qm', 'base');
  tree = sha(run(repo, 'rev-parse', 'HEAD^{tree}').trim());
  cpSync(repo, work, { recursive: true, verbatimSymlinks: true });
});

async function taken(exclude: readonly string[] = [], limits?: PatchLimits): Promise<TakenPatch> {
  const result = await takePatch({ repo, tree }, work, exclude, limits);
  if (!result.ok) throw new Error(result.failure.detail);
  return result.value;
}

/** Applies what was taken to the base, and proves that the tree is the workspace's own. */
async function roundTrip(patch: TakenPatch): Promise<string> {
  const applied = await applyPatch(repo, tree, patch.patch, path.join(top, `scratch-${count}`));
  if (!applied.ok) throw new Error(applied.failure.detail);
  expect(applied.value.tree).toBe(patch.tree);
  return run(applied.value.objects, 'ls-tree', '-r', '-z', applied.value.tree);
}

test('an untouched workspace gives an empty patch, and applying it gives the tree before', async () => {
  const patch = await taken();
  expect(patch.patch.length).toBe(0);
  expect(patch.tree).toBe(tree);
  await roundTrip(patch);
});

test('CRLF, no newline at the end, binary content, modes, links and unusual names survive', async () => {
  const write = (name: string | Buffer, content: string | Buffer): void =>
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from(name)]), content);
  write('pkg/crlf.py', 'import tomli\r\nx = 1\r\n');
  write('pkg/bare.py', 'import tomli');
  write('data.bin', Buffer.from([0, 9, 9, 9, 200, 10]));
  write('new.bin', Buffer.from([0, 1, 0]));
  chmodSync(path.join(work, 'run.sh'), 0o755);
  unlinkSync(path.join(work, 'link'));
  symlinkSync('/etc/passwd', path.join(work, 'link'));
  write('a\nb "c"\t\\é {x}.py', 'x = 1\n');
  write(' leading and trailing ', 'y\n');
  write(Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x70, 0x79]), 'z = 1\n');
  renameSync(path.join(work, 'long.txt'), path.join(work, 'moved.txt'));
  const patch = await taken();
  const text = patch.patch.toString('latin1');
  expect(text).toContain('rename from long.txt');
  expect(text).toContain('old mode 100644\nnew mode 100755');
  expect(text).toContain('GIT binary patch');
  expect(text).toContain('\\ No newline at end of file');
  expect(text).toContain('+import tomli\r\n');
  expect(text).not.toContain('root:');
  expect(patch.skipped).toEqual([]);
  await roundTrip(patch);
  const again = await taken();
  expect(again.patch.equals(patch.patch)).toBe(true);
});

test('a deleted, broken or rewritten .git of the workspace changes nothing', async () => {
  writeFileSync(path.join(work, 'pkg/a.py'), 'import tomli\n');
  const plain = await taken();
  run(work, 'add', '-A');
  run(work, 'commit', '-qm', 'mine');
  run(work, 'config', 'core.fsmonitor', 'touch /tmp/mig-pipeline-owned; false');
  writeFileSync(path.join(work, '.git/info/attributes'), '* -diff\n');
  expect((await taken()).patch.equals(plain.patch)).toBe(true);
  rmSync(path.join(work, '.git'), { recursive: true });
  writeFileSync(path.join(work, '.git'), 'gitdir: /nowhere\n');
  expect((await taken()).patch.equals(plain.patch)).toBe(true);
  rmSync(path.join(work, '.git'));
  expect((await taken()).patch.equals(plain.patch)).toBe(true);
  expect(existsSync('/tmp/mig-pipeline-owned')).toBe(false);
});

test("the workspace's attributes and ignore files decide nothing", async () => {
  writeFileSync(path.join(work, '.gitattributes'), '*.py filter=evil text eol=lf diff=evil\n');
  writeFileSync(path.join(work, '.gitignore'), '*\n');
  writeFileSync(path.join(work, 'pkg/crlf.py'), 'import tomli\r\n');
  writeFileSync(path.join(work, 'pkg/new.py'), 'x = 1\n');
  const patch = await taken();
  expect(patch.files).toEqual(['.gitattributes', '.gitignore', 'pkg/crlf.py', 'pkg/new.py']);
  await roundTrip(patch);
});

test('a workspace that was emptied or removed is a patch that deletes everything', async () => {
  for (const name of ['pkg', 'data.bin', 'run.sh', 'long.txt', 'link'])
    rmSync(path.join(work, name), { recursive: true });
  const emptied = await taken();
  expect(await roundTrip(emptied)).toBe('');
  rmSync(work, { recursive: true });
  expect((await taken()).patch.equals(emptied.patch)).toBe(true);
});

test('fifos, sockets and nested .git folders are skipped and recorded', async () => {
  execFileSync('mkfifo', [path.join(work, 'pkg/pipe')]);
  execFileSync('python3', [
    '-c',
    'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
    path.join(work, 'sock'),
  ]);
  mkdirSync(path.join(work, 'vendored/.git'), { recursive: true });
  writeFileSync(path.join(work, 'vendored/.git/HEAD'), 'ref: x\n');
  writeFileSync(path.join(work, 'vendored/x.py'), 'x = 1\n');
  symlinkSync('/etc/passwd', path.join(work, '.gitmodules'));
  const patch = await taken();
  expect(patch.files).toEqual(['vendored/x.py']);
  expect(patch.skipped).toEqual([
    { path: '.gitmodules', why: 'unsafe-link' },
    { path: 'pkg/pipe', why: 'special-file' },
    { path: 'sock', why: 'special-file' },
    { path: 'vendored/.git', why: 'git-folder' },
  ]);
  await roundTrip(patch);
});

test('files over the limits are left as in the base, and recorded', async () => {
  const limits = { ...PATCH_LIMITS, fileBytes: 1000, newBytes: 1500 };
  writeFileSync(path.join(work, 'pkg/a.py'), 'x'.repeat(1001));
  writeFileSync(path.join(work, 'one.txt'), 'a'.repeat(900));
  writeFileSync(path.join(work, 'two.txt'), 'b'.repeat(900));
  const patch = await taken([], limits);
  expect(patch.skipped.map(({ why }) => why)).toEqual(['too-large', 'too-large']);
  expect(patch.files).toHaveLength(1);
  await roundTrip(patch);
});

test('more entries than the limit: what was not looked at is as in the base', async () => {
  mkdirSync(path.join(work, 'many'));
  for (let i = 0; i < 50; i++) writeFileSync(path.join(work, `many/${i}`), String(i));
  const patch = await taken([], { ...PATCH_LIMITS, entries: 20 });
  expect(patch.skipped.map(({ why }) => why)).toEqual(['too-many']);
  expect(patch.patch.toString()).not.toContain('deleted file');
});

test('a file without permissions is read all the same, as its owner may', async () => {
  writeFileSync(path.join(work, 'pkg/a.py'), 'import tomli\n');
  chmodSync(path.join(work, 'pkg/a.py'), 0);
  chmodSync(path.join(work, 'pkg'), 0);
  const patch = await taken();
  expect(patch.files).toEqual(['pkg/a.py']);
});

test('a folder in the place of a file, and a file in the place of a folder', async () => {
  rmSync(path.join(work, 'pkg'), { recursive: true });
  writeFileSync(path.join(work, 'pkg'), 'now a file\n');
  rmSync(path.join(work, 'run.sh'));
  mkdirSync(path.join(work, 'run.sh'));
  writeFileSync(path.join(work, 'run.sh/inner'), 'x\n');
  await roundTrip(await taken(['a.py']));
});

test('droppings are left out and recorded; tracked files that match stay as they were', async () => {
  mkdirSync(path.join(work, 'pkg/__pycache__'));
  writeFileSync(path.join(work, 'pkg/__pycache__/a.cpython-311.pyc'), 'x');
  writeFileSync(path.join(work, '.aider.chat.history.md'), 'x');
  rmSync(path.join(work, 'data.bin'));
  const patch = await taken([...DEFAULT_DROPPINGS, 'data.bin']);
  expect(patch.patch.length).toBe(0);
  expect(patch.excluded).toEqual(['.aider.chat.history.md', 'pkg/__pycache__/a.cpython-311.pyc']);
});

test.each([
  ['a/b/__pycache__/x.pyc', '__pycache__', true],
  ['a/b.pyc', '*.pyc', true],
  ['a/b.py', '*.pyc', false],
  ['.aider.input', '.aider*', true],
  ['tests/test_a.py', 'tests/test_a.py', true],
  ['tests/test_a.py', 'tests', true],
  ['pkg/tests/test_a.py', 'tests/test_a.py', false],
  ['pkg/tests', '/tests', false],
  ['build/lib/x', '/build/', true],
  ['a+b', 'a+b', true],
  ['aab', 'a+b*', false],
])('exclusion of %s by %s: %s', (name, pattern, expected) => {
  expect(isExcluded(name, [pattern])).toBe(expected);
});

const patchOf = (before: string, after: string): Buffer =>
  Buffer.from(
    `--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,3 +1,3 @@\n-${before}\n+${after}\n \n print(toml.loads("a = 1"))\n`,
  );

test('a patch that does not fit is a conflict; no object of the repository is touched', async () => {
  const before = run(repo, 'count-objects', '-v');
  const applied = await applyPatch(
    repo,
    tree,
    patchOf('import other', 'import tomli'),
    path.join(top, `s-${count}`),
  );
  expect(applied).toMatchObject({ ok: false, failure: { reason: 'conflict' } });
  expect(run(repo, 'count-objects', '-v')).toBe(before);
});

test('a patch made on another base merges by three ways where its base is known', async () => {
  writeFileSync(
    path.join(work, 'long.txt'),
    readFileSync(path.join(work, 'long.txt'), 'utf8').replace('line 20', 'LINE 20'),
  );
  const patch = await taken();
  const moved = readFileSync(path.join(repo, 'long.txt'), 'utf8').replace('line 18\n', 'line 18 too\n');
  writeFileSync(path.join(repo, 'long.txt'), moved.replace('line 0\n', ''));
  run(repo, 'commit', '-qam', 'next');
  const next = sha(run(repo, 'rev-parse', 'HEAD^{tree}').trim());
  const applied = await applyPatch(repo, next, patch.patch, path.join(top, `s-${count}`));
  expect(applied).toMatchObject({ ok: true, value: { how: '3way' } });
});

test.each([
  ['no patch at all', 'hello\n'],
  ['cut in half', '--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,3 +1,3 @@\n-import toml\n'],
  [
    'a way out of the tree',
    'diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n',
  ],
  [
    'a write into .git',
    'diff --git a/.git/config b/.git/config\nnew file mode 100644\n--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+x\n',
  ],
])('malformed: %s', async (_, text) => {
  const applied = await applyPatch(repo, tree, Buffer.from(text), path.join(top, `s-${count}`));
  expect(applied).toMatchObject({ ok: false, failure: { reason: 'malformed' } });
});
