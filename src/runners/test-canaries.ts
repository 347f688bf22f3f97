import { randomInt } from 'node:crypto';
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { TestId } from '../model/tests.ts';
import type { PytestSettings } from './pytest-settings.ts';

/** A file of tests that must fail, as innocent as any: its name and theirs are new with every start. */
export interface Canary {
  /** Relative to the tree. */
  readonly file: string;
  readonly text: string;
  readonly ids: readonly TestId[];
  /** pytest does not look into files of that name: the plug-in has to. */
  readonly unnamed: boolean;
  /** pytest comes by it when it looks into folders that it is given; else the file itself is given to it. */
  readonly isBelowPaths: boolean;
}

const THINGS =
  'record header token field option value path name layout entry index buffer cursor filter column segment range label message offset payload stream scope symbol table version weight window cache digest'.split(
    ' ',
  );
const VERBS =
  'keeps drops reads joins splits merges orders counts finds returns accepts trims parses updates copies checks'.split(
    ' ',
  );
const STATES =
  'empty missing nested repeated partial unknown default trailing leading sorted mixed short long single'.split(
    ' ',
  );

/** Bodies of which none can pass; `self` stands for the case of a method. */
const PLAIN = [
  (a: number, b: number) => `    found = [${a}, ${b}]\n    assert sum(found) == ${a + b + 1}\n`,
  (a: number, b: number) =>
    `    known = {'first': ${a}, 'second': ${b}}\n    assert known['first'] == ${a}\n    assert 'third' in known\n`,
  (a: number) =>
    `    with pytest.raises(ValueError):\n        assert int('${a}') == ${a}\n        str(${a})\n`,
  (a: number) => `    if ${a} > 0:\n        raise ImportError('No module named part_${a}')\n`,
  (a: number, b: number) => `    text = '-'.join(['${a}', '${b}'])\n    assert not text.startswith('${a}')\n`,
] as const;
const METHOD = [
  (a: number, b: number) => `        self.assertEqual(${a} + ${b}, ${a + b + 2})\n`,
  (a: number, b: number) =>
    `        self.assertIn(${a}, [${a}, ${b}])\n        self.assertTrue(${a} > ${a + b})\n`,
  (a: number) =>
    `        with self.assertRaises(KeyError):\n            self.assertEqual({'k': ${a}}['k'], ${a})\n`,
  (a: number) => `        self.assertIsNone(None)\n        raise KeyError('${a}')\n`,
] as const;

/**
 * Makes the canary of one start, in a folder that holds tests, so that it cannot be told from them by its place. One
 * plain function and one method of a `unittest` case, which pytest collects whatever patterns a repository has set.
 */
export function makeCanary(
  tree: string,
  ids: readonly TestId[] | null,
  paths: readonly string[],
  settings: PytestSettings,
): Canary {
  const folder = canaryFolder(tree, ids, paths);
  const named = fileName(settings, `${one(THINGS)}_${one(STATES)}_${one(THINGS)}s`);
  const file = path.posix.join(folder, named ?? `test_${one(THINGS)}_${one(STATES)}_${one(THINGS)}s.py`);
  const name = functionName(settings, `${one(VERBS)}_${one(STATES)}_${one(THINGS)}`);
  const method = `test_${one(VERBS)}_${one(STATES)}_${one(THINGS)}`;
  const group = `${capital(one(STATES))}${capital(one(THINGS))}Test`;
  const [a, b] = [randomInt(1, 500), randomInt(1, 500)];
  const text = [
    'import unittest\n\nimport pytest\n\n',
    `\ndef ${name}():\n${one(PLAIN)(a, b)}\n`,
    `\nclass ${group}(unittest.TestCase):\n    def ${method}(self):\n${one(METHOD)(b, a)}`,
  ];
  const folders = paths.length === 0 ? ['.'] : paths.map((below) => path.posix.normalize(below));
  return {
    file,
    text: text.join(''),
    ids: [`${file}::${name}`, `${file}::${group}::${method}`],
    unnamed: named === null,
    isBelowPaths: folders.some((outer) => outer === '.' || `${folder}/`.startsWith(`${outer}/`)),
  };
}

/** A name of a file that pytest looks into; null where the patterns of the repository leave no choice. */
function fileName(settings: PytestSettings, rest: string): string | null {
  const patterns = settings['python_files']?.flatMap((line) => line.split(/\s+/)) ?? ['test*.py'];
  const open = patterns.find((pattern) => /^\w*\*\w*\.py$/.test(pattern));
  if (open === undefined) return null;
  // `test*.py` asks for no line between
  return open.replace('*', /(^|_)\*/.test(open) ? rest : `_${rest}`);
}

/** A name that pytest takes for a test's: prefixes and patterns of `python_functions`, else `test`. */
function functionName(settings: PytestSettings, rest: string): string {
  const patterns = (settings['python_functions'] ?? []).flatMap((line) => line.split(/\s+/)).filter(Boolean);
  const plain = patterns.find((pattern) => /^[A-Za-z_][\w*?]*$/.test(pattern));
  if (plain === undefined) return `test_${rest}`;
  return /[*?]/.test(plain) ? plain.replace('*', rest).replace(/[*?]/g, 'x') : `${plain}_${rest}`;
}

/**
 * A folder of the tree that holds tests: that of one of the chosen tests, else one of the paths that pytest is given,
 * else the tree itself. A folder behind a link is none.
 */
function canaryFolder(tree: string, ids: readonly TestId[] | null, paths: readonly string[]): string {
  const files = [...new Set((ids ?? []).map((id) => id.split('::')[0] ?? ''))].filter((file) =>
    file.endsWith('.py'),
  );
  const folders = (files.length > 0 ? files : paths).map((below) =>
    isFile(tree, below) ? path.posix.dirname(below) : path.posix.normalize(below),
  );
  const usable = [...new Set(folders)].filter((below) => isFolder(tree, below));
  return usable.length === 0 ? '.' : one(usable);
}

function isFile(tree: string, below: string): boolean {
  return lstatSync(path.join(tree, below), { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(tree: string, below: string): boolean {
  const at = path.join(tree, below);
  if (lstatSync(at, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return realpathSync(at) === path.join(realpathSync(tree), below).replace(/\/$/, '');
}

function one<T>(of: readonly T[]): T {
  return of[randomInt(of.length)] as T;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
