import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGitSource } from '../../src/sources/git-source.ts';
import type { GitSourceOptions, GitTreeSource } from '../../src/sources/git-source.ts';
import { lsTree, readBlobs } from '../../src/workspace/git.ts';
import { gitHttpServer } from '../rigs/git-http-server.ts';
import { commitAll, plainGit, sampleRepository, writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const NAMED = { owner: 'acme', repo: 'tool' };
const NONE: ReadonlySet<string> = new Set();

function source(dir: string, options: Partial<GitSourceOptions> = {}) {
  const scratchDir = path.join(dir, 'scratch');
  mkdirSync(scratchDir, { recursive: true });
  return createGitSource({ mirrors: [], host: null, scratchDir, attempts: 3, firstPauseMs: 1, ...options });
}

const at = (commit: string, parentOf = false, url: string | null = null): GitTreeSource => ({
  kind: 'git',
  url,
  commit,
  parentOf,
});

function bareClone(from: string, to: string, ...flags: string[]): void {
  mkdirSync(path.dirname(to), { recursive: true });
  plainGit(path.dirname(to), 'clone', '-q', '--bare', ...flags, `file://${from}`, to);
}

describe('mirrors', () => {
  it.each([
    ['owner+repo, bare', 'acme+tool', 'bare'],
    ['owner+repo.git, bare', 'acme+tool.git', 'bare'],
    ['owner+repo, working', 'acme+tool', 'working'],
    ['owner/repo, bare', 'acme/tool', 'bare'],
    ['owner/repo.git, bare', 'acme/tool.git', 'bare'],
    ['owner/repo, working', 'acme/tool', 'working'],
    ['owner+repo, one level deeper', 'acme+tool/repo', 'bare'],
    ['owner/repo, one level deeper', 'acme/tool/snapshot.git', 'bare'],
    ['owner+repo, one level deeper and working', 'acme+tool/clone', 'working'],
    ['other letters', 'AcMe+Tool', 'bare'],
    ['other letters in both folders', 'ACME/Tool.git', 'bare'],
    ['a moved owner, found by the commit', 'newowner+tool', 'bare'],
    ['a moved owner in its own folder', 'newowner/tool', 'bare'],
  ])('of the shape %s are found', async (_shape, place, kind) => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    const mirror = path.join(dir, 'mirrors', place);
    if (kind === 'bare') bareClone(sample.dir, mirror);
    else {
      mkdirSync(path.dirname(mirror), { recursive: true });
      renameSync(sample.dir, mirror);
    }
    const git = source(dir, { mirrors: [path.join(dir, 'no-such'), path.join(dir, 'mirrors')] });
    const after = await git.open(at(sample.after), NAMED, NONE);
    const before = await git.open(at(sample.after, true), NAMED, NONE);
    const own = kind === 'bare' ? mirror : path.join(mirror, '.git');
    expect(after).toMatchObject({
      ok: true,
      value: {
        tree: plainGit(own, 'rev-parse', `${sample.after}^{tree}`),
        date: '2021-06-21T23:04:44.000Z',
        missing: [],
      },
    });
    expect(before).toMatchObject({
      ok: true,
      value: { tree: plainGit(own, 'rev-parse', `${sample.before}^{tree}`) },
    });
  });

  it('are read by borrowing alone: their configuration, hooks and alternates run nothing', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'mirrors/acme+tool'));
    const proof = path.join(dir, 'proof');
    for (const [key, value] of [
      ['core.fsmonitor', `touch ${proof}`],
      ['core.alternateRefsCommand', `touch ${proof}; :`],
      ['uploadpack.packObjectsHook', `touch ${proof}; :`],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.url', `ext::sh -c "touch ${proof}"`],
      ['remote.origin.promisor', 'true'],
      ['core.repositoryFormatVersion', '1'],
    ] as const)
      plainGit(sample.dir, 'config', key, value);
    writeFileSync(path.join(sample.dir, '.git/objects/info/alternates'), '/etc\n/no/such/folder\n');
    const opened = await source(dir, { mirrors: [path.join(dir, 'mirrors')] }).open(
      at(sample.after),
      NAMED,
      NONE,
    );
    expect(opened.ok).toBe(true);
    expect(existsSync(proof)).toBe(false);
  });

  it('without a configuration file or refs still serve', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    const mirror = path.join(dir, 'mirrors/acme+tool/repo');
    bareClone(sample.dir, mirror);
    rmSync(path.join(mirror, 'config'));
    rmSync(path.join(mirror, 'packed-refs'));
    const opened = await source(dir, { mirrors: [path.join(dir, 'mirrors')] }).open(
      at(sample.after, true),
      NAMED,
      NONE,
    );
    expect(opened.ok).toBe(true);
  });

  it('that have no such commit are all named', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'mirrors/acme+tool'));
    const empty = path.join(dir, 'empty');
    mkdirSync(empty);
    const commit = '1'.repeat(40);
    const opened = await source(dir, { mirrors: [empty, path.join(dir, 'mirrors')] }).open(
      at(commit),
      NAMED,
      NONE,
    );
    expect(opened).toEqual({
      ok: false,
      failure: {
        class: 'infra',
        reason: 'commit-missing',
        repository: 'acme/tool',
        commit,
        looked: [`${sample.dir} (has no such commit)`],
      },
    });
    const none = await source(dir, { mirrors: [empty] }).open(at(commit), NAMED, NONE);
    expect(none).toMatchObject({ failure: { looked: [`${empty} (no acme+tool or acme/tool)`] } });
  });

  it('that lack a large file give the rest, and say which is missing', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    writeFiles(sample.dir, { 'data/big.bin': Buffer.alloc(5000, 7), 'a.py': 'import newer\n' });
    const commit = commitAll(sample.dir, 'big');
    plainGit(sample.dir, 'config', 'uploadpack.allowFilter', 'true');
    bareClone(sample.dir, path.join(dir, 'mirrors/acme+tool'), '--filter=blob:limit=1k');
    const git = source(dir, { mirrors: [path.join(dir, 'mirrors')] });
    const opened = await git.open(at(commit), NAMED, new Set(['a.py']));
    if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
    expect(opened.value.missing).toEqual(['data/big.bin']);
    const listed = await lsTree(opened.value.store, opened.value.tree);
    if (!listed.ok) throw new Error(listed.failure.detail);
    expect(listed.value.map((entry) => entry.path)).toEqual(['a.py', 'pkg/run.sh', 'pkg/to-a', 'side.py']);
    expect(
      (
        await readBlobs(
          opened.value.store,
          listed.value.map(({ id }) => id),
        )
      ).ok,
    ).toBe(true);
    expect(opened.value.facts['tree']).toBe(plainGit(sample.dir, 'rev-parse', `${commit}^{tree}`));
  });

  it('that lack a needed file are passed over for one that has it, else that file is named', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    writeFiles(sample.dir, { 'big.py': 'x = 1\n'.repeat(1000) });
    const commit = commitAll(sample.dir, 'big');
    plainGit(sample.dir, 'config', 'uploadpack.allowFilter', 'true');
    bareClone(sample.dir, path.join(dir, 'partial/acme+tool'), '--filter=blob:limit=1k');
    bareClone(sample.dir, path.join(dir, 'whole/acme+tool'));
    const partial = path.join(dir, 'partial');
    const needed = new Set(['big.py']);
    const alone = await source(dir, { mirrors: [partial] }).open(at(commit), NAMED, needed);
    expect(alone).toMatchObject({ ok: false, failure: { reason: 'content-missing', paths: ['big.py'] } });
    const both = source(path.join(dir, 'second'), { mirrors: [partial, path.join(dir, 'whole')] });
    expect(await both.open(at(commit), NAMED, needed)).toMatchObject({ ok: true, value: { missing: [] } });
  });
});

describe('the commit before', () => {
  it.each(['root', 'merge'] as const)('of a %s commit is refused with its parents', async (kind) => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'mirrors/acme+tool'));
    const opened = await source(dir, { mirrors: [path.join(dir, 'mirrors')] }).open(
      at(sample[kind], true),
      NAMED,
      NONE,
    );
    const parents = plainGit(sample.dir, 'show', '-s', '--format=%P', sample[kind])
      .split(' ')
      .filter(Boolean);
    expect(opened).toEqual({
      ok: false,
      failure: {
        class: 'infra',
        reason: 'commit-unfit',
        repository: 'acme/tool',
        commit: sample[kind],
        parents,
      },
    });
    expect(parents).toHaveLength(kind === 'root' ? 0 : 2);
  });

  it('may be named for itself, with any ancestry', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'local'));
    const git = source(dir);
    for (const url of [sample.dir, `file://${sample.dir}`]) {
      for (const commit of [sample.root, sample.merge, sample.after.slice(0, 12)]) {
        expect((await git.open(at(commit, false, url), NAMED, NONE)).ok).toBe(true);
      }
    }
  });

  it('that a shallow copy no longer has counts as missing', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    bareClone(sample.dir, path.join(dir, 'mirrors/acme+tool'), '--depth=1');
    const opened = await source(dir, { mirrors: [path.join(dir, 'mirrors')] }).open(
      at(sample.merge, true),
      NAMED,
      NONE,
    );
    expect(opened.ok).toBe(false);
    const tip = commitAll(sample.dir, 'tip');
    bareClone(sample.dir, path.join(dir, 'more/acme+tool'), '--depth=1');
    const shallow = await source(path.join(dir, 'b'), { mirrors: [path.join(dir, 'more')] }).open(
      at(tip, true),
      NAMED,
      NONE,
    );
    expect(shallow).toMatchObject({ ok: false, failure: { reason: 'commit-missing' } });
  });
});

describe('a host over HTTP', () => {
  it.each([true, false])(
    'gives one commit and its parent, and no more when asked by id (%s)',
    async (idsByProtocol) => {
      const dir = scratchFolder();
      const sample = sampleRepository(path.join(dir, 'origin'));
      bareClone(sample.dir, path.join(dir, 'served/acme/tool.git'));
      const server = await gitHttpServer(path.join(dir, 'served'), { idsByProtocol });
      const url = `${server.url}/acme/tool.git`;
      const git = source(dir);
      const after = await git.open(at(sample.after, false, url), NAMED, NONE);
      const count = server.requests.length;
      const before = await git.open(at(sample.after, true, url), NAMED, NONE);
      expect(server.requests.length).toBe(count);
      if (!after.ok || !before.ok) throw new Error(JSON.stringify([after, before]));
      expect(after.value.tree).toBe(plainGit(sample.dir, 'rev-parse', `${sample.after}^{tree}`));
      expect(before.value.tree).toBe(plainGit(sample.dir, 'rev-parse', `${sample.before}^{tree}`));
      const stored = plainGit(after.value.store, 'cat-file', '--batch-all-objects', '--batch-check').split(
        '\n',
      );
      expect(stored.filter((line) => line.includes(' commit '))).toHaveLength(idsByProtocol ? 2 : 5);
    },
  );

  it('is asked for owner/repo when a source has no address and no mirror has it', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    bareClone(sample.dir, path.join(dir, 'served/acme/tool'));
    const server = await gitHttpServer(path.join(dir, 'served'));
    const opened = await source(dir, { host: server.url, mirrors: [dir] }).open(
      at(sample.after, true),
      NAMED,
      NONE,
    );
    expect(opened).toMatchObject({ ok: true, value: { facts: { from: 'host', repository: 'acme/tool' } } });
  });

  it('is not asked when a mirror has the commit', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'mirrors/acme+tool'));
    const server = await gitHttpServer(dir);
    const git = source(dir, { mirrors: [path.join(dir, 'mirrors')] });
    const opened = await git.open(at(sample.after, false, `${server.url}/acme/tool.git`), NAMED, NONE);
    expect(opened).toMatchObject({ ok: true, value: { facts: { from: 'mirror' } } });
    expect(server.requests).toEqual([]);
  });

  it('that fails twice is asked again', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    bareClone(sample.dir, path.join(dir, 'served/acme/tool'));
    const server = await gitHttpServer(path.join(dir, 'served'), { failures: 2 });
    expect((await source(dir, { host: server.url }).open(at(sample.after), NAMED, NONE)).ok).toBe(true);
  });

  it('that fails for good is named, with the mirrors looked at before', async () => {
    const dir = scratchFolder();
    const server = await gitHttpServer(dir, { failures: 99 });
    const opened = await source(dir, { host: server.url, mirrors: [dir] }).open(
      at('1'.repeat(40)),
      NAMED,
      NONE,
    );
    expect(opened).toMatchObject({
      ok: false,
      failure: {
        class: 'infra',
        reason: 'source-unreachable',
        source: `${server.url}/acme/tool`,
        detail: expect.stringContaining('503') as string,
        looked: [`${dir} (no acme+tool or acme/tool)`],
      },
    });
    expect(server.requests).toHaveLength(3);
  });

  it('without the repository is asked once', async () => {
    const dir = scratchFolder();
    const server = await gitHttpServer(dir);
    const opened = await source(dir, { host: server.url }).open(at('1'.repeat(40)), NAMED, NONE);
    expect(opened).toMatchObject({ ok: false, failure: { reason: 'source-unreachable' } });
    expect(server.requests).toHaveLength(1);
  });

  it('without the commit says so', async () => {
    const dir = scratchFolder();
    const sample = sampleRepository(path.join(dir, 'origin'));
    bareClone(sample.dir, path.join(dir, 'served/acme/tool'));
    const server = await gitHttpServer(path.join(dir, 'served'));
    const opened = await source(dir, { host: server.url }).open(at('1'.repeat(40)), NAMED, NONE);
    expect(opened).toMatchObject({
      ok: false,
      failure: { reason: 'commit-missing', looked: [`${server.url}/acme/tool (has no such commit)`] },
    });
  });

  it.each(['ext::sh -c "touch PROOF"', 'fd::7', 'rsync://localhost/x'])(
    'by the protocol of %s is refused',
    async (form) => {
      const dir = scratchFolder();
      const proof = path.join(dir, 'proof');
      const opened = await source(dir).open(
        at('1'.repeat(40), false, form.replace('PROOF', proof)),
        NAMED,
        NONE,
      );
      expect(opened).toMatchObject({ ok: false, failure: { class: 'infra' } });
      expect(existsSync(proof)).toBe(false);
    },
  );

  it('keeps user and password out of every message', async () => {
    const dir = scratchFolder();
    const server = await gitHttpServer(dir);
    const url = `${server.url.replace('://', '://me:secret@')}/acme/tool`;
    const opened = await source(dir).open(at('1'.repeat(40), false, url), NAMED, NONE);
    expect(opened.ok).toBe(false);
    expect(JSON.stringify(opened)).not.toContain('secret');
  });
});

it('leaves a mirror as it was', async () => {
  const dir = scratchFolder();
  const sample = sampleRepository(path.join(dir, 'mirrors/acme+tool'));
  cpSync(sample.dir, path.join(dir, 'copy'), { recursive: true, verbatimSymlinks: true });
  const files = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  await source(dir, { mirrors: [path.join(dir, 'mirrors')] }).open(at(sample.after, true), NAMED, NONE);
  expect(files(sample.dir)).toEqual(files(path.join(dir, 'copy')));
});
