import { expect, test } from 'vitest';
import { deriveLabels, labelEveryChange } from '../../src/scoring/derive-labels.ts';
import { migratedLines, sourceNameLines } from '../../src/scoring/migrated-lines.ts';
import { halfCandidate } from '../../src/scoring/half-candidate.ts';
import { scorePatch } from '../../src/scoring/score-patch.ts';
import { label, library, tree, type Files } from './trees.ts';

/** Lines of the one file `a.py` that the names of toml find; `more` are further files. */
const found = (text: string, more: Files = {}, names = ['toml'], path = 'a.py'): readonly number[] =>
  sourceNameLines(tree({ [path]: text, ...more }), names)[path] ?? [];

test.each([
  ['an import of the library', 'import toml\n', [1]],
  ['a module below it, which binds the top name', 'import toml.decoder\ntoml.x\n', [1, 2]],
  ['a name from it, as another name', 'from toml import load as get\nload()\nget()\n', [1, 3]],
  ['a name that only begins alike is none', 'import tomlkit\nfrom tomlkit import toml_file\n', []],
  ['a word after a dot is none', 'import toml\nx.toml\n', [1]],
  ["a keyword argument's name is none", 'import toml\nf(toml=1)\nf(toml)\n', [1, 3]],
  [
    'what annotates a parameter with a default is no keyword',
    'from toml import Doc\ndef f(a, b: Doc = None): pass\n',
    [1, 2],
  ],
  ['a string is none', 'import toml\nf("toml")\n', [1]],
  ['assigned names, once', 'import toml\nx = toml.load()\ny = x\nz = y\n', [1, 2, 3]],
  [
    'with, except, for and bases',
    'import toml\nwith toml.a() as b: b\nb\nfor c in toml.d: pass\nc\nclass E(toml.F): pass\nE\n',
    [1, 2, 3, 4, 5, 6, 7],
  ],
  ['except ... as', 'import toml\ntry: pass\nexcept toml.E as e:\n  e\n', [1, 3, 4]],
  [
    'self.x holds in the file',
    'import toml\ndef f(self):\n  self.x = toml.a\ndef g(self):\n  self.x\n  x\n',
    [1, 3, 5],
  ],
  [
    'a name holds in its function and those inside',
    'import toml\ndef f():\n  x = toml.a\n  def g():\n    x\nx\n',
    [1, 3, 5],
  ],
  [
    'a subscript or an attribute assigns no name',
    'import toml\na[b] = toml.c\nd.e = toml.c\na\nd\n',
    [1, 2, 3],
  ],
  ['an annotation assigns from nothing', 'import toml\nx: toml.T = 1\nx\n', [1, 2]],
  ['a star import is a line of it', 'from toml import *\nload()\n', [1]],
  ['one-line blocks', 'try: import toml\nexcept E: toml = None\n', [1, 2]],
  [
    'what a one-line block assigns, whatever its head binds',
    'import toml\nwith f() as a: b = toml.x\nfor c in d: e = toml.x\nclass F: g: T = toml.x\nb, e\ng\na, c, d\n',
    [1, 2, 3, 4, 5, 6],
  ],
])('%s', (_, text, lines) => {
  expect(found(text)).toEqual(lines);
});

test('a dotted library is found by module and name', () => {
  const text =
    'from importlib import metadata\nfrom importlib.metadata import version\nversion()\nimport importlib\n';
  expect(found(text, {}, ['importlib.metadata'])).toEqual([1, 2, 3]);
});

test.each([
  ['relative', 'pkg/a.py', 'from .compat import toml\ntoml.x\n', 'pkg/compat.py'],
  ['relative, a package', 'pkg/sub/a.py', 'from ..compat import toml\ntoml.x\n', 'pkg/compat/__init__.py'],
  ['absolute', 'a.py', 'from pkg.compat import toml\ntoml.x\n', 'pkg/compat.py'],
  ['below src', 'a.py', 'from pkg.compat import toml\ntoml.x\n', 'src/pkg/compat.py'],
  ['implicit', 'pkg/a.py', 'from compat import toml\ntoml.x\n', 'pkg/compat.py'],
  ['a star', 'a.py', 'from compat import *\ntoml.x\n', 'compat.py'],
])('by way of a module of the repository: %s', (_, path, text, module) => {
  const compat = 'try:\n  import toml\nexcept E:\n  pass\n';
  expect(found(text, { [module]: compat }, ['toml'], path)).toEqual([1, 2]);
  expect(found(text, { [module]: 'def f():\n  import toml\n' }, ['toml'], path)).toEqual([]);
  expect(found(text, { [module]: 'toml = 1\n' }, ['toml'], path)).toEqual([]);
});

test('a star import that binds a name of the library is a line of it, another is none', () => {
  const more = { 'compat.py': 'import toml\n', 'other.py': 'import tomli\n' };
  expect(found('from compat import *\nfrom other import *\ntoml.x\n', more)).toEqual([1, 3]);
});

test('a module that is asked for by its statements and by its physical lines keeps both apart', () => {
  const m = (name: string): string =>
    `import ${name}\nx = f(\n  1,\n  2)\ndef f(y):\n  y = ${name}.a\nk()\ny + ${name.length}\n`;
  const before = { 'm.py': `${m('toml')}((\n`, 'a.py': '' };
  const after = { 'm.py': m('tomli'), 'a.py': 'from m import tomli\n' };
  const alone = derive({ 'm.py': before['m.py'] }, { 'm.py': after['m.py'] });
  expect(derive(before, after).filter(([path]) => path === 'm.py')).toEqual(alone);
});

test('modules that import from one another in a circle end', () => {
  const more = { 'b.py': 'from c import toml\n', 'c.py': 'from b import toml\nimport toml\n' };
  expect(found('from b import toml\n', more)).toEqual([1]);
});

const derive = (before: Files, after: Files) =>
  deriveLabels({
    before: tree(before),
    after: tree(after),
    source: library('toml'),
    target: library('tomli'),
  }).map(({ path, changes }) => [path, ...changes.map((change) => [change.before, change.after])]);

test('a run is one label: its hits, and the lines most like them on the other side', () => {
  const before = 'import toml\nkeep()\nold = 1\nx = toml.load(path, a)\nother(3)\nkeep()\nunrelated()\n';
  const after = 'import tomli\nkeep()\nnew = [5, 6]\nx = tomli.load(path, a)\nkeep()\nchanged()\n';
  expect(derive({ 'a.py': before }, { 'a.py': after })).toEqual([
    ['a.py', [[[1, 1]], [[1, 1]]], [[[4, 4]], [[4, 4]]]],
  ]);
});

test('where the other side has nothing like it, all of it', () => {
  const before = 'import toml\nkeep()\ntoml.load(path)\n';
  const after = 'import tomli\nkeep()\na = {1: 2}\nb = {3: 4}\n';
  expect(derive({ 'a.py': before }, { 'a.py': after })).toEqual([
    ['a.py', [[[1, 1]], [[1, 1]]], [[[3, 3]], [[3, 4]]]],
  ]);
});

test('tests and manifests have no derived labels; renamed files are paired', () => {
  const lines = 'a = f(1, 2)\nb = f(2, 3)\nc = f(3, 4)\n';
  const before = {
    'old.py': `import toml\n${lines}`,
    'test_a.py': 'import toml\n',
    'setup.py': 'import toml\n',
  };
  const after = { 'new.py': `import tomli\n${lines}`, 'test_a.py': 'import tomli\n', 'setup.py': '' };
  expect(derive(before, after)).toEqual([['new.py', [[[1, 1]], [[1, 1]]]]]);
  expect(labelEveryChange(tree(before), tree(after)).map(({ path }) => path)).toEqual([
    'new.py',
    'test_a.py',
  ]);
});

test('the lines of the migration are those that differ and are labelled', () => {
  const before = tree({ 'a.py': 'import toml\n\nx = toml.load(\n  "f")\nkeep()\n' });
  const after = tree({ 'a.py': 'import tomli\n\nx = tomli.load(\n  "f")\nkeep()\n' });
  const labels = deriveLabels({ before, after, source: library('toml'), target: library('tomli') });
  expect(migratedLines(before, after, labels)).toEqual({
    before: { 'a.py': [1, 3, 4] },
    after: { 'a.py': [1, 3, 4] },
  });
});

test('half of a migration scores strictly between nothing and all', () => {
  const lines = (name: string) =>
    `import ${name}\nkeep()\nx = ${name}.load(\n  "f",\n  1)\nkeep()\ny = ${name}.dumps(x)\n`;
  const [before, after] = [tree({ 'a.py': lines('toml') }), tree({ 'a.py': lines('tomli') })];
  const libraries = { source: library('toml'), target: library('tomli') };
  const labels = deriveLabels({ before, after, ...libraries });
  const half = halfCandidate(before, after, labels);
  if (half.kind !== 'half') throw new Error(half.why);
  expect(half).toMatchObject({
    groups: 3,
    takenGroups: 1,
    hunks: [{ path: 'a.py', before: [1, 1], after: [1, 1] }],
  });
  const { editF1 } = scorePatch({ before, after, candidate: half.tree, labels, ...libraries });
  expect(editF1).toBeGreaterThan(0);
  expect(editF1).toBeLessThan(1);
  expect(
    halfCandidate(
      before,
      after,
      labels.map((file) => ({ ...file, changes: file.changes.slice(0, 1) })),
    ).kind,
  ).toBe('not applicable');
});

test('a renamed file with labels at both of its paths is one file for the half', () => {
  const lines = (name: string) =>
    `a(1, 2)\nb(1, 2)\nc(1, 2)\nx = ${name}.load()\nd(1, 2)\ny = ${name}.dumps(x)\n`;
  const [before, after] = [tree({ 'old.py': lines('toml') }), tree({ 'new.py': lines('tomli') })];
  const labels = [
    label('new.py', [[4, 4]], [[4, 4]]),
    label('old.py', [[6, 6]], []),
    label('new.py', [], [[6, 6]]),
  ];
  const half = halfCandidate(before, after, labels);
  if (half.kind !== 'half') throw new Error(half.why);
  expect(half.hunks).toEqual([{ path: 'new.py', before: [4, 4], after: [4, 4] }]);
  const { editF1 } = scorePatch({
    before,
    after,
    candidate: half.tree,
    labels,
    source: library('toml'),
    target: library('tomli'),
  });
  expect(editF1! > 0 && editF1! < 1).toBe(true);
});
