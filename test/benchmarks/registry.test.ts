import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { chosenPlaces, findMigration, openBenchmark, openBenchmarks } from '../../src/benchmarks/registry.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { benchmarkOf, PYMIGBENCH_ID, pyMigBenchText } from './entries.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const nothing = { configured: [], dataDir: 'data', cwd: path.join(tmpdir(), 'mig-test-nowhere') };

const entry = (owner: string): [string, string] => [
  `toml__tomli__${owner}@repo__01234567.yaml`,
  pyMigBenchText({ repo: `${owner}/repo` }),
];
const several = openBenchmark(
  benchmarkOf('pymigbench', Object.fromEntries(['first', 'second', 'secondary'].map(entry))),
);

describe('finding a migration', () => {
  it('takes any part that one id alone holds, in any case', async () => {
    for (const part of ['first', '@repo__01234567'.replace('@', 'first@'), 'TOMLI__FIRST', 'rst@re']) {
      expect(await findMigration(part, [several]), part).toMatchObject({
        ok: true,
        value: { owner: 'first' },
      });
    }
  });

  it('prefers the whole id to a part of another, and its own case to another', async () => {
    const id = 'toml__tomli__a@repo__01234567';
    const texts = Object.fromEntries([
      entry('a'),
      entry('A'),
      [`x-${id}.yaml`, pyMigBenchText({ repo: 'a/repo', source: 'x-toml' })],
    ]);
    const benchmark = openBenchmark(benchmarkOf('pymigbench', texts));
    expect(await findMigration(id, [benchmark])).toMatchObject({ ok: true, value: { id } });
    expect(await findMigration(id.replace('@repo', '@REPO'), [benchmark])).toMatchObject({
      ok: false,
      failure: { reason: 'migration-ambiguous', candidates: [id.replace('a@', 'A@'), id] },
    });
  });

  it('lists the candidates of an ambiguous part', async () => {
    expect(await findMigration('second', [several])).toEqual({
      ok: false,
      failure: {
        class: 'config',
        reason: 'migration-ambiguous',
        id: 'second',
        candidates: ['toml__tomli__second@repo__01234567', 'toml__tomli__secondary@repo__01234567'],
      },
    });
  });

  it('does not list hundreds of candidates', async () => {
    const many = Array.from({ length: 40 }, (_, index) => entry(`owner${index}`));
    const found = await findMigration('owner', [
      openBenchmark(benchmarkOf('pymigbench', Object.fromEntries(many))),
    ]);
    expect(found.ok).toBe(false);
    if (!found.ok) expect(failureMessage(found.failure)).toContain('and 30 more');
  });

  it.each([
    ['toml__tomli__frist@repo__01234567', 'first'],
    ['frist', 'first'],
    ['secnod@repo', 'second'],
    ['toml__tomli__first@repo__01234568', 'first'],
  ])('suggests for %s the id of %s', async (part, owner) => {
    const found = await findMigration(part, [several]);
    expect(found).toMatchObject({ ok: false, failure: { reason: 'migration-unknown', class: 'config' } });
    if (!found.ok && found.failure.reason === 'migration-unknown') {
      expect(found.failure.nearest[0]).toContain(`__${owner}@`);
    }
  });

  it('suggests nothing where nothing is near, and takes no empty part', async () => {
    for (const part of ['kubernetes-operator', '']) {
      expect(await findMigration(part, [several])).toMatchObject({
        ok: false,
        failure: { reason: 'migration-unknown', nearest: [] },
      });
    }
  });

  it('says what is wrong with the entry that was meant', async () => {
    const broken = openBenchmark(benchmarkOf('manifest', { 'my-own.yaml': 'source: 5\n' }));
    expect(await findMigration('my-own', [several, broken])).toMatchObject({
      ok: false,
      failure: { reason: 'config-invalid' },
    });
    expect(await findMigration('first', [broken, several])).toMatchObject({ ok: true });
  });

  it('says that a benchmark is absent only to who asks for what may be in it', async () => {
    const absent = openBenchmark({ name: 'own', kind: 'manifest', dir: '/nowhere' });
    expect(await findMigration('first', [absent, several])).toMatchObject({ ok: true });
    expect(await findMigration('other', [absent, several])).toMatchObject({
      ok: false,
      failure: { reason: 'benchmark-missing' },
    });
  });

  it('refuses an id that two benchmarks have', async () => {
    const again = openBenchmark({
      ...benchmarkOf('pymigbench', Object.fromEntries([entry('first')])),
      name: 'copy',
    });
    expect(await findMigration('toml__tomli__first@repo__01234567', [several, again])).toMatchObject({
      ok: false,
      failure: { reason: 'benchmark-id-clash', class: 'infra' },
    });
  });
});

describe('the configured benchmarks', () => {
  it('are the bundled ones, without PyMigBench where it was not fetched', async () => {
    const opened = await openBenchmarks(nothing);
    if (!opened.ok) throw new Error(opened.failure.reason);
    expect(opened.value.map(({ place }) => place.name)).toEqual(['examples', 'pypi', 'generated']);
  });

  it('include PyMigBench once it lies below the data folder', async () => {
    const cwd = scratchFolder();
    const dir = path.join(cwd, 'data/benchmarks/pymigbench/data/migration');
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, `${PYMIGBENCH_ID}.yaml`), pyMigBenchText());
    const opened = await openBenchmarks({ ...nothing, cwd });
    if (!opened.ok) throw new Error(opened.failure.reason);
    expect(await findMigration(PYMIGBENCH_ID, opened.value)).toMatchObject({
      ok: true,
      value: { benchmark: 'pymigbench' },
    });
  });

  it('include those of the configuration, whose folders are relative to the working folder', () => {
    const configured = [{ name: 'mine', kind: 'manifest' as const, dir: 'bench' }];
    const places = chosenPlaces({ ...nothing, configured });
    expect(places.ok && places.value.at(-1)).toEqual({
      name: 'mine',
      kind: 'manifest',
      dir: path.join(nothing.cwd, 'bench'),
    });
  });

  it('fail where one that was configured is absent', async () => {
    const opened = await openBenchmarks({
      ...nothing,
      configured: [{ name: 'mine', kind: 'manifest', dir: 'bench' }],
    });
    if (!opened.ok) throw new Error(opened.failure.reason);
    expect(await opened.value.at(-1)?.list()).toMatchObject({
      ok: false,
      failure: { reason: 'benchmark-missing' },
    });
  });

  it('can be narrowed to one; another name is unknown', () => {
    expect(chosenPlaces({ ...nothing, only: 'pypi' })).toMatchObject({ ok: true, value: [{ name: 'pypi' }] });
    expect(chosenPlaces({ ...nothing, only: 'pipy' })).toMatchObject({
      ok: false,
      failure: { reason: 'benchmark-unknown', known: ['examples', 'pypi', 'generated', 'pymigbench'] },
    });
  });

  it('can be one folder, of entries or of the clone around them, whose form is seen in it', () => {
    const { dir } = benchmarkOf('pymigbench', { [`data/migration/${PYMIGBENCH_ID}.yaml`]: pyMigBenchText() });
    const inside = path.join(dir, 'data/migration');
    for (const given of [{ dir }, { dir: inside }, { dir, only: 'pymigbench' }]) {
      expect(chosenPlaces({ ...nothing, ...given })).toMatchObject({
        ok: true,
        value: [{ kind: 'pymigbench', dir: inside }],
      });
    }
    const own = benchmarkOf('manifest', { 'a.yaml': 'source: {}\n' });
    expect(chosenPlaces({ ...nothing, dir: own.dir })).toMatchObject({
      ok: true,
      value: [{ kind: 'manifest', dir: own.dir }],
    });
  });
});
