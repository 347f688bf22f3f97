import { describe, expect, it } from 'vitest';
import { readCondaEnvironment, readPipfile, readTox } from '../../src/environments/manifests/others.ts';
import { readPyproject } from '../../src/environments/manifests/pyproject.ts';
import { readTree } from '../../src/environments/manifests/read.ts';
import {
  readRequirementsFile,
  requirementsFileKind,
} from '../../src/environments/manifests/requirements-txt.ts';
import { readSetupCfg } from '../../src/environments/manifests/setup-cfg.ts';
import { setupByPattern, setupFacts } from '../../src/environments/manifests/setup-py.ts';

describe('pyproject.toml', () => {
  it.each([
    [
      'PEP 621 with extras and groups',
      `[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["click>=8"]
[project.optional-dependencies]\ntests = ["mock"]\ndocs = ["sphinx"]\n[dependency-groups]\nbase = ["hypothesis"]\ntest = [{include-group = "base"}]`,
      {
        name: 'a',
        version: '1',
        runtime: ['click>=8'],
        test: ['mock', 'hypothesis'],
        pythonRanges: ['>=3.8'],
      },
    ],
    [
      'Poetry',
      `[tool.poetry]\nname = "b"\nversion = "0.2.0"\n[tool.poetry.dependencies]\npython = "^3.7"\nrequests = "^2.25"\ntoml = {version = "~0.10", extras = ["x"]}\n[tool.poetry.dev-dependencies]\npytest = "*"`,
      {
        name: 'b',
        runtime: ['requests>=2.25,<3', 'toml[x]>=0.10,<0.11'],
        test: ['pytest'],
        pythonRanges: ['>=3.7,<4'],
      },
    ],
    [
      'the old form of Flit',
      `[tool.flit.metadata]\nmodule = "c"\nrequires = ["tomli"]\nrequires-python = ">=3.6"\n[tool.flit.metadata.requires-extra]\ntest = ["pytest"]`,
      { name: 'c', runtime: ['tomli'], test: ['pytest'], pythonRanges: ['>=3.6'] },
    ],
    [
      'PDM and Hatch',
      `[project]\nname = "d"\n[tool.pdm.dev-dependencies]\ntest = ["pytest>=7"]\n[tool.hatch.envs.default]\ndependencies = ["pytest-mock"]`,
      { name: 'd', test: ['pytest>=7', 'pytest-mock'] },
    ],
  ])('%s', (_form, text, expected) => {
    expect(readPyproject(text)).toMatchObject(expected);
  });

  it('that is no TOML says nothing', () => {
    expect(readPyproject('[project\n').runtime).toEqual([]);
  });
});

it('setup.cfg: requirements with markers, extras, entry points', () => {
  const facts = readSetupCfg(
    '[metadata]\nname = e\nversion = attr: e.v\n[options]\npython_requires = >=3.6\ninstall_requires =\n  six\n  backports.zoneinfo; python_version < "3.9"\n[options.extras_require]\ntesting =\n  pytest\n[options.entry_points]\nconsole_scripts =\n  e = e.cli:main\n',
  );
  expect(facts).toMatchObject({
    name: 'e',
    version: null,
    runtime: ['six', 'backports.zoneinfo; python_version < "3.9"'],
    test: ['pytest'],
    pythonRanges: ['>=3.6'],
    entryPoints: { console_scripts: { e: 'e.cli:main' } },
  });
});

it('setup.py: markers in the names of extras become markers', () => {
  const facts = setupFacts({
    install_requires: ['a'],
    extras_require: { ':python_version<"3"': ['b'], test: ['c'] },
  });
  expect(facts.runtime).toEqual(['a', 'b ; python_version<"3"']);
  expect(facts.test).toEqual(['c']);
});

it('setup.py by pattern, where no syntax tree is to be had', () => {
  const facts = setupByPattern(
    "print 'x'\nsetup(name='f', version=\"1.0\", install_requires=['a>=1', \"b\"])",
  );
  expect(facts).toMatchObject({ name: 'f', version: '1.0', runtime: ['a>=1', 'b'] });
});

it('requirements files: includes two levels deep, options and addresses left out', () => {
  const files = new Map([
    ['requirements/test.txt', '-r base.txt\npytest  # runner\n-e .\n--index-url https://host/simple\n'],
    [
      'requirements/base.txt',
      '-r deep.txt\nsix==1.0 \\\n  --hash=sha256:ab\ngit+https://host/x.git#egg=x-1\n',
    ],
    ['requirements/deep.txt', '-r deeper.txt\na\n'],
    ['requirements/deeper.txt', 'never\n'],
  ]);
  expect(readRequirementsFile('requirements/test.txt', files)).toEqual(['a', 'six==1.0', 'x', 'pytest']);
});

it.each([
  ['requirements.txt', 'runtime'],
  ['requirements-dev.txt', 'test'],
  ['requirements/tests.in', 'test'],
  ['docs/requirements.txt', null],
  ['requirements-lint.txt', null],
  ['a.egg-info/requires.txt', null],
  ['notes.txt', null],
])('%s is a requirements file of kind %s', (file, kind) => {
  expect(requirementsFileKind(file)).toBe(kind);
});

it('Pipfile, tox and conda', () => {
  expect(
    readPipfile('[packages]\na = "*"\n[dev-packages]\nb = "==1"\n[requires]\npython_version = "3.7"'),
  ).toMatchObject({
    runtime: ['a'],
    test: ['b==1'],
    exactPython: '3.7',
  });
  expect(
    readTox('[testenv]\ndeps =\n  py27: mock\n  pytest\n  -r{toxinidir}/x.txt\n[testenv:docs]\ndeps = sphinx')
      .test,
  ).toEqual(['mock', 'pytest']);
  expect(
    readCondaEnvironment({ dependencies: ['python=3.8', 'numpy=1.2', { pip: ['x==1'] }] }),
  ).toMatchObject({
    runtime: ['numpy', 'x==1'],
    exactPython: '3.8',
  });
});

it('a tree is read in its project root, with what tox includes', () => {
  const files = new Map([
    ['sub/setup.py', ''],
    ['sub/tox.ini', '[testenv]\ndeps = -r{toxinidir}/wanted.list'],
    ['sub/requirements.txt', 'a'],
    ['other/requirements.txt', 'b'],
  ]);
  const asks = readTree(files, new Map([['sub/setup.py', { name: 's', install_requires: ['c'] }]]), 'sub');
  expect(asks.facts.name).toBe('s');
  expect([...asks.facts.runtime].sort()).toEqual(['a', 'c']);
});
