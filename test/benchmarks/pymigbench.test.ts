import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EntryFailure } from '../../src/benchmarks/benchmark.ts';
import { openPyMigBench } from '../../src/benchmarks/pymigbench.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { benchmarkOf, COMMIT, PYMIGBENCH_ID, pyMigBenchText } from './entries.ts';
import { scratchFolder } from '../rigs/scratch.ts';

async function failureOf(text: string, name = `${PYMIGBENCH_ID}.yaml`): Promise<EntryFailure> {
  const listed = await openPyMigBench(benchmarkOf('pymigbench', { [name]: text })).list();
  if (!listed.ok) throw new Error(listed.failure.reason);
  expect(listed.value.migrations).toEqual([]);
  expect(listed.value.problems).toHaveLength(1);
  return listed.value.problems[0]!.failure;
}

describe('an entry of PyMigBench', () => {
  it('becomes a migration from the parent of its commit to the commit', async () => {
    const benchmark = openPyMigBench(
      benchmarkOf('pymigbench', { [`${PYMIGBENCH_ID}.yaml`]: pyMigBenchText() }),
    );
    const found = await benchmark.find(PYMIGBENCH_ID);
    expect(found).toMatchObject({
      ok: true,
      value: {
        id: PYMIGBENCH_ID,
        kind: 'swap',
        owner: 'owner',
        repo: 'repo',
        sha8: '01234567',
        before: { kind: 'git', url: null, commit: COMMIT, parentOf: true },
        after: { kind: 'git', url: null, commit: COMMIT, parentOf: false },
        source: [{ name: 'toml', importNames: ['toml'], provenance: 'unknown' }],
        labels: [
          { path: 'src/a b/{x}.py', changes: [{ isImport: false, before: [[1, 1]], after: [[1, 1]] }] },
        ],
        domain: 'Configuration',
      },
    });
  });

  it('takes import names from its import changes', async () => {
    const text = pyMigBenchText(
      { source: 'pyopenssl', target: 'slackclient' },
      {
        cardinality: 'not applicable',
        source_program_elements: ['import'],
        target_program_elements: ['import'],
        source_apis: ['OpenSSL.crypto'],
        target_apis: ['slack.WebClient'],
      },
    );
    const id = 'pyopenssl__slackclient__owner@repo__01234567';
    const found = await openPyMigBench(benchmarkOf('pymigbench', { [`${id}.yaml`]: text })).find(id);
    expect(found).toMatchObject({
      ok: true,
      value: { source: [{ importNames: ['OpenSSL'] }], target: [{ importNames: ['slack'] }] },
    });
  });

  it.each([
    ['../x/y', 'repo'],
    ['a/b/c', 'repo'],
    ['../x', 'repo'],
    ['a/..', 'repo'],
    ['a/.', 'repo'],
    ['/etc', 'repo'],
    ['a\\b/c', 'repo'],
    ['-upload-pack/x', 'repo'],
  ])('with the repository %s is refused', async (repo, key) => {
    const failure = await failureOf(pyMigBenchText({ repo }));
    expect(failure).toMatchObject({
      reason: 'benchmark-entry-invalid',
      line: 1,
      problem: expect.stringContaining(key) as string,
    });
  });

  it.each([
    ['a short commit', { commit: '01234567' }, 'commit'],
    ['an upper-case commit', { commit: COMMIT.toUpperCase() }, 'commit'],
    ['a library that is a path', { source: '../toml' }, 'source'],
    ['a missing key', { domain: undefined }, 'domain'],
    ['another key', { stars: 5 }, 'unknown key'],
    ['a number for a name', { target: 5 }, 'target'],
    ['an address without a scheme', { commit_url: 'file:///etc/passwd' }, 'commit_url'],
  ])('with %s is refused', async (_, entry, words) => {
    const text = pyMigBenchText(entry)
      .split('\n')
      .filter((line) => !line.endsWith('undefined'))
      .join('\n');
    const failure = await failureOf(text);
    expect(failureMessage(failure)).toContain(words);
    expect(failure.class).toBe('infra');
  });

  it.each([
    ['a cardinality that its APIs do not have', { cardinality: 'one-to-many' }, 'cardinality'],
    ['an import change with a cardinality', { source_program_elements: ['import'] }, 'not applicable'],
    ['"not applicable" without an import', { cardinality: 'not applicable' }, 'one-to-one'],
    ['lines removed and no API', { cardinality: 'zero-to-one', source_apis: [] }, 'source_apis'],
    ['APIs added and no line', { line: '1:' }, 'target_apis'],
    ['a line of no shape', { line: '1-:2' }, 'line'],
    ['a line that is a number', { line: 12 }, 'line'],
    ['an API that is no text', { source_apis: [null] }, 'source_apis'],
  ])('with %s is refused, file and line named', async (_, change, words) => {
    const failure = await failureOf(pyMigBenchText({}, change));
    const message = failureMessage(failure);
    expect(message).toContain(words);
    expect(message).toMatch(new RegExp(`${PYMIGBENCH_ID}\\.yaml:\\d+:\\d+: `));
    expect(failure).toMatchObject({ reason: 'benchmark-entry-invalid' });
    if (failure.reason === 'benchmark-entry-invalid') expect(failure.line).toBeGreaterThan(8);
  });

  it.each(['/etc/passwd', '../x.py', 'a/../../x.py', 'a\\b.py', 'C:/x.py'])(
    'with a labelled path %s is refused',
    async (bad) => {
      const failure = await failureOf(
        pyMigBenchText().replace('src/a b/{x}.py', bad.replaceAll('\\', '\\\\')),
      );
      expect(failureMessage(failure)).toContain('inside the tree');
    },
  );

  it.each([
    ['a tag', 'repo: !!python/object/apply:os.system ["true"]\n'],
    ['a doubled key', `${pyMigBenchText()}repo: other/one\n`],
    ['half a file', pyMigBenchText().slice(0, 300)],
    ['an empty file', ''],
    ['a list', '- 1\n'],
    ['an alias bomb', bomb()],
  ])('made of %s is a problem and no crash', async (_, text) => {
    const failure = await failureOf(text);
    expect(failure).toMatchObject({ reason: 'benchmark-entry-invalid', class: 'infra' });
  });

  it('that is not UTF-8 is a problem', async () => {
    const place = benchmarkOf('pymigbench', {});
    writeFileSync(path.join(place.dir, `${PYMIGBENCH_ID}.yaml`), Buffer.from([0xff, 0xfe, 0x00]));
    const listed = await openPyMigBench(place).list();
    expect(listed).toMatchObject({
      ok: true,
      value: { problems: [{ failure: { problem: 'it is not UTF-8 text' } }] },
    });
  });

  it('under the name of another id is refused', async () => {
    const failure = await failureOf(pyMigBenchText(), 'toml__tomli__owner@other__01234567.yaml');
    expect(failureMessage(failure)).toContain(PYMIGBENCH_ID);
  });

  it('in a file whose name is no id is refused', async () => {
    const failure = await failureOf(pyMigBenchText(), 'first.yaml');
    expect(failureMessage(failure)).toContain('not named');
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

describe('the folder of PyMigBench', () => {
  it('that is absent, empty or a file is said to be so', async () => {
    const file = path.join(scratchFolder(), 'file');
    writeFileSync(file, '');
    for (const [dir, words] of [
      ['/nowhere/at/all', 'not there'],
      [file, 'not a folder'],
      [path.dirname(file), 'no YAML'],
    ] as const) {
      const listed = await openPyMigBench({ name: 'pymigbench', kind: 'pymigbench', dir }).list();
      expect(listed).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'benchmark-missing' } });
      if (!listed.ok) expect(failureMessage(listed.failure)).toContain(words);
    }
  });

  it('reads only the entry that was asked for', async () => {
    const other = 'toml__tomli__owner@other__01234567.yaml';
    const place = benchmarkOf('pymigbench', {
      [`${PYMIGBENCH_ID}.yaml`]: pyMigBenchText(),
      [other]: 'broken: [',
    });
    expect(await openPyMigBench(place).find('@repo__')).toMatchObject({ ok: true });
    expect(await openPyMigBench(place).find('@other__')).toMatchObject({
      ok: false,
      failure: { reason: 'benchmark-entry-invalid' },
    });
  });

  it('that holds one id twice uses neither', async () => {
    const place = benchmarkOf('pymigbench', {
      [`${PYMIGBENCH_ID}.yaml`]: pyMigBenchText(),
      [`${PYMIGBENCH_ID}.yml`]: pyMigBenchText(),
    });
    const listed = await openPyMigBench(place).list();
    expect(listed).toMatchObject({ ok: true, value: { migrations: [] } });
    if (listed.ok)
      expect(listed.value.problems.map(({ failure }) => failure.reason)).toEqual(
        Array(2).fill('benchmark-id-clash'),
      );
  });
});

const whole = path.resolve(packageRoot(), '../shared/pymigbench/data/migration');
describe.runIf(existsSync(whole))('the whole data set', () => {
  const place = { name: 'pymigbench', kind: 'pymigbench', dir: whole } as const;

  it('has 321 entries, all of which load, with ids that are unique', async () => {
    const listed = await openPyMigBench(place).list();
    if (!listed.ok) throw new Error(listed.failure.reason);
    expect(listed.value.problems).toEqual([]);
    const { migrations } = listed.value;
    expect(migrations).toHaveLength(321);
    expect(new Set(migrations.map(({ id }) => id)).size).toBe(321);
    expect(new Set(migrations.map(({ owner, repo }) => `${owner}/${repo}`)).size).toBe(300);
    expect(new Set(migrations.map(({ after }) => (after.kind === 'git' ? after.commit : ''))).size).toBe(320);
    const files = migrations.flatMap(({ labels }) => (typeof labels === 'string' ? [] : labels));
    expect(files).toHaveLength(694);
    const changes = files.flatMap((file) => file.changes);
    expect(changes).toHaveLength(2989);
    expect(changes.filter(({ isImport }) => isImport)).toHaveLength(732);
  });

  it('gives every library a name to import it by, and the known odd ones their own', async () => {
    const listed = await openPyMigBench(place).list();
    if (!listed.ok) throw new Error(listed.failure.reason);
    const names = new Map<string, Set<string>>();
    for (const { name, importNames } of listed.value.migrations.flatMap(({ source, target }) => [
      source[0],
      target[0],
    ])) {
      expect(importNames.length).toBeGreaterThan(0);
      for (const imported of importNames) {
        expect(imported).toMatch(/^[A-Za-z_][\w.]*$/);
        names.set(name, (names.get(name) ?? new Set()).add(imported));
      }
    }
    const due: Record<string, string[]> = {
      pyyaml: ['yaml'],
      attrs: ['attr'],
      pyopenssl: ['OpenSSL'],
      pycryptodome: ['Crypto'],
      'ruamel.yaml': ['ruamel.yaml'],
      unicodecsv: ['unicodecsv'],
      rapidjson: ['rapidjson'],
      aiohttp: ['aiohttp'],
      celery: ['celery'],
      django: ['django'],
      requests: ['requests'],
      'kafka-python': ['kafka'],
      'gcloud-aio-core': ['gcloud.aio'],
    };
    for (const [name, imports] of Object.entries(due))
      expect([...(names.get(name) ?? [])].sort(), name).toEqual(imports);
  });

  it('keeps 320 when one is cut in half', async () => {
    const dir = scratchFolder();
    for (const name of readdirSync(whole)) copyFileSync(path.join(whole, name), path.join(dir, name));
    const victim = path.join(dir, readdirSync(whole).sort()[100] ?? '');
    writeFileSync(victim, `${readFileSync(victim, 'utf8').slice(0, 400)}\n  - [`);
    const listed = await openPyMigBench({ ...place, dir }).list();
    if (!listed.ok) throw new Error(listed.failure.reason);
    expect(listed.value.migrations).toHaveLength(320);
    expect(listed.value.problems.map(({ file }) => file)).toEqual([victim]);
  });

  it('tells two migrations of one commit apart', async () => {
    const index = await openPyMigBench(place).index();
    if (!index.ok) throw new Error(index.failure.reason);
    expect(index.value.refs.filter(({ id }) => id.endsWith('__3abbc431'))).toHaveLength(2);
    expect(await openPyMigBench(place).find('3abbc431')).toMatchObject({
      ok: false,
      failure: { reason: 'migration-ambiguous' },
    });
  });
});
