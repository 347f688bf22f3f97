import path from 'node:path';
import { parseIni } from './manifests/ini.ts';
import { parseToml } from './manifests/toml.ts';
import { table, texts } from './manifests/facts.ts';

/** How a tree's tests are run, found in the tree. */
export interface TestSelection {
  readonly paths: readonly string[];
  readonly args: readonly string[];
}

/**
 * Repository's own options name plug-ins that are not there, and turn warnings of the time into errors. The long
 * form: `-o` of pytest before 3.3 swallows the paths that follow.
 */
const NEUTRAL = ['--override-ini=addopts=', '--override-ini=filterwarnings='];
const PATTERNS = 'test*.py *_test.py *_tests.py tests.py';
const MANIFESTS = ['setup.py', 'pyproject.toml', 'setup.cfg', 'Pipfile', 'requirements.txt'];
const TEST_FOLDER = /^(tests?|testing|unit_?tests?|unittests?)$/i;
const NOT_OURS = /(^|\/)(docs?|examples?|samples?|vendor|third_party|node_modules|\.[^/]+|build|dist)\//i;

/** A path whose role is to test (directory `test`, `tests`, `testing`, or a test file's name). */
export function isTestPath(file: string): boolean {
  const parts = file.split('/').map((part) => part.toLowerCase());
  const base = parts.pop() ?? '';
  return (
    parts.some((part) => part === 'test' || part === 'tests' || part === 'testing') ||
    /^test_.*\.py$|_tests?\.py$|^tests?\.py$|^conftest\.py$/.test(base)
  );
}

/** The nearest folder above a labelled file that has a manifest; the root where none has, or nothing is labelled. */
export function projectRoot(labelled: readonly string[], paths: ReadonlySet<string>): string {
  const counts = new Map<string, number>();
  for (const file of labelled) {
    let dir = path.posix.dirname(file);
    while (dir !== '.' && !MANIFESTS.some((name) => paths.has(`${dir}/${name}`)))
      dir = path.posix.dirname(dir);
    counts.set(dir, (counts.get(dir) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length);
  return best?.[0] ?? '.';
}

/** The root, or where nothing below it is a test: the nearest folder above that has a manifest and tests, else the root. */
export function testedRoot(root: string, paths: ReadonlySet<string>, withTests: ReadonlySet<string>): string {
  for (let dir = root; ; dir = path.posix.dirname(dir)) {
    const prefix = dir === '.' ? '' : `${dir}/`;
    const isRoot = dir === '.' || MANIFESTS.some((name) => paths.has(prefix + name));
    const tested = [...withTests].some(
      (file) => file.startsWith(prefix) && isTestFile(file) && !NOT_OURS.test(file),
    );
    if (isRoot && tested) return dir;
    if (dir === '.') return root;
  }
}

/** Folders for the import path: the project's root, and `src`, `lib` below it where packages or modules lie there. */
export function importPath(root: string, paths: ReadonlySet<string>): string[] {
  const prefix = root === '.' ? '' : `${root}/`;
  const found = ['src', 'lib'].filter((name) => {
    const below = `${prefix}${name}/`;
    if (paths.has(`${below}__init__.py`)) return false;
    return [...paths].some((file) => {
      const rest = file.startsWith(below) ? file.slice(below.length).split('/') : [];
      return (rest.length === 1 && file.endsWith('.py')) || (rest.length === 2 && rest[1] === '__init__.py');
    });
  });
  return [root, ...found.map((name) => `${prefix}${name}`)];
}

/**
 * Test paths as the tree's own configuration names them, else its test folders and the test files beside them.
 * `sources` are the Python files whose text has tests in it (`def test`, `TestCase`).
 */
export function selectTests(
  root: string,
  configuration: ReadonlyMap<string, string>,
  paths: readonly string[],
  withTests: ReadonlySet<string>,
): TestSelection {
  const stated = statedTests(root, configuration);
  const args = [...NEUTRAL, ...(stated.patterns ? [] : [`--override-ini=python_files=${PATTERNS}`])];
  const prefix = root === '.' ? '' : `${root}/`;
  const exists = (place: string): boolean =>
    paths.some((file) => file === place || file.startsWith(`${place}/`));
  const named = stated.paths
    .map((place) => path.posix.normalize(`${prefix}${place}`).replace(/\/$/, ''))
    .filter((place) => place === '.' || exists(place));
  if (named.length > 0) return { paths: named, args };
  const chosen: string[] = [];
  const candidates = paths
    .filter(
      (file) => file.startsWith(prefix) && withTests.has(file) && isTestFile(file) && !NOT_OURS.test(file),
    )
    .sort();
  for (const file of candidates) {
    const parts = path.posix.dirname(file).split('/');
    const at = parts.findIndex((part) => TEST_FOLDER.test(part));
    const place = at < 0 ? file : parts.slice(0, at + 1).join('/');
    if (!chosen.includes(place)) chosen.push(place);
  }
  return { paths: chosen, args };
}

function isTestFile(file: string): boolean {
  return isTestPath(file) || /^test.*\.py$/i.test(path.posix.basename(file));
}

function statedTests(
  root: string,
  files: ReadonlyMap<string, string>,
): { paths: string[]; patterns: boolean } {
  const at = (name: string): string | undefined => files.get(root === '.' ? name : `${root}/${name}`);
  const ini = table(table(table(parseToml(at('pyproject.toml') ?? '')?.['tool'])['pytest'])['ini_options']);
  if (Object.keys(ini).length > 0) {
    const stated = ini['testpaths'];
    const list = typeof stated === 'string' ? stated.split(/\s+/) : texts(stated);
    return { paths: list.filter((place) => place !== ''), patterns: ini['python_files'] !== undefined };
  }
  const places: [string, string][] = [
    ['pytest.ini', 'pytest'],
    ['tox.ini', 'pytest'],
    ['setup.cfg', 'tool:pytest'],
    ['setup.cfg', 'pytest'],
  ];
  for (const [name, section] of places) {
    const found = parseIni(at(name) ?? '').get(section);
    if (found === undefined) continue;
    const list = (found.get('testpaths') ?? '').split(/\s+/).filter((place) => place !== '');
    return { paths: list, patterns: found.has('python_files') };
  }
  return { paths: [], patterns: false };
}
