import { describe, expect, it } from 'vitest';
import { sharesImportName, layerOf, type LayerInput } from '../../src/environments/gone.ts';
import { confirmedNames, installedDistribution } from '../../src/environments/installed.ts';
import { hashesOf, parseLock, suits, wheelsLock } from '../../src/environments/lock.ts';
import { NO_FACTS } from '../../src/environments/manifests/facts.ts';
import { rolesOf } from '../../src/environments/plan.ts';
import { requirementText } from '../../src/environments/requirement.ts';
import { needsOf, type NeedsInput } from '../../src/environments/requirements.ts';
import {
  importPath,
  isTestPath,
  projectRoot,
  selectTests,
  testedRoot,
} from '../../src/environments/selection.ts';
import type { Library } from '../../src/model/library.ts';

const library = (name: string, version: string | null = null, more: Partial<Library> = {}): Library => ({
  name,
  importNames: [name],
  version,
  constraint: null,
  provenance: version === null ? 'unknown' : 'pinned',
  ...more,
});
const input = (more: Partial<NeedsInput> = {}): NeedsInput => ({
  migration: {
    source: [library('toml', '0.10.2')],
    target: [library('tomli')],
    kind: 'swap',
    requirements: { both: [], before: [], after: [] },
  },
  before: NO_FACTS,
  after: NO_FACTS,
  python2: false,
  pins: 'kept',
  onlyStated: false,
  ...more,
});
const texts = (given: NeedsInput, role: 'ab' | 'a' | 'b' = 'ab'): string[] =>
  needsOf(given, role).requirements.map(requirementText).sort();

describe('what an environment asks for', () => {
  it('is the union of both trees with A, B and a test runner; tools and back-ports are left out', () => {
    const given = input({
      before: {
        ...NO_FACTS,
        name: 'self',
        runtime: ['six', 'toml', 'enum34', 'self'],
        test: ['flake8', 'mock'],
      },
      after: { ...NO_FACTS, runtime: ['six', 'tomli==1.1'] },
    });
    expect(texts(given)).toEqual(['mock', 'pytest', 'six', 'toml==0.10.2', 'tomli==1.1']);
    expect(needsOf(given, 'ab').leftOut).toHaveLength(3);
  });

  it('takes the word of the migration over the trees, and its test environment whole', () => {
    const { migration } = input();
    const given = input({
      migration: {
        ...migration,
        requirements: { both: ['pytest==7.2', 'six'], before: ['toml==0.10.0'], after: [] },
      },
      before: { ...NO_FACTS, runtime: ['six==1.0', 'click'], test: ['mock'] },
    });
    expect(texts(given)).toEqual(['click', 'pytest==7.2', 'six', 'toml==0.10.0', 'tomli']);
    expect(texts(given, 'b')).toEqual(['click', 'pytest==7.2', 'six', 'tomli']);
  });

  it('asks for names alone on a late rung, and for back-ports on Python 2', () => {
    const before = { ...NO_FACTS, runtime: ['six==1.0', 'enum34'] };
    expect(texts(input({ before, pins: 'names-only' }))).toContain('six');
    expect(texts(input({ before, python2: true }))).toContain('enum34');
  });

  it.each([
    ['ipaddress', true, ['ipaddress', 'pytest', 'toml==0.10.2']],
    ['ipaddress', false, ['pytest', 'toml==0.10.2']],
    ['json', true, ['pytest', 'toml==0.10.2']],
  ])(
    'takes %s from a distribution on Python 2 (%s), where only a Python 3 has it',
    (name, python2, expected) => {
      const { migration } = input();
      const target = [library(name, null, { provenance: 'stdlib' })] as const;
      expect(texts(input({ migration: { ...migration, target }, python2 }))).toEqual(expected);
    },
  );

  it('does not ask for modules of the standard library', () => {
    const migration = {
      ...input().migration,
      source: [library('optparse', null, { provenance: 'stdlib' })] as const,
    };
    expect(texts(input({ migration }))).toEqual(['pytest', 'tomli']);
  });
});

describe('environments and layers', () => {
  it('are two for an upgrade and for a shared import name, else one', () => {
    const swap = { kind: 'swap', source: [library('a')], target: [library('b')] } as const;
    expect(rolesOf(swap)).toEqual(['ab']);
    expect(rolesOf({ ...swap, kind: 'upgrade' })).toEqual(['a', 'b']);
    const crypto = { importNames: ['Crypto'] };
    expect(
      rolesOf({ ...swap, source: [library('p', null, crypto)], target: [library('q', null, crypto)] }),
    ).toEqual(['a', 'b']);
    expect(sharesImportName(['a'], ['a.b'])).toBe(false);
  });

  const base: LayerInput = {
    kind: 'swap',
    sourceDistributions: ['toml'],
    sourceNames: ['toml'],
    targetNames: ['tomli'],
    installed: [],
    statedForBoth: [],
    testNames: new Set(),
  };
  const user = { name: 'other', version: '1', needs: ['toml'], modules: [] };
  it.each([
    ['gone', base],
    ['blocked', { ...base, installed: [user] }],
    ['blocked', { ...base, testNames: new Set(['toml']) }],
    ['blocked', { ...base, statedForBoth: ['toml'] }],
    ['blocked', { ...base, sourceDistributions: [] }],
    ['none', { ...base, kind: 'upgrade' as const }],
    ['none', { ...base, targetNames: ['toml'] }],
  ])('A is %s', (block, given) => {
    expect(layerOf(given).block).toBe(block);
  });
});

describe('what is installed', () => {
  const metadata =
    'Name: PyYAML\nVersion: 6.0\nRequires-Dist: a ; extra == "x"\nRequires-Dist: b ; python_version < "3.8"\nRequires-Dist: c>1\n\nText';
  const found = installedDistribution(
    metadata,
    'yaml/__init__.py,,\n_yaml/__init__.py,,\nyaml/a.py,,\n../../bin/x,,\n',
    {
      major: 3,
      minor: 11,
    },
  );

  it('is read from METADATA and RECORD; markers of the interpreter hold', () => {
    expect(found).toEqual({
      name: 'pyyaml',
      version: '6.0',
      needs: ['c'],
      modules: ['_yaml', 'yaml', 'yaml.a'],
    });
  });

  it('confirms hinted import names, and corrects them', () => {
    expect(confirmedNames(['yaml'], found)).toEqual(['yaml']);
    expect(confirmedNames(['pyyaml'], found)).toEqual(['yaml']);
    expect(confirmedNames(['pyyaml'], undefined)).toEqual(['pyyaml']);
  });
});

describe('a lock', () => {
  it('is read as uv writes it, and written with wheels alone', () => {
    const text = `lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1"\nsdist = { url = "https://h/a-1.tar.gz", hashes = { sha256 = "s" } }\nwheels = [{ url = "https://h/a-1-py3-none-any.whl", hashes = { sha256 = "w" } }]\n`;
    const [one] = parseLock(text)!;
    expect(hashesOf(one!)).toEqual(['sha256:s', 'sha256:w']);
    const again = parseLock(wheelsLock([one!], '>=3.11'));
    expect(again?.[0]).toMatchObject({ name: 'a', sdist: null, wheels: [{ sha256: 'w' }] });
    expect(parseLock('no = "lock"')).toBeNull();
  });

  it.each([
    ['a-1-py3-none-any.whl', true],
    ['a-1-py2-none-any.whl', false],
    ['a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', true],
    ['a-1-cp310-cp310-manylinux_2_17_x86_64.whl', false],
    ['a-1-cp36-abi3-manylinux_2_28_x86_64.whl', true],
    ['a-1-cp311-cp311-musllinux_1_1_x86_64.whl', false],
    ['a-1-cp311-cp311-win_amd64.whl', false],
    ['a-1-cp311-cp311-manylinux_2_17_aarch64.whl', false],
    ['a-1-py312-none-any.whl', false],
  ])('%s suits Python 3.11 on this machine: %s', (name, expected) => {
    expect(suits(name, { major: 3, minor: 11 }, 'x64')).toBe(expected);
  });
});

describe('tests of a tree', () => {
  it('are where its configuration says, else in its test folders and files', () => {
    const paths = [
      'pkg/__init__.py',
      'pkg/tests/test_a.py',
      'tests/unit/test_b.py',
      'test_c.py',
      'docs/test_d.py',
    ];
    const found = selectTests('.', new Map(), paths, new Set(paths));
    expect(found.paths).toEqual(['pkg/tests', 'test_c.py', 'tests']);
    const stated = selectTests(
      '.',
      new Map([['setup.cfg', '[tool:pytest]\ntestpaths = tests nowhere\n']]),
      paths,
      new Set(paths),
    );
    expect(stated.paths).toEqual(['tests']);
    expect(found.args).toContain('--override-ini=addopts=');
  });

  it.each([
    ['deep/inner', 'deep'],
    ['deep', 'deep'],
    ['alone', '.'],
    ['.', '.'],
  ])('of a root %s without any are those of the folder %s above it', (root, expected) => {
    const paths = new Set([
      'setup.py',
      'tests/test_top.py',
      'deep/setup.py',
      'deep/tests/test_a.py',
      'deep/inner/requirements.txt',
      'deep/inner/bridge.py',
      'alone/setup.py',
      'alone/docs/test_example.py',
    ]);
    const withTests = new Set([...paths].filter((file) => file.includes('test_')));
    expect(testedRoot(root, paths, withTests)).toBe(expected);
    expect(testedRoot(root, paths, new Set())).toBe(root);
  });

  it('lie below the nearest folder with a manifest, with src on the path', () => {
    const paths = new Set(['sub/setup.py', 'sub/src/pkg/__init__.py', 'sub/src/pkg/a.py', 'README']);
    expect(projectRoot(['sub/src/pkg/a.py'], paths)).toBe('sub');
    expect(importPath('sub', paths)).toEqual(['sub', 'sub/src']);
    expect(
      isTestPath('pkg/testing/x.py') && isTestPath('a/conftest.py') && !isTestPath('pkg/latest.py'),
    ).toBe(true);
  });
});
