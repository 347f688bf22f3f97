import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EntryFailure } from '../../src/benchmarks/benchmark.ts';
import { openManifests } from '../../src/benchmarks/manifest.ts';
import type { Migration } from '../../src/model/migration.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { benchmarkOf, COMMIT } from './entries.ts';

const SDISTS = `source: {library: toml, version: 0.10.2, imports: [toml]}
target: {library: tomli, version: 1.2.1, imports: [tomli]}
before: {sdist: towncrier, version: 21.3.0}
after: {sdist: towncrier, version: 21.9.0}
`;

async function read(text: string, name = 'one.yaml'): Promise<Migration> {
  const listed = await openManifests(benchmarkOf('manifest', { [name]: text })).list();
  if (!listed.ok) throw new Error(listed.failure.reason);
  expect(listed.value.problems.map(({ failure }) => failureMessage(failure))).toEqual([]);
  return listed.value.migrations[0]!;
}

async function refused(text: string, name = 'one.yaml'): Promise<EntryFailure> {
  const listed = await openManifests(benchmarkOf('manifest', { [name]: text })).list();
  if (!listed.ok) throw new Error(listed.failure.reason);
  expect(listed.value.migrations).toEqual([]);
  return listed.value.problems[0]!.failure;
}

describe('a manifest', () => {
  it('of the form that the README shows is read', async () => {
    const readme = readFileSync(path.join(packageRoot(), 'config', 'benchmarks', 'README.md'), 'utf8');
    const form = /```yaml\n([^]*?)```/.exec(readme)?.[1] ?? '';
    const migration = await read(form.replaceAll('"..."', `"${'0'.repeat(64)}"`));
    expect(migration).toMatchObject({ repo: 'towncrier', date: '2021-10-01T23:59:59Z', domain: 'Utility' });
  });

  it('of its least form has everything else by default', async () => {
    const migration = await read(SDISTS);
    expect(migration).toMatchObject({
      kind: 'swap',
      owner: 'pypi',
      repo: 'towncrier',
      before: { kind: 'sdist', name: 'towncrier', version: '21.3.0', sha256: null },
      date: null,
      python: 'auto',
      requirements: { both: [], before: [], after: [] },
      pythonpath: null,
      tests: { paths: null, args: [] },
      labels: 'derived',
      domain: null,
    });
    expect(migration.id).toMatch(/^toml__tomli__pypi@towncrier__[0-9a-f]{8}$/);
  });

  it('of the whole form keeps every field', async () => {
    const hash = 'a'.repeat(64);
    const migration = await read(
      `id: toml__tomli__pypi@towncrier__1a2b3c4d
source:
  - {library: toml, version: "0.10", imports: [toml]}
  - {library: incremental}
target: {library: tomllib, version: stdlib, imports: [tomllib, tomli]}
before: {sdist: towncrier, version: 21.3.0, sha256: ${hash}}
after: {sdist: towncrier, version: 21.9.0, sha256: ${hash}}
date: 2021-10-01
python: "3.10"
requirements: {both: [pytest], before: ["toml==0.10"], after: ["tomli>=1; python_version<'3.11'"]}
pythonpath: [src, .]
tests: {paths: [src/towncrier/test], args: [-o, addopts=]}
labels: all
domain: Utility
`.replace('id: toml__tomli__', 'id: toml__tomllib__'),
    );
    expect(migration).toMatchObject({
      id: 'toml__tomllib__pypi@towncrier__1a2b3c4d',
      source: [
        { name: 'toml', version: '0.10', importNames: ['toml'], provenance: 'pinned' },
        { name: 'incremental', version: null, importNames: ['incremental'], provenance: 'unknown' },
      ],
      target: [{ name: 'tomllib', version: null, importNames: ['tomllib', 'tomli'], provenance: 'stdlib' }],
      before: { sha256: hash },
      date: '2021-10-01T23:59:59Z',
      python: '3.10',
      requirements: { both: ['pytest'], before: ['toml==0.10'], after: ["tomli>=1; python_version<'3.11'"] },
      pythonpath: ['src', '.'],
      tests: { paths: ['src/towncrier/test'], args: ['-o', 'addopts='] },
      labels: 'all',
      domain: 'Utility',
    });
  });

  it('within one library is an upgrade, however its name is written', async () => {
    const text = SDISTS.replace('library: toml,', 'library: Ruamel.YAML,').replace(
      'library: tomli,',
      'library: ruamel_yaml,',
    );
    expect((await read(text)).kind).toBe('upgrade');
  });

  it('may state labels in the form of PyMigBench', async () => {
    const { labels } = await read(`${SDISTS}labels:
- path: a.py
  code_changes:
  - {line: "1:1", cardinality: not applicable, source_program_elements: [import], target_program_elements: [import], properties: [], source_apis: [toml], target_apis: [tomli]}
`);
    expect(labels).toMatchObject([{ path: 'a.py', changes: [{ isImport: true }] }]);
  });

  it('may list requirements for both environments at once', async () => {
    expect((await read(`${SDISTS}requirements: [hypothesis]\n`)).requirements).toEqual({
      both: ['hypothesis'],
      before: [],
      after: [],
    });
  });

  it.each([
    ['2021-10-01T12:00:00Z', '2021-10-01T12:00:00Z'],
    ['2021-10-01T12:00+02:00', '2021-10-01T10:00:00Z'],
    ['2020-02-29', '2020-02-29T23:59:59Z'],
  ])('dated %s means %s', async (written, instant) => {
    expect((await read(`${SDISTS}date: ${written}\n`)).date).toBe(instant);
  });

  it('has an id that follows from its trees and from nothing else', async () => {
    const id = (await read(SDISTS)).id;
    expect((await read(`# a comment\n${SDISTS}date: 2021-10-01\n`)).id).toBe(id);
    expect((await read(SDISTS.replace('21.3.0', '21.3.1'))).id).not.toBe(id);
    const swapped = `${SDISTS.split('\n').slice(0, 2).join('\n')}
after: {version: 21.9.0, sdist: towncrier}
before: {version: 21.3.0, sdist: towncrier}
`;
    expect((await read(swapped)).id).toBe(id);
  });

  it.each([
    ['https://example.org/owner/repo.git', 'owner', 'repo', 'https://example.org/owner/repo.git'],
    ['git@example.org:group/owner/repo', 'owner', 'repo', 'git@example.org:group/owner/repo'],
    ['ssh://git@example.org/owner/repo/', 'owner', 'repo', 'ssh://git@example.org/owner/repo/'],
    ['../clones/repo', 'local', 'repo', null],
    ['file:///srv/git/repo.git', 'local', 'repo', 'file:///srv/git/repo.git'],
  ])('from git at %s is %s@%s', async (url, owner, repo, expected) => {
    const text = SDISTS.replace(
      /before[^]*/,
      `before: {git: "${url}", commit: ${COMMIT}}\nafter: {git: "${url}", commit: "${'f'.repeat(40)}"}\n`,
    );
    const migration = await read(text);
    expect(migration).toMatchObject({
      owner,
      repo,
      sha8: 'ffffffff',
      after: { kind: 'git', parentOf: false },
    });
    const given = migration.before.kind === 'git' ? migration.before.url : '';
    const folder = path.resolve(path.dirname(migration.entry.file), url);
    expect(given).toBe(expected ?? folder);
  });

  it('from two folders finds them beside itself and takes its name from theirs', async () => {
    const text = SDISTS.replace(/before[^]*/, 'before: {path: demo/before}\nafter: {path: demo/after}\n');
    const migration = await read(text);
    const dir = path.dirname(migration.entry.file);
    expect(migration).toMatchObject({
      owner: 'local',
      repo: 'demo',
      before: { kind: 'path', dir: path.join(dir, 'demo/before') },
      after: { kind: 'path', dir: path.join(dir, 'demo/after') },
    });
    expect((await read(text)).id).toBe(migration.id);
  });

  it('may take its two trees from different kinds of places', async () => {
    const text = SDISTS.replace('{sdist: towncrier, version: 21.3.0}', '{path: old}');
    expect(await read(text)).toMatchObject({
      before: { kind: 'path' },
      after: { kind: 'sdist' },
      owner: 'pypi',
    });
  });

  it.each([
    ['pyton: "3.11"\n', 5, 1, 'pyton', 'python'],
    ['test: {paths: [a]}\n', 5, 1, 'test', 'tests'],
    ['tests:\n  pahts: [a]\n', 6, 3, 'tests.pahts', 'paths'],
    ['requirements:\n  befor: [a]\n', 6, 3, 'requirements.befor', 'before'],
  ])(
    'with an unknown key %j names line, column and the nearest key',
    async (more, line, column, key, nearest) => {
      expect(await refused(SDISTS + more)).toMatchObject({
        reason: 'config-invalid',
        class: 'config',
        line,
        column,
        key,
        nearest,
      });
    },
  );

  it.each([
    ['source: {library', 'source: {libary', 'source.libary', 'library'],
    ['before: {sdist: towncrier, version', 'before: {sdist: towncrier, verson', 'before.verson', 'version'],
    ['after: {sdist: towncrier, version: 21.9.0', 'after: {path: x, sha265: y', 'after.sha265', 'sha256'],
    ['target: {library: tomli', 'traget: {library: tomli', 'traget', 'target'],
  ])('with a key misspelt that is needed names the misspelling (%#)', async (good, bad, key, nearest) => {
    expect(await refused(SDISTS.replace(good, bad))).toMatchObject({
      reason: 'config-invalid',
      key,
      nearest,
    });
  });

  it.each([
    ['version: 1.10}', 'quotes', SDISTS.replace('version: 21.9.0}', 'version: 1.10}')],
    ['python: 3.10', 'quotes', `${SDISTS}python: 3.10\n`],
    ['python: three', 'neither auto', `${SDISTS}python: three\n`],
    ['date: yesterday', 'neither a day', `${SDISTS}date: yesterday\n`],
    ['date: 2021-02-30', 'neither a day', `${SDISTS}date: 2021-02-30\n`],
    ['date without zone', 'neither a day', `${SDISTS}date: 2021-02-03T10:00:00\n`],
    ['tests above the tree', 'inside the tree', `${SDISTS}tests: {paths: [../x]}\n`],
    ['an absolute pythonpath', 'inside the tree', `${SDISTS}pythonpath: [/etc]\n`],
    ['a requirement that is an option', 'requirement', `${SDISTS}requirements: [--index-url=x]\n`],
    [
      'a tree of two kinds',
      'one of sdist, git and path',
      SDISTS.replace('{sdist: towncrier, version: 21.3.0}', '{sdist: a, path: b}'),
    ],
    [
      'a tree of no kind',
      'one of sdist, git and path',
      SDISTS.replace('{sdist: towncrier, version: 21.3.0}', '{}'),
    ],
    ['no tree', 'one of sdist, git and path', SDISTS.replace(/before.*\n/, '')],
    ['a short hash', 'sha256', SDISTS.replace('21.3.0}', '21.3.0, sha256: abc}')],
    [
      'a short commit',
      'commit',
      SDISTS.replace('{sdist: towncrier, version: 21.3.0}', '{git: x, commit: abc}'),
    ],
    [
      'an address that is an option',
      'address',
      SDISTS.replace('{sdist: towncrier, version: 21.3.0}', `{git: --upload-pack=x, commit: ${COMMIT}}`),
    ],
    [
      'an address that runs a command',
      'address',
      SDISTS.replace('{sdist: towncrier, version: 21.3.0}', `{git: "ext::sh -c x", commit: ${COMMIT}}`),
    ],
    [
      'a package that is a path',
      'package',
      SDISTS.replace('sdist: towncrier, version: 21.3.0', 'sdist: ../x, version: "1"'),
    ],
    ['no libraries', 'source', SDISTS.replace(/source.*\n/, 'source: []\n')],
    ['an import name that is none', 'module', SDISTS.replace('[toml]', '["to ml"]')],
    ['labels of another word', 'labels', `${SDISTS}labels: some\n`],
    ['an id of no form', 'is not <source>', `id: toml-tomli\n${SDISTS}`],
    ['an id that leads out', 'is not <source>', `id: toml__tomli__pypi@..__0123abcd\n${SDISTS}`],
    ['an id of other libraries', 'does not begin', `id: toml__pyyaml__pypi@towncrier__0123abcd\n${SDISTS}`],
  ])('with %s is refused', async (_, words, text) => {
    const failure = await refused(text);
    expect(failure).toMatchObject({ reason: 'config-invalid', class: 'config' });
    if (failure.reason !== 'config-invalid') return;
    expect(`${failure.key}: ${failure.problem}`).toContain(words);
    expect(failure.line).toBeGreaterThan(0);
  });

  it('in a file named after an id must be that migration', async () => {
    const name = 'toml__tomli__pypi@towncrier__00000000.yaml';
    const failure = await refused(SDISTS, name);
    expect(failureMessage(failure)).toContain('another id');
    expect((await read(`id: ${name.slice(0, -5)}\n${SDISTS}`, name)).id).toBe(name.slice(0, -5));
  });

  it('with the id of another one is used as little as that', async () => {
    const place = benchmarkOf('manifest', {
      'a.yaml': SDISTS,
      'b.yaml': SDISTS,
      'c.yaml': SDISTS.replace('21.3.0', '21.2.0'),
    });
    const listed = await openManifests(place).list();
    if (!listed.ok) throw new Error(listed.failure.reason);
    expect(listed.value.migrations).toHaveLength(1);
    expect(listed.value.problems.map(({ file }) => path.basename(file))).toEqual(['a.yaml', 'b.yaml']);
  });
});
