import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { type Sha, sha } from '../../src/model/ids.ts';
import { removeTree } from '../../src/workspace/disk.ts';
import { applyPatch, takePatch } from '../../src/workspace/patch.ts';
import { isWorldsDoing, patchProblem } from '../../src/workspace/patch-guard.ts';
import { commitAll, plainGit, writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';

let top = '';
let repo = '';
let work = '';
let tree: Sha;

beforeEach(() => {
  top = scratchFolder();
  [repo, work] = [path.join(top, 'repo'), path.join(top, 'work')];
  mkdirSync(repo);
  plainGit(repo, 'init', '-q', '-b', 'master', '.');
  writeFiles(repo, { 'a.py': 'import old\n', 'b.txt': 'one\ntwo\nthree\n' });
  commitAll(repo, 'base');
  tree = sha(plainGit(repo, 'rev-parse', 'HEAD^{tree}'));
  cpSync(repo, work, { recursive: true });
});

const apply = (patch: string | Buffer) =>
  applyPatch(repo, tree, Buffer.from(patch), path.join(top, 'scratch'));
/** A program that leaves a trace when it is run, whatever it is run as. */
function trap(): { program: string; sprung: () => boolean } {
  const [program, trace] = [path.join(top, 'trap.sh'), path.join(top, 'sprung')];
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${trace}\ncat\n`);
  chmodSync(program, 0o755);
  return { program, sprung: () => existsSync(trace) };
}

test('nothing that the workspace configures is run when its patch is taken or applied', async () => {
  const { program, sprung } = trap();
  const set = (key: string, value: string): string => plainGit(work, 'config', key, value);
  for (const key of [
    'core.fsmonitor',
    'core.sshCommand',
    'core.editor',
    'core.pager',
    'core.askPass',
    'diff.external',
  ])
    set(key, program);
  for (const key of [
    'filter.x.clean',
    'filter.x.smudge',
    'filter.x.process',
    'diff.x.textconv',
    'diff.x.command',
    'merge.x.driver',
  ])
    set(key, `${program} %A`);
  set('core.hooksPath', path.join(work, '.git/hooks'));
  set('core.attributesFile', path.join(work, 'attributes'));
  set('core.worktree', top);
  set('include.path', path.join(work, 'more-config'));
  set('alias.apply', `!${program}`);
  set('extensions.worktreeConfig', 'true');
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'post-index-change',
    'post-rewrite',
    'applypatch-msg',
    'reference-transaction',
  ])
    cpSync(program, path.join(work, '.git/hooks', hook));
  writeFiles(work, {
    '.gitattributes': '* filter=x diff=x merge=x working-tree-encoding=UTF-16 text eol=crlf ident\n',
    '.git/info/attributes': '* filter=x diff=x merge=x\n',
    'more-config': `[core]\n\tfsmonitor = ${program}\n`,
    '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ext::${program}\n\tupdate = !${program}\n`,
    'a.py': 'import new\n',
    'b.txt': 'one\nTWO $Id$\nthree\n',
    'c.bin': Buffer.from([0, 1, 2]),
  });
  const taken = await takePatch({ repo, tree }, work, []);
  if (!taken.ok) throw new Error(taken.failure.detail);
  const applied = await apply(taken.value.patch);
  if (!applied.ok) throw new Error(applied.failure.detail);
  expect(applied.value.tree).toBe(taken.value.tree);
  const read = (name: string): string =>
    execFileSync('git', ['cat-file', 'blob', `${applied.value.tree}:${name}`], {
      cwd: applied.value.objects,
      encoding: 'utf8',
    });
  expect(read('b.txt')).toBe('one\nTWO $Id$\nthree\n');
  // three-way merging asks for drivers
  const stale = taken.value.patch.toString('latin1').replace('-two', '-zwei');
  await apply(Buffer.from(stale, 'latin1'));
  expect(sprung()).toBe(false);
});

test('a patch cannot make a conflict vanish by attributes of its own', async () => {
  const base = plainGit(repo, 'rev-parse', 'HEAD:b.txt');
  writeFiles(repo, { 'b.txt': 'one\nother\nthree\n', '.gitattributes': '* merge=union\n' });
  commitAll(repo, 'next');
  const next = sha(plainGit(repo, 'rev-parse', 'HEAD^{tree}'));
  const patch = `diff --git a/b.txt b/b.txt\nindex ${base}..${'1'.repeat(40)} 100644\n--- a/b.txt\n+++ b/b.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n`;
  const applied = await applyPatch(repo, next, Buffer.from(patch), path.join(top, 'scratch'));
  expect(applied).toMatchObject({ ok: false, failure: { reason: 'conflict' } });
});

const NEW = (name: string, mode = '100644'): string =>
  `diff --git a/${name} b/${name}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+x\n`;

test.each([
  ['.git in another case', NEW('.GiT/hooks/post-checkout')],
  ['.git further down', NEW('pkg/.git/config')],
  [
    'a path through a link that it makes',
    `${NEW('l', '120000').replace('+x', `+/tmp\n\\ No newline at end of file`)}${NEW('l/evil')}`,
  ],
])('%s is not applied', async (_what, patch) => {
  const applied = await apply(patch);
  expect(applied.ok ? applied.value : applied.failure).toMatchObject({
    reason: expect.stringMatching(/malformed|conflict/) as string,
  });
});

test('an absolute path ends inside the tree or nowhere', async () => {
  const applied = await apply(NEW('/etc/mig-evil').replaceAll('a//', '/').replaceAll('b//', '/'));
  if (applied.ok) {
    const names = plainGit(applied.value.objects, 'ls-tree', '-r', '--name-only', applied.value.tree);
    expect(names.split('\n')).toEqual(['a.py', 'b.txt', 'etc/mig-evil']);
  }
  expect(existsSync('/etc/mig-evil')).toBe(false);
});

test('names that only other systems take for .git are names like any other', async () => {
  expect(await apply(NEW('git~1'))).toMatchObject({ ok: true });
  expect(
    await apply(
      NEW('back\\\\slash')
        .replaceAll('a/back', '"a/back')
        .replaceAll('b/back', '"b/back')
        .replaceAll('slash', 'slash"'),
    ),
  ).toMatchObject({ ok: true });
});

function binary(kind: 'literal' | 'delta', stated: number, content: Buffer): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
  const packed = deflateSync(content);
  const lines: string[] = [];
  for (let at = 0; at < packed.length; at += 52) {
    const piece = packed.subarray(at, at + 52);
    const length =
      piece.length <= 26 ? String.fromCharCode(64 + piece.length) : String.fromCharCode(70 + piece.length);
    let text = '';
    for (let group = 0; group < piece.length; group += 4) {
      const four = Buffer.alloc(4);
      piece.copy(four, 0, group, group + 4);
      let value = four.readUInt32BE();
      let digits = '';
      for (let digit = 0; digit < 5; digit++, value = Math.floor(value / 85))
        digits = alphabet.charAt(value % 85) + digits;
      text += digits;
    }
    lines.push(length + text);
  }
  return `GIT binary patch\n${kind} ${stated}\n${lines.join('\n')}\n\nliteral 0\nHcmV?d00001\n\n`;
}
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const header = (name: string, of = ''): string =>
  `diff --git a/${name} b/${name}\n${of === '' ? 'new file mode 100644\n' : ''}index ${of === '' ? '0'.repeat(40) : of}..${'1'.repeat(40)}${of === '' ? '' : ' 100644'}\n`;

test('binary pieces that would unpack to gigabytes are refused before git sees them', async () => {
  const zeros = header('z') + binary('literal', 3_000_000_000, Buffer.alloc(1000));
  expect(patchProblem(Buffer.from(`\n${zeros}`))).toMatch(/unpack/);
  expect(await apply(zeros)).toMatchObject({ ok: false, failure: { reason: 'malformed' } });
  const grows = Buffer.from([
    ...varint(1),
    ...varint(4_000_000_000),
    ...Array.from({ length: 50 }, () => [0x90 | 0x60, 255, 255]).flat(),
  ]);
  const delta =
    header('a.py', plainGit(repo, 'rev-parse', 'HEAD:a.py')) + binary('delta', grows.length, grows);
  expect(patchProblem(Buffer.from(delta))).toMatch(/unpack/);
  const many = Array.from(
    { length: 30 },
    (_, at) => header(`f${at}`) + binary('literal', 5 << 20, Buffer.alloc(10)),
  );
  expect(patchProblem(Buffer.from(many.join('')))).toMatch(/unpack/);
});

test('an honest binary patch, whole or as a delta, passes', async () => {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256));
  writeFiles(repo, { 'pic.bin': bytes });
  commitAll(repo, 'picture');
  const base = sha(plainGit(repo, 'rev-parse', 'HEAD^{tree}'));
  removeTree(work);
  cpSync(repo, work, { recursive: true });
  const changed = Buffer.from(bytes);
  changed[1500] = 1;
  writeFiles(work, { 'pic.bin': changed, 'new.bin': bytes.subarray(0, 200) });
  const taken = await takePatch({ repo, tree: base }, work, []);
  if (!taken.ok) throw new Error(taken.failure.detail);
  expect(taken.value.patch.toString('latin1')).toMatch(/\ndelta \d/);
  expect(patchProblem(taken.value.patch)).toBeNull();
});

test('copies may not add up to more than new content may', async () => {
  writeFiles(repo, { 'big.txt': 'x'.repeat(19 << 20) });
  commitAll(repo, 'big');
  const base = sha(plainGit(repo, 'rev-parse', 'HEAD^{tree}'));
  const copies = (count: number): Buffer =>
    Buffer.from(
      Array.from(
        { length: count },
        (_, at) =>
          `diff --git a/big.txt b/c${at}\nsimilarity index 100%\ncopy from big.txt\ncopy to c${at}\n`,
      ).join(''),
    );
  const scratch = path.join(top, 'scratch');
  expect(await applyPatch(repo, base, copies(2), scratch)).toMatchObject({ ok: true });
  expect(await applyPatch(repo, base, copies(9), scratch)).toMatchObject({
    ok: false,
    failure: { reason: 'malformed' },
  });
});

test('files full of holes are neither read for hours nor taken', { timeout: 20_000 }, async () => {
  for (let at = 0; at < 60; at++) {
    const file = path.join(work, `hole-${at}`);
    writeFileSync(file, '');
    truncateSync(file, 20 << 20);
  }
  writeFileSync(path.join(work, 'endless'), '');
  truncateSync(path.join(work, 'endless'), 2 ** 40);
  writeFiles(work, { 'a.py': 'import new\n' });
  const taken = await takePatch({ repo, tree }, work, []);
  if (!taken.ok) throw new Error(taken.failure.detail);
  expect(taken.value.files.filter((name) => name.endsWith('.py'))).toEqual(['a.py']);
  expect(taken.value.skipped.map((entry) => entry.path)).toContain('endless');
});

test('folders deeper than a path can name are left out, and can be removed', async () => {
  execFileSync('python3', [
    '-c',
    "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(40):\n    os.mkdir('d'*200); os.chdir('d'*200)\nopen('x'*200,'w').close()",
    work,
  ]);
  writeFiles(work, { 'a.py': 'import new\n' });
  const taken = await takePatch({ repo, tree }, work, []);
  expect(taken).toMatchObject({ ok: true, value: { files: ['a.py'] } });
  removeTree(work);
  expect(existsSync(work)).toBe(false);
});

test('devices, pipes and links are never opened', async () => {
  execFileSync('mkfifo', [path.join(work, 'pipe')]);
  symlinkSync('/dev/zero', path.join(work, 'zero'));
  symlinkSync(path.join(work, 'pipe'), path.join(work, 'to-pipe'));
  const taken = await takePatch({ repo, tree }, work, []);
  expect(taken).toMatchObject({
    ok: true,
    value: { files: ['to-pipe', 'zero'], skipped: [{ path: 'pipe', why: 'special-file' }] },
  });
});

test.each([
  ['error: unable to write file x: No space left on device', true],
  ['fatal: unable to create temporary file: Read-only file system', true],
  ['ended by SIGKILL', true],
  ['git could not be started in /x: it is not installed, or the folder is not there', true],
  ['error: patch failed: b.txt:1\nerror: b.txt: patch does not apply', false],
  ['error: No space left on device: does not exist in index', false],
  ["error: invalid path 'x: No space left on device/.git'", false],
  ['error: corrupt patch at line 3', false],
  ['time limit reached', false],
])('%j is the world’s doing: %s', (detail, expected) => {
  expect(isWorldsDoing(detail)).toBe(expected);
});
