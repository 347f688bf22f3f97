import { describe, expect, test } from 'vitest';
import { scorePatch } from '../../src/scoring/score-patch.ts';
import { library, score, tree, type Files } from './trees.ts';

const B: Files = {
  'pkg/a.py':
    'import toml\nfrom toml import TomlDecodeError\n\ndef f(s):\n    try:\n        return toml.loads(s)\n    except TomlDecodeError:\n        return None\n',
};
const G: Files = {
  'pkg/a.py':
    'import tomli\n\ndef f(s):\n    try:\n        return tomli.loads(s)\n    except tomli.TOMLDecodeError:\n        return None\n',
};

/** Uses of toml (B) left in a candidate, as `path:line`; `labels` are every changed line. */
function left(candidate: Files, before: Files = B, after: Files = G): string[] {
  const { residualA } = score(before, after, candidate);
  expect(residualA!.count).toBe(residualA!.uses.length);
  return residualA!.uses.map(({ path, line }) => `${path}:${line}`);
}

const with_ = (text: string, more: Files = {}): Files => ({ 'pkg/a.py': text, ...more });
const loads =
  'def loads(s):\n    found = {}\n    for line in s.splitlines():\n        found[line] = 1\n    return found\n';

test('an untouched tree has all uses left, the ground truth none', () => {
  expect(left(B)).toEqual(['pkg/a.py:1', 'pkg/a.py:2', 'pkg/a.py:6', 'pkg/a.py:7']);
  expect(left(G)).toEqual([]);
});

test('uses that the ground truth keeps are not counted, further ones are', () => {
  const kept = with_('import toml\nimport tomli\ntoml.x()\n');
  expect(left(with_('import toml\nimport tomli\ntoml.x()\ntoml.x()\n'), B, kept)).toEqual(['pkg/a.py:3']);
});

test.each([
  ['import_module', 'import importlib\nt = importlib.import_module("toml")\nt.loads("")\n', [2, 3]],
  ['its name alone', 'from importlib import import_module\nimport_module("toml.decoder")\n', [2]],
  ['__import__', 'x = __import__("toml").loads\nx("")\n', [1, 2]],
  [
    'a name that holds the text',
    'NAME = "toml"\nimport importlib\nt = importlib.import_module(NAME)\nt.x\n',
    [3, 4],
  ],
  ['texts beside one another', '__import__("to" "ml")\n__import__("to" + "ml")\n', [1, 2]],
  ['import strings of frameworks', 'f = import_string("toml.loads")\ng = locate("toml.dumps")\n', [1, 2]],
  ['code in a text', 'exec("import toml")\nexec("x = 1; from toml import loads")\n', [1, 2]],
  ['the table of loaded modules', 'import sys\nsys.modules["toml"].x\nsys.modules.get("toml")\n', [2, 3]],
  ['in a function, there', 'def g():\n    t = __import__("toml")\n    t.x\ndef h(t):\n    t.x\n', [2, 3]],
])('what imports by a text is a use: %s', (_, text, lines) => {
  expect(left(with_(text))).toEqual(lines.map((line) => `pkg/a.py:${line}`));
});

test.each([
  ['another library', 'import importlib\nt = importlib.import_module("tomli")\n'],
  ['the name in other texts', 'x = {"toml": 1}\nopen("toml")\nf(import_module, x["toml"])\n'],
  ['a word of its own', 'exec("tomlx = 1")\n__import__("tomlx")\n'],
])('what only looks like it is none: %s', (_, text) => {
  expect(left(with_(text))).toEqual([]);
});

test('uses by way of a module of the repository are counted, in a file that is as in the ground truth too', () => {
  const after = with_('from .compat import loads\nloads("")\n', {
    'pkg/compat.py': 'from tomli import loads\n',
  });
  const candidate = { ...after, 'pkg/compat.py': 'from toml import loads\n' };
  expect(left(candidate, B, after)).toEqual(['pkg/a.py:1', 'pkg/a.py:2', 'pkg/compat.py:1']);
});

describe('a copy of the library under another name', () => {
  const copy: Files = { 'pkg/_toml.py': loads };

  test.each([
    ['by name', 'from ._toml import loads\nloads("")\n', [1, 2]],
    ['by another name', 'from pkg._toml import loads as get\nget("")\n', [1, 2]],
    ['by module', 'from . import _toml\n_toml.loads("")\n_toml.other\n', [1, 2]],
    ['by module, renamed', 'import pkg._toml as t\nt.loads("")\n', [1, 2]],
    ['by its path', 'import pkg._toml\npkg._toml.loads("")\npkg.x\n', [1, 2]],
    ['all of it', 'from ._toml import *\nloads("")\n', [1, 2]],
  ])('is counted where product code uses it: %s', (_, text, lines) => {
    expect(left(with_(text, copy))).toEqual(lines.map((line) => `pkg/a.py:${line}`));
  });

  test('a package that imports from its own modules is followed', () => {
    const files = { 'vendor/t/__init__.py': 'from .decoder import loads\n', 'vendor/t/decoder.py': loads };
    expect(left(with_('from vendor.t import loads\nloads("")\n', files))).toEqual([
      'pkg/a.py:1',
      'pkg/a.py:2',
      'vendor/t/__init__.py:1',
    ]);
  });

  test('definitions put into a file that is there count, where they are used and not where they stand', () => {
    expect(left(with_(`${loads}\ndef f(s):\n    return loads(s)\n`))).toEqual(['pkg/a.py:8']);
  });

  test('files that nobody changed use what a changed one defines', () => {
    const user = { 'pkg/user.py': 'from .compat import loads\nloads("")\n' };
    const before = { 'pkg/compat.py': 'from toml import loads\n', ...user };
    const after = { 'pkg/compat.py': 'from tomli import loads\n', ...user };
    expect(left({ 'pkg/compat.py': loads, ...user }, before, after)).toEqual([
      'pkg/user.py:1',
      'pkg/user.py:2',
    ]);
  });

  test('nobody uses it: nothing is counted', () => {
    expect(left({ ...G, ...copy })).toEqual([]);
  });

  test.each([
    ['imports the target', `import tomli\n\ndef loads(s):\n    return tomli.loads(s)\n`],
    [
      'by a helper',
      `import tomli\n\ndef _do(s):\n    return tomli.loads(s)\n\ndef loads(s):\n    return _do(s)\n`,
    ],
    ['inside the function', 'def loads(s):\n    import tomli\n    return tomli.loads(s)\n'],
    ['by another module', 'from .real import get\n\ndef loads(s):\n    return get(s)\n'],
    ['is an empty class', 'class TomlDecodeError(ValueError):\n    """Why."""\n'],
    ['has another name', 'def read(s):\n    return s.splitlines()\n'],
  ])('a shim that %s is none', (_, text) => {
    const real = { 'pkg/real.py': 'import tomli\n\ndef get(s):\n    return tomli.loads(s)\n' };
    const files = { 'pkg/_toml.py': text, ...real };
    const user = 'from ._toml import loads, TomlDecodeError, read\nread(loads(""))\n';
    expect(left(with_(user, files))).toEqual([]);
  });

  test('importing the target without using it makes no shim', () => {
    const files = { 'pkg/_toml.py': `import tomli\n\n${loads}` };
    expect(left(with_('from ._toml import loads\n', files))).toEqual(['pkg/a.py:1']);
  });

  test('what B or the ground truth defines itself is no copy', () => {
    const own = { 'pkg/util.py': loads };
    expect(
      left({ ...G, 'pkg/new.py': `${loads}x = loads("")\n` }, { ...B, ...own }, { ...G, 'pkg/util.py': '' }),
    ).toEqual([]);
    const after = with_(`${loads}\nloads("")\n`);
    const candidate = with_('def loads(s):\n    return dict.fromkeys(s.splitlines(), 1)\n\nloads("")\n');
    expect(left(candidate, B, after)).toEqual([]);
  });
});

test('where both libraries are one there is no residual', () => {
  const [before, after] = [tree(B), tree(G)];
  const libraries = { source: library('toml'), target: library('toml') };
  expect(scorePatch({ before, after, candidate: before, labels: 'all', ...libraries }).residualA).toBeNull();
});
