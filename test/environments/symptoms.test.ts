import { describe, expect, it } from 'vitest';
import { distributionOfModule, pluginOfFixture } from '../../src/environments/import-names.ts';
import { mendedPlan, NOTHING_MENDED } from '../../src/environments/mended.ts';
import { parseRequirements } from '../../src/environments/requirement.ts';
import {
  folderOfModule,
  olderRunner,
  readSymptoms,
  type Collected,
  type Situation,
} from '../../src/environments/symptoms.ts';

const SITUATION: Situation = {
  files: ['app/__init__.py', 'app/main.py', 'tests/test_app.py'],
  pythonpath: ['.'],
  pathStated: false,
  installed: new Map([['pytest', '7.4.4']]),
  modules: new Set(['pytest']),
  libraries: ['raven', 'sentry_sdk'],
  python: '3.7',
  date: '2018-05-01T00:00:00Z',
  runnerStated: false,
  django: null,
  tried: new Set(),
};

const said = (message: string, file = 'tests/test_app.py'): Collected => ({
  tests: 3,
  errors: [{ file, message }],
  messages: {},
});

describe('a missing module', () => {
  it.each([
    ['yaml', 'pyyaml'],
    ['PIL.Image', 'pillow'],
    ['google.cloud.storage.blob', 'google-cloud-storage'],
    ['requests_mock', 'requests-mock'],
    ['bs4', 'beautifulsoup4'],
    ['google', null],
    ['a_name_that_nobody_knows', null],
    ['settings', null],
  ])('%s is brought by %s', (module, distribution) => {
    expect(distributionOfModule(module)).toBe(distribution);
  });

  it.each([
    ["E   ModuleNotFoundError: No module named 'six'", ['six'], []],
    ['E   ImportError: No module named six', ['six'], []],
    ["ModuleNotFoundError: No module named 'mystery'", [], ['no distribution is known for module mystery']],
    ["ModuleNotFoundError: No module named 'urllib2'", [], ['Python 3.7 has no module urllib2']],
    ["ModuleNotFoundError: No module named 'raven.contrib'", [], []],
    ["ModuleNotFoundError: No module named 'sentry_sdk'", [], []],
  ])('%s: adds %j, notes %j', (message, add, notes) => {
    const mending = readSymptoms(said(message), SITUATION);
    expect(mending.add).toEqual(add);
    expect(mending.notes).toEqual(notes);
    expect(mending.steps).toHaveLength(add.length);
  });

  it('is asked for once, and not where it is installed or was tried', () => {
    const message = "No module named 'six'\nNo module named 'yaml'";
    const installed = new Map([...SITUATION.installed, ['pyyaml', '5.1']]);
    expect(readSymptoms(said(message), { ...SITUATION, installed }).add).toEqual(['six']);
    expect(readSymptoms(said(message), { ...SITUATION, tried: new Set(['six']) }).add).toEqual(['pyyaml']);
  });
});

describe('a missing module of the tree', () => {
  const files = [
    'code/src/engine.py',
    'other/src/engine.py',
    'code/tests/test_it.py',
    'pkg/__init__.py',
    'pkg/inner.py',
  ];
  it.each([
    ['engine', 'code/tests/test_it.py', ['.'], 'code/src'],
    ['engine', 'other/tests/test_it.py', ['.'], 'other/src'],
    ['engine', 'code/tests/test_it.py', ['.', 'code/src'], null],
    ['inner', 'code/tests/test_it.py', ['.'], null],
    ['pkg.inner', 'code/tests/test_it.py', ['.'], null],
    ['nowhere', 'code/tests/test_it.py', ['.'], null],
  ])('%s asked for by %s with %j on the path: %s', (module, asking, pythonpath, folder) => {
    expect(folderOfModule(module, asking, { files, pythonpath })).toBe(folder);
  });

  it('goes before a distribution of the same name, and a stated import path stays', () => {
    const own = { ...SITUATION, files: ['deep/six.py', 'tests/test_app.py'] };
    expect(readSymptoms(said("No module named 'six'"), own)).toMatchObject({ add: [], pythonpath: ['deep'] });
    expect(readSymptoms(said("No module named 'six'"), { ...own, pathStated: true })).toMatchObject({
      add: ['six'],
      pythonpath: [],
    });
  });
});

describe('a missing fixture', () => {
  it('is looked up among plug-ins', () => {
    const collected: Collected = {
      tests: 2,
      errors: [],
      messages: {
        'tests/test_app.py::test_a': "E       fixture 'mocker' not found",
        'tests/test_app.py::test_b': "E       fixture 'warehouse' not found",
      },
    };
    const mending = readSymptoms(collected, SITUATION);
    expect(mending.add).toEqual(['pytest-mock']);
    expect(mending.notes).toEqual(['no plug-in is known for fixture warehouse']);
    expect(pluginOfFixture('client')).toBeNull();
  });
});

describe('an older pytest', () => {
  it.each([
    ['7.4.4', '2018-05-01', '3.7', '4.6.11'],
    ['4.6.11', '2018-05-01', '3.7', '3.10.1'],
    ['4.6.11', '2018-05-01', '3.9', null],
    ['3.10.1', '2018-05-01', '3.6', null],
    ['7.4.4', '2020-01-01', '3.8', '5.4.3'],
    ['7.4.4', '2021-03-01', '3.9', '6.2.5'],
    ['7.4.4', '2018-05-01', '3.11', null],
    ['4.6.11', '2016-01-01', '2.7', '3.10.1'],
  ])('than %s at %s on Python %s is %s', (installed, date, python, version) => {
    const found = olderRunner({ ...SITUATION, installed: new Map([['pytest', installed]]), date, python });
    expect(found).toBe(version);
  });

  it.each([
    'Failed: Fixture "db" called directly. Fixtures are not meant to be called directly',
    "AttributeError: module 'pytest' has no attribute 'config'",
    "Defining 'pytest_plugins' in a non-top-level conftest is no longer supported",
    "ImportError: cannot import name 'Module' from '_pytest.python'",
    "AttributeError: 'Function' object has no attribute 'get_marker'",
  ])('is asked for by: %s', (message) => {
    expect(readSymptoms(said(message), SITUATION).pytest).toBe('4.6.11');
    expect(readSymptoms(said(message), { ...SITUATION, runnerStated: true }).pytest).toBeNull();
    expect(readSymptoms(said(message), { ...SITUATION, date: null }).pytest).toBeNull();
  });

  it('is pinned in the plan, and nothing that is asked for already is asked for twice', () => {
    const plan = {
      role: 'ab' as const,
      requirements: parseRequirements(['pytest', 'six==1.11']),
      kept: new Set<string>(),
      fixed: new Set<string>(),
      leftOut: [],
    };
    const mended = mendedPlan(plan, {
      ...NOTHING_MENDED,
      pytest: '4.6.11',
      add: parseRequirements(['six', 'mock']),
    });
    expect(mended.requirements.map(({ name, specifier }) => name + specifier)).toEqual([
      'pytest==4.6.11',
      'six==1.11',
      'mock',
    ]);
    expect(mendedPlan(plan, NOTHING_MENDED).requirements).toEqual(plan.requirements);
  });
});

describe('a relative file', () => {
  it.each([
    ["FileNotFoundError: [Errno 2] No such file or directory: 'data/a.json'", 'tests/unit'],
    ["IOError: [Errno 2] No such file or directory: u'data/a.json'", 'tests/unit'],
    ["FileNotFoundError: [Errno 2] No such file or directory: '/etc/a.json'", null],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'data/b.json'", null],
    ["FileNotFoundError: [Errno 2] No such file or directory: '../data/a.json'", null],
  ])('%s: tests run in %s', (message, folder) => {
    const files = ['tests/unit/test_a.py', 'tests/unit/data/a.json'];
    expect(readSymptoms(said(message, 'tests/unit/test_a.py'), { ...SITUATION, files }).cwd).toBe(folder);
  });
});

describe('Django without settings', () => {
  const message = 'ImproperlyConfigured: Requested setting X, but settings are not configured. You must ...';
  it('takes those that the tree states, once', () => {
    const django = { settings: 'shop.settings', folder: 'app' };
    const mending = readSymptoms(said(message), { ...SITUATION, django });
    expect(mending).toMatchObject({
      add: ['pytest-django'],
      pythonpath: ['app'],
      args: ['--ds=shop.settings'],
    });
    const tried = new Set(['pytest-django']);
    expect(readSymptoms(said(message), { ...SITUATION, django, tried })).toMatchObject({ add: [], args: [] });
    expect(readSymptoms(said(message), SITUATION).notes).toEqual(['nothing says which settings Django has']);
  });
});

describe('removed names', () => {
  it.each([
    ["ImportError: cannot import name 'Mapping' from 'collections'", 'collections.Mapping'],
    ["AttributeError: module 'inspect' has no attribute 'getargspec'", 'inspect.getargspec'],
  ])('%s is noted', (message, name) => {
    expect(readSymptoms(said(message), SITUATION).notes).toEqual([
      `the code asks for ${name}, which is gone`,
    ]);
  });
});
