import { isTest } from './file-kinds.ts';

/** Files that Python or pytest obeys wherever they lie. */
const OBEYED = /^(?:pytest\.ini|\.pytest\.ini|tox\.ini|(?:site|user)customize\.py|.*\.(?:pth|egg-link))$/i;
const LOOKS_LIKE_TESTS = /test|spec/i;

/**
 * What a file is to the running of tests: `test` (a file of a folder of tests, data included, a test file by its
 * name, a conftest), `config` (what pytest and Python's start-up obey), or null: product code and all else.
 *
 * Tests run with the tree that they come from: these files are taken from there, all others from the code under
 * test. `setup.cfg` and `pyproject.toml` are product: the runner reads no configuration from the tree under test.
 *
 * @param testPaths where the environment's record says that tests are; a folder counts whole when its name says
 * so too (`tempora` with its doctests is product code), a file always
 */
export function testFileKind(path: string, testPaths: readonly string[]): 'test' | 'config' | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (OBEYED.test(name)) return 'config';
  if (isTest(path)) return 'test';
  const isDeclared = testPaths.some((declared) => {
    const folder = declared.replace(/^\.\/|\/+$/g, '');
    if (folder === path) return true;
    const last = folder.slice(folder.lastIndexOf('/') + 1);
    return LOOKS_LIKE_TESTS.test(last) && path.startsWith(`${folder}/`);
  });
  return isDeclared ? 'test' : null;
}

/**
 * Whether a new file is called a test by its name alone: it lies in no folder of tests, is declared nowhere and is no
 * conftest. Such a file may as well be product code that was named so; nothing that counts hangs on what it says.
 */
export function isTestByNameAlone(path: string, testPaths: readonly string[]): boolean {
  const cut = path.lastIndexOf('/') + 1;
  return (
    path.endsWith('.py') &&
    !/^conftest\.py$/i.test(path.slice(cut)) &&
    testFileKind(path, testPaths) === 'test' &&
    testFileKind(`${path.slice(0, cut)}other.py`, testPaths) === null &&
    !testPaths.some((declared) => declared.replace(/^\.\/|\/+$/g, '') === path)
  );
}

/**
 * Whether a new module lies in a folder called `testing` that no reference tree has: what code offers to those who test
 * with it is called so, and nothing that counts lies there.
 */
export function isProductForTesting(path: string, known: readonly string[]): boolean {
  const folder = /^(?:(?:[^/]+\/)*?)testing\//.exec(path)?.[0];
  return (
    folder !== undefined &&
    path.endsWith('.py') &&
    !path.slice(folder.length).includes('/') &&
    !isTest(folder.slice(0, -'testing/'.length) + path.slice(folder.length)) &&
    !known.some((file) => file.startsWith(folder))
  );
}

/**
 * The tree in which tests of one tree judge the code of another: product files of `product`, test and configuration
 * files of `tests`. Files in `kept` stay as in `product` whatever they are (tests that are what is migrated).
 */
export function withTestsOf<T>(
  product: ReadonlyMap<string, T>,
  tests: ReadonlyMap<string, T>,
  testPaths: readonly string[],
  kept: ReadonlySet<string> = new Set(),
): Map<string, T> {
  const fromTests = (path: string): boolean => testFileKind(path, testPaths) !== null && !kept.has(path);
  return new Map([
    ...[...product].filter(([path]) => !fromTests(path)),
    ...[...tests].filter(([path]) => fromTests(path)),
  ]);
}

/** Whether a link at `path` with this target leads out of the tree. Links on the way are not followed. */
export function leavesTree(path: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  let depth = path.split('/').length - 1;
  for (const step of target.split('/')) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
