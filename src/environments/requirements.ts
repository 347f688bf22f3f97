import type { Library } from '../model/library.ts';
import type { Migration } from '../model/migration.ts';
import { isStandardLibrary } from '../benchmarks/stdlib.ts';
import type { ManifestFacts } from './manifests/facts.ts';
import {
  normaliseName,
  parseRequirement,
  pinnedVersion,
  requirementText,
  type Requirement,
} from './requirement.ts';

/** Documentation, lint and release tools, and pytest plug-ins that only lint: tests do not need them. */
const TOOLS = new Set(
  (
    'sphinx-rtd-theme sphinx-autobuild sphinx-autodoc-typehints furo mkdocs mkdocs-material recommonmark myst-parser ' +
    'numpydoc jaraco-packaging rst-linker flake8 pylint black isort mypy pyright ruff bandit pycodestyle pep8 ' +
    'pydocstyle pyflakes yapf autopep8 autoflake doc8 pre-commit twine wheel bump2version bumpversion build tox ' +
    'tox-travis nox codecov coveralls python-coveralls codeclimate-test-reporter safety check-manifest ' +
    'readme-renderer docutils zest-releaser towncrier commitizen gitlint reno bashate hacking pytest-mypy ' +
    'pytest-mypy-plugins pytest-black pytest-black-multipy pytest-flake8 pytest-ruff pytest-checkdocs ' +
    'pytest-enabler pytest-pylint pytest-pep8 pytest-pycodestyle pytest-isort pytest-perf pytest-cov-exclude ' +
    'ipython ipdb ipykernel jupyter notebook pudb pdbpp vulture interrogate pyinstaller cibuildwheel'
  ).split(' '),
);

/** Back-ports of what every Python 3 has; wanted on 2.7 only. */
const BACKPORTS = new Set(
  'futures enum34 unittest2 argparse ordereddict pathlib functools32 subprocess32 configparser ipaddress typing backports-ssl-match-hostname linecache2 traceback2 contextlib2 wsgiref'.split(
    ' ',
  ),
);

/** Libraries that every Python 3 has and 2.7 gets from a distribution. */
const BACKPORT_OF: Readonly<Record<string, string>> = {
  'concurrent.futures': 'futures',
  configparser: 'configparser',
  enum: 'enum34',
  ipaddress: 'ipaddress',
  pathlib: 'pathlib',
  typing: 'typing',
  'unittest.mock': 'mock',
};

/** What is asked for under a name that does not build, or that is no distribution. */
const INSTEAD: Readonly<Record<string, string>> = {
  psycopg2: 'psycopg2-binary',
  'pkg-resources': 'setuptools',
  sklearn: 'scikit-learn',
  bs4: 'beautifulsoup4',
  pil: 'pillow',
  yaml: 'pyyaml',
};

/** What one environment installs and why something asked for is left out. */
export interface EnvironmentNeeds {
  readonly requirements: readonly Requirement[];
  /** Left out by rule, not by need: does not degrade. */
  readonly leftOut: readonly string[];
}

/** What the needs are made from. */
export interface NeedsInput {
  readonly migration: Pick<Migration, 'source' | 'target' | 'kind' | 'requirements'>;
  /** What the trees ask for. */
  readonly before: ManifestFacts;
  readonly after: ManifestFacts;
  readonly python2: boolean;
  /** Pins kept as written, or names alone. */
  readonly pins: 'kept' | 'names-only';
  /** Only what was stated is installed: nothing that the trees ask for. */
  readonly onlyStated: boolean;
}

export type EnvironmentRole = 'ab' | 'a' | 'b';

/** Distribution of a library; null when it is a module of the standard library. */
export function distributionOf(library: Library): string | null {
  if (library.provenance === 'stdlib') return null;
  const name = normaliseName(library.name);
  const instead = INSTEAD[name];
  if (instead !== undefined) return instead;
  return isStandardLibrary(library.name) ? null : name;
}

/**
 * The union of what both trees ask for, then A and B by role, each at the version that was stated, else at the
 * one the trees pin, else free. What the migration states wins over the trees' word on the same name. The
 * trees' test groups are read unless the migration states the test runner itself, for then it states the test
 * environment.
 */
export function needsOf(input: NeedsInput, role: EnvironmentRole): EnvironmentNeeds {
  const { migration } = input;
  const chosen = new Map<string, Requirement[]>();
  const leftOut: string[] = [];
  const stated = [
    ...migration.requirements.both,
    ...(role === 'b' ? [] : migration.requirements.before),
    ...(role === 'a' ? [] : migration.requirements.after),
  ].flatMap((text) => parseRequirement(text) ?? []);
  for (const requirement of stated) chosen.set(requirement.name, [requirement]);
  const libraries = [...(role === 'b' ? [] : migration.source), ...(role === 'a' ? [] : migration.target)];
  const own = [input.before.name, input.after.name].flatMap((name) =>
    name === null ? [] : [normaliseName(name)],
  );
  const sides =
    migration.kind === 'upgrade' && role !== 'ab'
      ? [role === 'a' ? input.before : input.after]
      : [input.before, input.after];
  const statesRunner = chosen.has('pytest');
  const statedNames = new Set(chosen.keys());
  const libraryNames = new Set<string>();
  for (const library of libraries) {
    const name = distributionOf(library) ?? (input.python2 ? (BACKPORT_OF[library.name] ?? null) : null);
    if (name === null) continue;
    libraryNames.add(name);
    if (statedNames.has(name)) continue;
    const specifier = library.version === null ? (library.constraint ?? '') : `==${library.version}`;
    const parsed = parseRequirement(`${name}${specifier}`);
    const pinned = library.version === null ? pinOfTrees(name, role, input) : null;
    chosen.set(name, [pinned ?? parsed ?? { name, extras: [], specifier: '', marker: '' }]);
  }
  const dropped = otherSide(input, role, libraryNames);
  const wanted = input.onlyStated
    ? []
    : sides.flatMap((facts) => [...facts.runtime, ...(statesRunner ? [] : facts.test)]);
  for (const text of wanted) {
    const parsed = parseRequirement(text);
    if (parsed === null) {
      leftOut.push(`${text}: not a requirement by name`);
      continue;
    }
    const name = INSTEAD[parsed.name] ?? parsed.name;
    if (statedNames.has(name) || libraryNames.has(name) || dropped.has(name)) continue;
    if (own.includes(name)) leftOut.push(`${name}: the project itself`);
    else if (TOOLS.has(name)) leftOut.push(`${name}: not needed by tests`);
    else if (BACKPORTS.has(name) && !input.python2) leftOut.push(`${name}: in the standard library`);
    else add(chosen, { ...parsed, name, specifier: input.pins === 'kept' ? parsed.specifier : '' });
  }
  if (!chosen.has('pytest')) add(chosen, { name: 'pytest', extras: [], specifier: '', marker: '' });
  return { requirements: [...chosen.values()].flat(), leftOut: [...new Set(leftOut)] };
}

/** In an environment of one side the other side's libraries are not asked for by the trees' union. */
function otherSide(input: NeedsInput, role: EnvironmentRole, kept: ReadonlySet<string>): Set<string> {
  const other = role === 'ab' ? [] : role === 'a' ? input.migration.target : input.migration.source;
  const names = other.flatMap((library) => distributionOf(library) ?? []);
  return new Set(names.filter((name) => !kept.has(name)));
}

/** Exact pin of A in the tree before, of B in the tree after. */
function pinOfTrees(name: string, role: EnvironmentRole, input: NeedsInput): Requirement | null {
  if (input.pins === 'names-only') return null;
  const sides = role === 'b' ? [input.after] : role === 'a' ? [input.before] : [input.before, input.after];
  const isSource = input.migration.source.some((library) => distributionOf(library) === name);
  const ordered = isSource ? sides : [...sides].reverse();
  for (const facts of ordered) {
    const own = [...facts.runtime, ...facts.test].flatMap((text) => parseRequirement(text) ?? []);
    const found = own.filter((requirement) => (INSTEAD[requirement.name] ?? requirement.name) === name);
    const best = found.find((requirement) => pinnedVersion(requirement) !== null) ?? found[0];
    if (best !== undefined) return { ...best, name, marker: '' };
  }
  return null;
}

/** A second word on the same name is kept when it says the same or nothing against it; pins win over ranges. */
function add(chosen: Map<string, Requirement[]>, requirement: Requirement): void {
  const known = chosen.get(requirement.name) ?? [];
  if (known.some((other) => requirementText(other) === requirementText(requirement))) return;
  if (requirement.marker !== '' || known.some((other) => other.marker !== '')) {
    chosen.set(requirement.name, [...known, requirement]);
    return;
  }
  const [first] = known;
  if (first === undefined) {
    chosen.set(requirement.name, [requirement]);
    return;
  }
  const extras = [...new Set([...first.extras, ...requirement.extras])];
  const pin = [first, requirement].find((other) => pinnedVersion(other) !== null);
  const specifier =
    pin?.specifier ??
    [...new Set([first.specifier, requirement.specifier].filter((text) => text !== ''))].join(',');
  chosen.set(requirement.name, [{ ...first, extras, specifier }]);
}
