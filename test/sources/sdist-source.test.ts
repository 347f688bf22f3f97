import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSdist } from '../../src/sources/sdist-source.ts';
import type { SdistTreeSource } from '../../src/sources/sdist-source.ts';
import { readSdistName, versionKey } from '../../src/sources/sdist-name.ts';
import { sha256 } from '../../src/workspace/disk.ts';
import { lsTree } from '../../src/workspace/git.ts';
import { openPackageIndex } from '../../src/workspace/package-index.ts';
import { makeArchive } from '../rigs/archives.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { simpleIndex } from '../rigs/simple-index.ts';

const ARCHIVE = makeArchive(
  [
    { name: 'My_Pkg-1.0/setup.py', content: 'raise SystemExit("never run")\n' },
    { name: 'My_Pkg-1.0/my_pkg.py', content: 'import old\n' },
  ],
  'gz',
);
const RELEASE = {
  filename: 'My_Pkg-1.0.tar.gz',
  content: ARCHIVE,
  uploadTime: '2022-03-13T10:09:32.037162Z',
};

async function open(url: string, source: Partial<SdistTreeSource>, dir = scratchFolder(), side = 'side') {
  const scratchDir = path.join(dir, side);
  mkdirSync(scratchDir);
  const settings = { urls: [url], cert: null, proxy: null, from: 'test' };
  const index = () => openPackageIndex({ settings, retry: { attempts: 5, firstPauseMs: 1 } });
  const full: SdistTreeSource = { kind: 'sdist', name: 'my.pkg', version: '1.0', sha256: null, ...source };
  return await openSdist(full, { index, cacheDir: path.join(dir, 'cache'), scratchDir });
}

describe.each(['html', 'json'] as const)('a release on an index (%s)', (form) => {
  it('is opened as a tree without its top folder, dated to its upload', async () => {
    const server = await simpleIndex('my-pkg', [RELEASE], { form });
    const opened = await open(server.url, {});
    if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
    expect(opened.value.date).toBe('2022-03-13T10:09:32.037Z');
    expect(opened.value.facts).toMatchObject({ file: 'My_Pkg-1.0.tar.gz', sha256: sha256(ARCHIVE) });
    const listed = await lsTree(opened.value.store, opened.value.tree);
    expect(listed.ok && listed.value.map((entry) => entry.path)).toEqual(['my_pkg.py', 'setup.py']);
  });

  it('is asked for again after three server errors', async () => {
    const server = await simpleIndex('my-pkg', [RELEASE], { form, failures: 3 });
    expect((await open(server.url, {})).ok).toBe(true);
    expect(server.requests).toHaveLength(5);
  });

  it('whose content is not what the index states is refused', async () => {
    const server = await simpleIndex('my-pkg', [{ ...RELEASE, statedSha256: '0'.repeat(64) }], { form });
    expect(await open(server.url, {})).toMatchObject({
      ok: false,
      failure: { class: 'infra', reason: 'hash-differs', expected: '0'.repeat(64), actual: sha256(ARCHIVE) },
    });
  });

  it('whose content is not what the migration states is refused', async () => {
    const server = await simpleIndex('my-pkg', [{ ...RELEASE, statedSha256: null }], { form });
    const opened = await open(server.url, { sha256: 'a'.repeat(64) });
    expect(opened).toMatchObject({
      ok: false,
      failure: { reason: 'hash-differs', expected: 'a'.repeat(64) },
    });
  });

  it('that is not there is named with those that are', async () => {
    const server = await simpleIndex('my-pkg', [RELEASE], { form });
    const opened = await open(server.url, { version: '2.0' });
    expect(opened).toMatchObject({
      ok: false,
      failure: {
        class: 'infra',
        reason: 'release-missing',
        project: 'my.pkg',
        version: '2.0',
        indexes: [server.url],
      },
    });
    expect(JSON.stringify(opened)).toContain('there are 1.0');
  });
});

it('an unknown project is missing after one request, not unreachable', async () => {
  const server = await simpleIndex('other', [], {});
  expect(await open(server.url, {})).toMatchObject({ ok: false, failure: { reason: 'release-missing' } });
  expect(server.requests).toEqual(['/simple/my-pkg/']);
});

it('an index that fails for good is unreachable, and is not asked for ever', async () => {
  const server = await simpleIndex('my-pkg', [RELEASE], { failures: 99 });
  expect(await open(server.url, {})).toMatchObject({
    ok: false,
    failure: {
      class: 'infra',
      reason: 'source-unreachable',
      detail: expect.stringContaining('500') as string,
    },
  });
  expect(server.requests).toHaveLength(5);
});

it('a release whose hash is known is taken from the cache the second time, with its date', async () => {
  const dir = scratchFolder();
  const server = await simpleIndex('my-pkg', [RELEASE], {});
  const first = await open(server.url, { sha256: sha256(ARCHIVE) }, dir, 'one');
  const asked = server.requests.length;
  const second = await open(server.url, { sha256: sha256(ARCHIVE) }, dir, 'two');
  expect(server.requests.length).toBe(asked);
  expect(first.ok && second.ok && [second.value.tree, second.value.date]).toEqual(
    first.ok && [first.value.tree, first.value.date],
  );
});

it('a release without an upload time has no date', async () => {
  const release = { filename: RELEASE.filename, content: RELEASE.content };
  const server = await simpleIndex('my-pkg', [release], {});
  expect(await open(server.url, {})).toMatchObject({ ok: true, value: { date: null } });
});

it('of several kinds of archive the usual one is taken, of a stated hash that file', async () => {
  const zip = makeArchive([{ name: 'my.pkg-1.0/setup.py', content: 'zip' }], 'zip');
  const wheel = { filename: 'my_pkg-1.0-py3-none-any.whl', content: zip };
  const server = await simpleIndex(
    'my-pkg',
    [wheel, { filename: 'my.pkg-1.0.zip', content: zip }, RELEASE],
    {},
  );
  expect(await open(server.url, {})).toMatchObject({
    ok: true,
    value: { facts: { file: 'My_Pkg-1.0.tar.gz' } },
  });
  expect(await open(server.url, { sha256: sha256(zip) })).toMatchObject({
    ok: true,
    value: { facts: { file: 'my.pkg-1.0.zip' } },
  });
});

it.each([
  ['1.0', '1.0.0'],
  ['v1.0', '1'],
  ['2.0-RC1', '2.0c1'],
  ['2.0.alpha.3', '2a3'],
  ['1.0-1', '1.0.post1'],
  ['1.0rev4', '1.0.post4'],
  ['20200517', '20200517'],
  ['1.0+ubuntu-1', '1.0+ubuntu.1'],
  ['1.01', '1.1'],
  ['1.0.dev', '1.0.dev0'],
])('versions %s and %s are one', (a, b) => {
  expect(versionKey(a)).toBe(versionKey(b));
});

it.each([
  ['1.0', '1.1'],
  ['1.0', '1.0rc1'],
  ['1.0rc1', '1.0b1'],
  ['1.0', '1.0.post1'],
  ['10', '1'],
  ['1!1.0', '1.0'],
])('versions %s and %s are two', (a, b) => {
  expect(versionKey(a)).not.toBe(versionKey(b));
});

it.each([
  ['check-manifest-0.48.tar.gz', 'check_manifest', '0.48'],
  ['zope.interface-5.0-1.zip', 'zope-interface', '5.0-1'],
  ['a-b-1.0.tgz', 'a', 'b-1.0'],
  ['a-1.0-py3-none-any.whl', 'a', undefined],
  ['other-1.0.tar.gz', 'a', undefined],
])('%s is read as a release of %s', (filename, project, version) => {
  expect(readSdistName(filename, project)?.version).toBe(version);
});
