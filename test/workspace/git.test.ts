import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  exportTree,
  git,
  gitText,
  initRepository,
  lsTree,
  readBlobs,
  treeOfFolder,
} from '../../src/workspace/git.ts';
import { commitAll, plainGit, plainGitInput, sampleRepository, writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const UNUSUAL = {
  'plain.py': 'x = 1\n',
  'crlf.py': 'a = 1\r\nb = 2\r\n',
  'no-newline': 'end',
  'binary.bin': Buffer.from([0, 255, 10, 13, 0]),
  'with blank {and} brace.py': '1\n',
  'new\nline.py': '2\n',
  'quote".py': '3\n',
  'tab\there': '4\n',
  'ünïcode/文.py': '5\n',
  'run.sh': { exec: '#!/bin/sh\n' },
  passwd: { link: '/etc/passwd' },
  'ignored.log': 'still taken\n',
  '.gitignore': '*.log\n',
  '.gitattributes': '* text=auto eol=lf\n*.py ident filter=evil\ncrlf.py text\nplain.py export-ignore\n',
  'ident.py': '# $Id$\n',
  empty: '',
};

describe('trees', () => {
  it('go through a folder and back with the same id, whatever names, modes and attributes', async () => {
    const dir = scratchFolder();
    const repo = path.join(dir, 'repo');
    const folder = path.join(dir, 'folder');
    await initRepository(repo);
    mkdirSync(folder);
    writeFiles(folder, UNUSUAL);
    const tree = await treeOfFolder(repo, folder);
    expect(tree.ok).toBe(true);
    if (!tree.ok) return;
    const out = path.join(dir, 'out');
    expect(await exportTree(repo, tree.value, out)).toEqual({ ok: true, value: undefined });
    expect(readFileSync(path.join(out, 'crlf.py'), 'utf8')).toBe('a = 1\r\nb = 2\r\n');
    expect(readFileSync(path.join(out, 'ident.py'), 'utf8')).toBe('# $Id$\n');
    expect(readFileSync(path.join(out, 'new\nline.py'), 'utf8')).toBe('2\n');
    expect(readlinkSync(path.join(out, 'passwd'))).toBe('/etc/passwd');
    expect(lstatSync(path.join(out, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(await treeOfFolder(repo, out)).toEqual(tree);
  });

  it('have the ids that git itself gives them', async () => {
    const dir = scratchFolder();
    const { before } = sampleRepository(path.join(dir, 'repo'));
    plainGit(path.join(dir, 'repo'), 'checkout', '-q', before);
    const tree = await treeOfFolder(path.join(dir, 'repo'), path.join(dir, 'repo'));
    expect(tree).toEqual({ ok: true, value: plainGit(path.join(dir, 'repo'), 'rev-parse', 'HEAD^{tree}') });
    expect(plainGit(path.join(dir, 'repo'), 'for-each-ref', 'refs/folders')).toBe('');
  });

  it('keep names that are not UTF-8 byte by byte', async () => {
    const dir = scratchFolder();
    await initRepository(path.join(dir, 'repo'));
    mkdirSync(path.join(dir, 'folder'));
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/folder/`), Buffer.from([0xe9, 0x2e, 0x70, 0x79])]), 'x');
    const tree = await treeOfFolder(path.join(dir, 'repo'), path.join(dir, 'folder'));
    if (!tree.ok) throw new Error(tree.failure.detail);
    await exportTree(path.join(dir, 'repo'), tree.value, path.join(dir, 'out'));
    expect(readdirSync(path.join(dir, 'out'), { encoding: 'buffer' })).toEqual([
      Buffer.from([0xe9, 0x2e, 0x70, 0x79]),
    ]);
  });

  it('leave out .git at any depth and in any case, and what the caller names', async () => {
    const dir = scratchFolder();
    await initRepository(path.join(dir, 'repo'));
    const folder = path.join(dir, 'folder');
    writeFiles(folder, {
      'a.py': '1',
      '.git/config': 'x',
      'sub/.GIT/hooks/x': 'x',
      'sub/b.py': '2',
      'sub/__pycache__/b.pyc': 'x',
      '.gitmodules': 'kept',
    });
    const tree = await treeOfFolder(path.join(dir, 'repo'), folder, { leaveOut: ['__pycache__'] });
    if (!tree.ok) throw new Error(tree.failure.detail);
    const listed = await lsTree(path.join(dir, 'repo'), tree.value);
    expect(listed.ok && listed.value.map((entry) => entry.path)).toEqual(['.gitmodules', 'a.py', 'sub/b.py']);
  });

  it('are listed with modes and sizes, submodules among them, and read by id', async () => {
    const dir = scratchFolder();
    const repo = path.join(dir, 'repo');
    sampleRepository(repo);
    const head = plainGit(repo, 'rev-parse', 'HEAD');
    plainGit(repo, 'update-index', '--add', '--cacheinfo', `160000,${head},sub`);
    const tree = plainGit(repo, 'write-tree');
    const listed = await lsTree(repo, tree);
    if (!listed.ok) throw new Error(listed.failure.detail);
    expect(listed.value.map(({ path: name, mode, type, size }) => [name, mode, type, size])).toEqual([
      ['a.py', '100644', 'blob', 21],
      ['pkg/run.sh', '100755', 'blob', 10],
      ['pkg/to-a', '120000', 'blob', 7],
      ['side.py', '100644', 'blob', 2],
      ['sub', '160000', 'commit', 0],
    ]);
    const ids = listed.value.filter(({ type }) => type === 'blob').map(({ id }) => id);
    const blobs = await readBlobs(repo, [...ids, ...ids]);
    expect(blobs.ok && blobs.value.get(ids[0]!)?.toString()).toBe('import new\nnew.run()\n');
    expect(blobs.ok && blobs.value.size).toBe(4);
    const missing = await readBlobs(repo, [ids[0]!, '1'.repeat(40)]);
    expect(missing.ok).toBe(false);
    await exportTree(repo, tree, path.join(dir, 'out'));
    expect(readdirSync(path.join(dir, 'out/sub'))).toEqual([]);
  });

  it.each([
    ['..', (blob: string) => `100644 blob ${blob}\t..`],
    ['.git', (blob: string) => `100644 blob ${blob}\t.git`],
    ['.GIT', (blob: string) => `100644 blob ${blob}\t.GIT`],
  ])('that hold a name like %s are not written out', async (_name, entry) => {
    const dir = scratchFolder();
    const repo = path.join(dir, 'repo');
    await initRepository(repo);
    const blob = plainGitInput(repo, 'evil', 'hash-object', '-w', '--stdin');
    const tree = plainGitInput(repo, `${entry(blob)}\n`, 'mktree');
    const exported = await exportTree(repo, tree, path.join(dir, 'out'));
    expect(exported).toMatchObject({ ok: false, failure: { reason: 'git-failed' } });
    expect(existsSync(path.join(dir, 'out'))).toBe(false);
  });

  it('that hold a link and a folder of one name are not written through the link', async () => {
    const dir = scratchFolder();
    const repo = path.join(dir, 'repo');
    const outside = path.join(dir, 'outside');
    mkdirSync(outside);
    await initRepository(repo);
    const blob = plainGitInput(repo, 'evil', 'hash-object', '-w', '--stdin');
    const link = plainGitInput(repo, outside, 'hash-object', '-w', '--stdin');
    const inner = plainGitInput(repo, `100644 blob ${blob}\tfile\n`, 'mktree');
    const tree = plainGitInput(repo, `120000 blob ${link}\ta\n040000 tree ${inner}\ta\n`, 'mktree');
    const exported = await exportTree(repo, tree, path.join(dir, 'out'));
    expect(exported.ok).toBe(false);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('are not written into a folder that holds something', async () => {
    const dir = scratchFolder();
    const { after } = sampleRepository(path.join(dir, 'repo'));
    writeFiles(path.join(dir, 'out'), { 'there.txt': 'x' });
    const exported = await exportTree(path.join(dir, 'repo'), after, path.join(dir, 'out'));
    expect(exported).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('not empty') as string },
    });
  });
});

describe('a call of git', () => {
  it('runs nothing that a repository configures', async () => {
    const dir = scratchFolder();
    const repo = path.join(dir, 'repo');
    sampleRepository(repo);
    const proof = path.join(dir, 'proof');
    const evil = `touch ${proof}; cat`;
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'filter.evil.clean',
      'filter.evil.smudge',
      'core.sshCommand',
    ])
      plainGit(repo, 'config', key, evil);
    plainGit(repo, 'config', 'core.hooksPath', path.join(repo, 'hooks'));
    plainGit(repo, 'config', 'include.path', '/etc/passwd-no-such');
    writeFiles(repo, {
      'hooks/post-commit': { exec: `#!/bin/sh\n${evil}\n` },
      'hooks/reference-transaction': { exec: `#!/bin/sh\n${evil}\n` },
    });
    await gitText(repo, ['status', '--short']);
    writeFiles(repo, { '.gitattributes': '*.py filter=evil\n' });
    const tree = await treeOfFolder(repo, repo);
    if (!tree.ok) throw new Error(tree.failure.detail);
    await exportTree(repo, tree.value, path.join(dir, 'out'));
    await gitText(repo, ['update-ref', 'refs/heads/other', 'HEAD']);
    expect(existsSync(proof)).toBe(false);
  });

  it('does not take a repository further up for a folder that is none', async () => {
    const dir = scratchFolder();
    sampleRepository(dir);
    mkdirSync(path.join(dir, 'plain'));
    expect((await git(path.join(dir, 'plain'), ['rev-parse', 'HEAD'])).ok).toBe(false);
    expect((await gitText(path.join(dir, 'plain'), ['rev-parse', 'HEAD'])).ok).toBe(false);
  });

  it('speaks to no other repository unless it is told to', async () => {
    const dir = scratchFolder();
    sampleRepository(path.join(dir, 'repo'));
    await initRepository(path.join(dir, 'mine'));
    const args = ['fetch', path.join(dir, 'repo'), 'refs/heads/*:refs/heads/*'];
    const refused = await gitText(path.join(dir, 'mine'), args);
    expect(refused).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('not allowed') as string },
    });
    expect((await gitText(path.join(dir, 'mine'), args, { network: true })).ok).toBe(true);
  });

  it('ends with a typed failure when the exit is not 0, the time is over or the signal comes', async () => {
    const dir = scratchFolder();
    await initRepository(dir);
    expect(await gitText(dir, ['rev-parse', '-q', '--verify', 'none'])).toMatchObject({
      ok: false,
      failure: { class: 'infra', reason: 'git-failed', args: ['rev-parse', '-q', '--verify', 'none'] },
    });
    const waiting = {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('x');
        await new Promise((r) => setTimeout(r, 5000).unref());
      },
    };
    const timed = await git(dir, ['hash-object', '--stdin'], { input: waiting, timeoutMs: 50 });
    expect(timed).toMatchObject({ ok: false, failure: { detail: 'time limit reached' } });
    const stopped = await git(dir, ['hash-object', '--stdin'], {
      input: waiting,
      signal: AbortSignal.abort(),
    });
    expect(stopped).toMatchObject({ ok: false, failure: { detail: 'cancelled' } });
  });

  it('says so when git is not installed', async () => {
    const dir = scratchFolder();
    const env = { PATH: dir };
    const expected = { ok: false, failure: { detail: expect.stringContaining('not installed') as string } };
    expect(await git(dir, ['version'], { env })).toMatchObject(expected);
    expect(await gitText(dir, ['version'], { env })).toMatchObject(expected);
  });

  it('makes the same commit of the same tree, whoever runs it', async () => {
    const one = scratchFolder();
    const two = scratchFolder();
    const ids: unknown[] = [];
    for (const dir of [one, two]) {
      await initRepository(dir);
      writeFiles(path.join(dir, 'files'), { 'a.py': '1' });
      const tree = await treeOfFolder(dir, path.join(dir, 'files'));
      if (!tree.ok) throw new Error(tree.failure.detail);
      ids.push(await gitText(dir, ['commit-tree', tree.value, '-m', 'x']));
    }
    expect(ids[0]).toMatchObject({ ok: true });
    expect(ids[0]).toEqual(ids[1]);
  });
});

describe('a working repository of ours', () => {
  it('starts without hooks, templates and remotes', async () => {
    const dir = scratchFolder();
    await initRepository(dir, { bare: false });
    expect(readdirSync(path.join(dir, '.git')).sort()).toEqual(['HEAD', 'config', 'objects', 'refs']);
    writeFiles(dir, { 'a.py': '1' });
    expect(commitAll(dir, 'x')).toMatch(/^[0-9a-f]{40}$/);
  });
});
