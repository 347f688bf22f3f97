import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unitId } from '../../src/model/ids.ts';
import type { Migration, TreeSource } from '../../src/model/migration.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { defineRepoDl, writeEntry } from '../../src/tasks/repo-dl.ts';
import type { RepoDlContext } from '../../src/tasks/repo-dl.ts';
import { openPackageIndex } from '../../src/workspace/package-index.ts';
import { makeArchive } from '../rigs/archives.ts';
import { commitAll, plainGit, plainGitInput, sampleRepository, writeFiles } from '../rigs/git-repository.ts';
import type { Files } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { simpleIndex } from '../rigs/simple-index.ts';
import { taskWork } from '../rigs/task-work.ts';

function migration(before: TreeSource, after: TreeSource, more: Partial<Migration> = {}): Migration {
  const library = {
    name: 'old',
    importNames: ['old'],
    version: null,
    constraint: null,
    provenance: 'unknown',
  } as const;
  return {
    id: unitId('old__new__acme@tool__12345678'),
    benchmark: 'test',
    source: [library],
    target: [{ ...library, name: 'new', importNames: ['new'] }],
    kind: 'swap',
    owner: 'acme',
    repo: 'tool',
    sha8: '12345678',
    before,
    after,
    date: null,
    python: 'auto',
    requirements: { both: [], before: [], after: [] },
    pythonpath: null,
    tests: { paths: null, args: [] },
    labels: 'derived',
    domain: null,
    entry: { file: 'x.yaml', text: 'repo: acme/tool\n' },
    ...more,
  };
}

function task(dir: string, of: Migration, more: Partial<RepoDlContext> = {}) {
  return defineRepoDl({
    migration: of,
    outputDir: path.join(dir, 'repos/acme@tool__12345678'),
    entryFile: path.join(dir, 'repo-yamls/acme@tool/old.yaml'),
    cacheDir: path.join(dir, 'cache'),
    mirrors: [],
    host: null,
    ...more,
  });
}

function folders(dir: string, before: Files, after: Files): Migration {
  writeFiles(path.join(dir, 'before'), before);
  writeFiles(path.join(dir, 'after'), after);
  return migration(
    { kind: 'path', dir: path.join(dir, 'before') },
    { kind: 'path', dir: path.join(dir, 'after') },
  );
}

const local = (dir: string, commit: string, parentOf: boolean): TreeSource => ({
  kind: 'git',
  url: dir,
  commit,
  parentOf,
});

describe('the repository of a git migration', () => {
  it('has the exact trees on two root commits, and nothing else of where they came from', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    const of = migration(local(sample.dir, sample.after, true), local(sample.dir, sample.after, false));
    const work = taskWork(path.join(dir, 'work'));
    const done = await task(dir, of).run(work);
    if (!done.ok) throw new Error(failureMessage(done.failure));
    const repo = path.join(dir, 'moved');
    renameSync(work.dir, repo);
    expect(plainGit(repo, 'rev-parse', 'main^{tree}')).toBe(
      plainGit(sample.dir, 'rev-parse', `${sample.before}^{tree}`),
    );
    expect(plainGit(repo, 'rev-parse', 'gt-patch^{tree}')).toBe(
      plainGit(sample.dir, 'rev-parse', `${sample.after}^{tree}`),
    );
    expect(plainGit(repo, 'for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/gt-patch',
      'refs/heads/main',
    ]);
    expect(plainGit(repo, 'rev-list', '--all', '--count')).toBe('2');
    expect(plainGit(repo, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(plainGit(repo, 'status', '--porcelain', '--ignored')).toBe('');
    expect(plainGit(repo, 'fsck', '--full', '--strict', '--unreachable')).toBe('');
    expect(plainGit(repo, 'remote')).toBe('');
    expect(plainGit(repo, 'log', '--all', '--format=%an %ae %ad %s')).not.toContain('root');
    for (const gone of [
      'hooks',
      'logs',
      'FETCH_HEAD',
      'ORIG_HEAD',
      'description',
      'objects/info/alternates',
      'shallow',
    ])
      expect(existsSync(path.join(repo, '.git', gone))).toBe(false);
    const secret = plainGit(sample.dir, 'rev-parse', `${sample.root}:secret.txt`);
    expect(() => plainGit(repo, 'cat-file', '-e', secret)).toThrow();
    expect(() => plainGit(repo, 'cat-file', '-e', sample.after)).toThrow();
    for (const file of done.value.files) expect(existsSync(path.join(repo, file))).toBe(true);
    expect(task(dir, of).load(repo)).toEqual({
      ok: true,
      value: {
        dir: repo,
        beforeTree: plainGit(repo, 'rev-parse', 'main^{tree}'),
        afterTree: plainGit(repo, 'rev-parse', 'gt-patch^{tree}'),
        date: '2021-06-21T23:04:44.000Z',
        missing: [],
      },
    });
    expect(readFileSync(path.join(repo, '.git/mig-pipeline.json'), 'utf8')).not.toContain(dir);
  });

  it('keeps every byte, mode, link and name of a hostile one, and runs nothing of it', async () => {
    const dir = scratchFolder();
    const origin = path.join(dir, 'origin');
    const proof = path.join(dir, 'proof');
    sampleRepository(origin);
    writeFiles(origin, {
      'crlf.py': 'a\r\nb\r\n',
      'lf.bat': 'a\nb\n',
      'ident.py': '$Id$\n',
      'utf16.txt': Buffer.from('\ufeffwide\n', 'utf16le'),
      'exported.py': '$Format:%H$\n',
      passwd: { link: '/etc/passwd' },
      up: { link: '../../..' },
      'new\nline {brace} ünï.py': '1\n',
      ' blank ': '2\n',
      '-rf': '3\n',
      '.gitmodules': '[submodule "x"]\n\tpath = sub\n\turl = ext::sh -c "touch /tmp/x"\n',
      'Case.py': '1\n',
      'case.py': '2\n',
    });
    const parent = plainGit(origin, 'rev-parse', 'HEAD');
    commitAll(origin, 'names');
    plainGit(origin, 'update-index', '--add', '--cacheinfo', `160000,${parent},sub`);
    const attributes =
      '* filter=evil diff=evil merge=evil\n*.py text eol=lf ident\n*.bat text eol=crlf\nexported.py export-subst\n' +
      'lf.bat export-ignore\nutf16.txt working-tree-encoding=UTF-16LE\n';
    const blob = plainGitInput(origin, attributes, 'hash-object', '-w', '--stdin');
    plainGit(origin, 'update-index', '--add', '--cacheinfo', `100644,${blob},.gitattributes`);
    const tree = plainGit(origin, 'write-tree');
    const commit = plainGitInput(origin, 'x', 'commit-tree', tree, '-p', 'HEAD');
    for (const key of [
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'core.fsmonitor',
      'diff.evil.textconv',
    ])
      plainGit(origin, 'config', key, `touch ${proof}; cat`);
    plainGit(origin, 'config', 'core.hooksPath', path.join(dir, 'hooks'));
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction'])
      writeFiles(dir, { [`hooks/${hook}`]: { exec: `#!/bin/sh\ntouch ${proof}\n` } });
    const work = taskWork(path.join(dir, 'work'));
    const done = await task(dir, migration(local(origin, commit, true), local(origin, commit, false))).run(
      work,
    );
    if (!done.ok) throw new Error(failureMessage(done.failure));
    expect(existsSync(proof)).toBe(false);
    const swapped = taskWork(path.join(dir, 'swapped'));
    const again = await task(dir, migration(local(origin, commit, false), local(origin, commit, true))).run(
      swapped,
    );
    expect(again.ok).toBe(true);
    const repo = swapped.dir;
    expect(plainGit(repo, 'rev-parse', 'main^{tree}')).toBe(tree);
    expect(readFileSync(path.join(repo, 'crlf.py'), 'utf8')).toBe('a\r\nb\r\n');
    expect(readFileSync(path.join(repo, 'lf.bat'), 'utf8')).toBe('a\nb\n');
    expect(readFileSync(path.join(repo, 'ident.py'), 'utf8')).toBe('$Id$\n');
    expect(readFileSync(path.join(repo, 'utf16.txt'))).toEqual(Buffer.from('\ufeffwide\n', 'utf16le'));
    expect(readlinkSync(path.join(repo, 'passwd'))).toBe('/etc/passwd');
    expect(lstatSync(path.join(repo, 'pkg/run.sh')).mode & 0o111).toBe(0o111);
    expect(readFileSync(path.join(repo, 'new\nline {brace} ünï.py'), 'utf8')).toBe('1\n');
    expect(readdirSync(path.join(repo, 'sub'))).toEqual([]);
    expect(plainGit(repo, 'status', '--porcelain')).toBe('');
    expect(plainGit(repo, 'config', '--list', '--local')).not.toMatch(
      /filter|hook|fsmonitor|remote|submodule/,
    );
  });

  it.each(['.git', '.GIT', '..'])(
    'with a path through %s is refused, and nothing is written outside',
    async (name) => {
      const dir = scratchFolder();
      const origin = path.join(dir, 'origin');
      sampleRepository(origin);
      const blob = plainGitInput(origin, '#!/bin/sh\n', 'hash-object', '-w', '--stdin');
      const inner = plainGitInput(origin, `100755 blob ${blob}\tpost-checkout\n`, 'mktree');
      const tree = plainGitInput(origin, `040000 tree ${inner}\t${name}\n`, 'mktree');
      const commit = plainGitInput(origin, 'x', 'commit-tree', tree, '-p', 'HEAD');
      const work = taskWork(path.join(dir, 'work'));
      const done = await task(dir, migration(local(origin, commit, true), local(origin, commit, false))).run(
        work,
      );
      expect(done).toMatchObject({
        ok: false,
        failure: { class: 'infra', reason: 'content-refused', entry: `${name}/post-checkout` },
      });
      expect(existsSync(path.join(dir, 'work/post-checkout'))).toBe(false);
    },
  );

  it('is the same, commit by commit, made twice and of any kind of source', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    plainGit(sample.dir, 'worktree', 'add', '-q', path.join(dir, 'one'), sample.before);
    plainGit(sample.dir, 'worktree', 'add', '-q', path.join(dir, 'two'), sample.after);
    const byGit = migration(local(sample.dir, sample.after, true), local(sample.dir, sample.after, false));
    const byFolder = migration(
      { kind: 'path', dir: path.join(dir, 'one') },
      { kind: 'path', dir: path.join(dir, 'two') },
    );
    const heads: string[] = [];
    for (const [index, of] of [byGit, byGit, byFolder].entries()) {
      const work = taskWork(path.join(dir, `work-${index}`));
      expect((await task(dir, of).run(work)).ok).toBe(true);
      heads.push(plainGit(work.dir, 'for-each-ref'));
    }
    expect(new Set(heads).size).toBe(1);
  });
});

describe('the repository of two folders', () => {
  it('has neither their .git nor their __pycache__, and no date', async () => {
    const dir = scratchFolder();
    const of = folders(
      dir,
      {
        'a.py': 'import old\n',
        '.git/config': 'x',
        '__pycache__/a.pyc': 'x',
        'p/__pycache__/b.pyc': 'x',
        'p/b.py': '',
      },
      { 'a.py': 'import new\n', 'p/b.py': '' },
    );
    const work = taskWork(path.join(dir, 'work'));
    const done = await task(dir, of).run(work);
    expect(done).toMatchObject({ ok: true, value: { outcome: 'ready' } });
    expect(plainGit(work.dir, 'ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual([
      'a.py',
      'p/b.py',
    ]);
    expect(plainGit(work.dir, 'diff', '--stat', 'main', 'gt-patch')).toContain('1 file changed');
    expect(task(dir, of).load(work.dir)).toMatchObject({ ok: true, value: { date: null } });
  });

  it('enters the key by content, never by place', () => {
    const one = scratchFolder();
    const two = scratchFolder();
    const files: Files = { 'a.py': 'import old\n' };
    const first = task(one, folders(one, files, { 'a.py': 'import new\n' }));
    const second = task(two, folders(two, files, { 'a.py': 'import new\n' }));
    expect(JSON.stringify(first.params)).not.toContain(one);
    expect(second.params).toEqual(first.params);
    writeFileSync(path.join(two, 'before/a.py'), 'import old \n');
    const changed = task(two, folders(two, { 'a.py': 'import old \n' }, {}));
    expect(changed.params['before']).not.toEqual(first.params['before']);
    expect(changed.params['after']).toEqual(first.params['after']);
    chmodSync(path.join(two, 'before/a.py'), 0o755);
    const executable = task(two, folders(two, {}, {}));
    expect(executable.params['before']).not.toEqual(changed.params['before']);
  });

  it('of which one is gone is a failure that names it', async () => {
    const dir = scratchFolder();
    const of = migration({ kind: 'path', dir: path.join(dir, 'gone') }, { kind: 'path', dir });
    const done = await task(dir, of).run(taskWork(path.join(dir, 'work')));
    expect(done).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'folder-missing' } });
    expect(!done.ok && failureMessage(done.failure)).toContain(path.join(dir, 'gone'));
  });
});

describe('the repository of two releases', () => {
  it('has the trees of both and the date of the later one', async () => {
    const dir = scratchFolder();
    const release = (version: string, text: string, uploadTime: string) => ({
      filename: `tool-${version}.tar.gz`,
      content: makeArchive([{ name: `tool-${version}/tool.py`, content: text }], 'gz'),
      uploadTime,
    });
    const server = await simpleIndex('tool', [
      release('1.0', 'import old\n', '2021-01-01T00:00:00Z'),
      release('1.1', 'import new\n', '2021-02-01T00:00:00Z'),
    ]);
    const sdist = (version: string): TreeSource => ({ kind: 'sdist', name: 'tool', version, sha256: null });
    const settings = { urls: [server.url], cert: null, proxy: null, from: 'test' };
    const made = task(dir, migration(sdist('1.0'), sdist('1.1')), {
      index: () => openPackageIndex({ settings }),
    });
    const work = taskWork(path.join(dir, 'work'));
    expect(await made.run(work)).toMatchObject({ ok: true });
    expect(readFileSync(path.join(work.dir, 'tool.py'), 'utf8')).toBe('import old\n');
    expect(plainGit(work.dir, 'show', 'gt-patch:tool.py')).toBe('import new');
    expect(made.load(work.dir)).toMatchObject({ ok: true, value: { date: '2021-02-01T00:00:00.000Z' } });
  });
});

describe('ports', () => {
  it('change each with what it is about, and with nothing else', async () => {
    const dir = scratchFolder();
    const ports = async (name: string, before: Files, after: Files, more: Partial<Migration> = {}) => {
      const own = path.join(dir, name);
      mkdirSync(own);
      const done = await task(own, { ...folders(own, before, after), ...more }).run(
        taskWork(path.join(own, 'work')),
      );
      if (!done.ok) throw new Error(failureMessage(done.failure));
      return done.value.ports;
    };
    const base = await ports('base', { 'a.py': '1' }, { 'a.py': '2' });
    const otherAfter = await ports('after', { 'a.py': '1' }, { 'a.py': '3' });
    const otherLabels = await ports('labels', { 'a.py': '1' }, { 'a.py': '2' }, { labels: 'all' });
    expect(otherAfter['before']).toBe(base['before']);
    expect(otherAfter['after']).not.toBe(base['after']);
    expect(otherAfter['labels']).toBe(base['labels']);
    expect(otherLabels['labels']).not.toBe(base['labels']);
    expect(otherLabels['after']).toBe(base['after']);
  });

  it('that tell of the migration are hidden, and labels are known without running', () => {
    const dir = scratchFolder();
    const defined = task(dir, folders(dir, {}, {}));
    expect(defined.provides).toEqual([
      { name: 'before', visibility: 'public' },
      { name: 'after', visibility: 'hidden' },
      { name: 'labels', visibility: 'hidden' },
    ]);
    expect(Object.keys(defined.knownPorts)).toEqual(['labels']);
  });
});

describe('beside the repository', () => {
  it("lies the benchmark's entry as read, and is not written again when it is the same", async () => {
    const dir = scratchFolder();
    const of = folders(dir, { 'a.py': '1' }, { 'a.py': '2' });
    expect((await task(dir, of).run(taskWork(path.join(dir, 'work')))).ok).toBe(true);
    const file = path.join(dir, 'repo-yamls/acme@tool/old.yaml');
    expect(readFileSync(file, 'utf8')).toBe('repo: acme/tool\n');
    const { mtimeMs, ino } = lstatSync(file);
    writeEntry({ migration: of, entryFile: file });
    expect(lstatSync(file)).toMatchObject({ mtimeMs, ino });
    writeEntry({ migration: { ...of, entry: { file: '', text: 'other\n' } }, entryFile: file });
    expect(readFileSync(file, 'utf8')).toBe('other\n');
  });

  it('lies nothing when the run is cancelled', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    const of = migration(local(sample.dir, sample.after, true), local(sample.dir, sample.after, false));
    const done = await task(dir, of).run(taskWork(path.join(dir, 'work'), AbortSignal.abort()));
    expect(done).toEqual({ ok: false, failure: { class: 'cancelled', reason: 'cancelled' } });
  });

  it('nothing can lie when the place is below a file: that is the data folder, not a bug', async () => {
    const dir = scratchFolder();
    const of = folders(dir, { 'a.py': '1' }, { 'a.py': '2' });
    writeFileSync(path.join(dir, 'file'), '');
    const done = await task(dir, of, { entryFile: path.join(dir, 'file/below/entry.yaml') }).run(
      taskWork(path.join(dir, 'work')),
    );
    expect(done).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'data-folder-unusable' } });
  });

  it('a record that was cut makes the output unreadable', async () => {
    const dir = scratchFolder();
    const of = folders(dir, { 'a.py': '1' }, { 'a.py': '2' });
    const work = taskWork(path.join(dir, 'work'));
    await task(dir, of).run(work);
    writeFileSync(path.join(work.dir, '.git/mig-pipeline.json'), '{"schema":1,');
    expect(task(dir, of).load(work.dir).ok).toBe(false);
  });
});

it('a merge commit is refused in a sentence that names it, its parents and the next step', async () => {
  const dir = scratchFolder();
  const sample = sampleRepository(path.join(dir, 'origin'));
  const of = migration(local(sample.dir, sample.merge, true), local(sample.dir, sample.merge, false));
  const done = await task(dir, of).run(taskWork(path.join(dir, 'work')));
  const sentence = done.ok ? '' : failureMessage(done.failure);
  expect(sentence).toContain(sample.merge);
  expect(sentence).toContain('a merge of 2 parents');
  expect(sentence).toContain('manifest');
});
