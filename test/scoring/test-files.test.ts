import { expect, test } from 'vitest';
import { filesKeepingImports, stillKept } from '../../src/scoring/kept-imports.ts';
import { leavesTree, testFileKind, withTestsOf } from '../../src/scoring/test-files.ts';

test.each([
  ['tests/data/a.toml', [], 'test'],
  ['pkg/tests/__init__.py', [], 'test'],
  ['Test/x.txt', [], 'test'],
  ['pkg/test_a.py', [], 'test'],
  ['tests.py', ['tests.py'], 'test'],
  ['conftest.py', [], 'test'],
  ['pkg/conftest.py', [], 'test'],
  ['pytest.ini', [], 'config'],
  ['sub/tox.ini', [], 'config'],
  ['sitecustomize.py', [], 'config'],
  ['tests/usercustomize.py', [], 'config'],
  ['src/evil.pth', [], 'config'],
  ['setup.cfg', [], null],
  ['pyproject.toml', [], null],
  ['pkg/testament.py', [], null],
  ['pkg/attest/x.py', [], null],
  ['tempora/schedule.py', ['tempora', 'tests'], null],
  ['checks/check_a.py', ['checks/check_a.py'], 'test'],
  ['functional-tests/a.txt', ['./functional-tests/'], 'test'],
  ['spec/a_spec.py', ['spec'], 'test'],
] as const)('%s with declared %j is %s', (path, declared, kind) => {
  expect(testFileKind(path, declared)).toBe(kind);
});

test('tests come with their data and configuration from one tree, all else from the other', () => {
  const product = new Map([
    ['pkg/a.py', 1],
    ['tests/test_a.py', 2],
    ['tests/new.txt', 3],
    ['pytest.ini', 4],
    ['test_m.py', 5],
  ]);
  const tests = new Map([
    ['pkg/a.py', 6],
    ['tests/test_a.py', 7],
    ['conftest.py', 8],
    ['old.py', 9],
    ['test_m.py', 10],
  ]);
  expect(Object.fromEntries(withTestsOf(product, tests, [], new Set(['test_m.py'])))).toEqual({
    'pkg/a.py': 1,
    'tests/test_a.py': 7,
    'conftest.py': 8,
    'test_m.py': 5,
  });
});

test.each([
  ['a/link', '../b', false],
  ['a/link', '../../etc', true],
  ['link', '/etc/passwd', true],
  ['a/b/link', 'x/../../../..', true],
  ['link', '.', false],
])('a link at %s to %s leaves the tree: %s', (path, target, leaves) => {
  expect(leavesTree(path, target)).toBe(leaves);
});

test('kept are the files that cannot do without the library, not those with it as an extra', () => {
  const files: Record<string, string> = {
    'plain.py': 'import toml\n',
    'from_.py': 'from toml.decoder import x\n',
    'inner.py': 'def f():\n    import toml\n',
    'dynamic.py': "import importlib\nm = importlib.import_module('toml')\n",
    'fallback.py': 'try:\n    import tomllib\nexcept ImportError:\n    import toml\n',
    'late.py': 'try:\n    x = 1\nexcept KeyError:\n    pass\nimport toml\n',
    'other_handler.py': 'try:\n    import toml\nexcept ValueError:\n    pass\n',
    'extra.py': 'try:\n    import toml\nexcept ImportError:\n    toml = None\n',
    'bare.py': 'try:\n    if x:\n        import toml\nexcept:\n    pass\n',
    'typing_.py': 'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import toml\n',
    'word.py': 's = "import toml"\n# import toml\nimport tomlkit\n',
    'own.py': 'from . import toml\nfrom .toml import x\n',
    'tests/test_a.py': 'import toml\n',
  };
  const view = {
    entries: new Map(Object.keys(files).map((path) => [path, { id: path, mode: '100644' }])),
    read: (path: string) => new TextEncoder().encode(files[path]),
  };
  expect(filesKeepingImports(view, ['toml'])).toEqual([
    'dynamic.py',
    'fallback.py',
    'from_.py',
    'inner.py',
    'late.py',
    'other_handler.py',
    'plain.py',
  ]);
  expect(filesKeepingImports(view, ['toml.decoder'])).toEqual(['from_.py']);
});

test('a kept file is kept while it imports A no more than before, or than the ground truth', () => {
  const tree = (files: Record<string, string>): Parameters<typeof stillKept>[1] => ({
    entries: new Map(Object.entries(files).map(([path, text]) => [path, { id: text, mode: '100644' }])),
    read: (path: string) => new TextEncoder().encode(files[path]),
  });
  const before = tree({ 'a.py': 'import toml\nfrom toml import x\n', 'b.py': 'import toml\n', 'c.py': '' });
  const after = tree({
    'a.py': 'import toml\n',
    'b.py': 'import toml\nimport toml.decoder\n',
    'c.py': 'import toml\n',
  });
  const kept = ['a.py', 'b.py', 'c.py', 'gone.py'];
  const of = (files: Record<string, string>): string[] =>
    stillKept(kept, tree(files), [before, after], ['toml']);
  expect(of({ 'a.py': 'y = 1\nimport  toml\n', 'b.py': '', 'c.py': 'import toml\n' })).toEqual(kept);
  expect(of({ 'a.py': 'import toml\nimport toml\n', 'b.py': 'import toml.decoder\nimport toml\n' })).toEqual([
    'b.py',
    'c.py',
    'gone.py',
  ]);
  expect(
    of({ 'a.py': 'from toml import load\n', 'c.py': "__import__('toml')\n", 'gone.py': 'import toml\n' }),
  ).toEqual(['b.py']);
});
