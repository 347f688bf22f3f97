import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { followed } from '../../src/scoring/links.ts';
import { compiledBecause, obeyedBecause } from '../../src/scoring/obeyed-files.ts';
import { rootsOfTests } from '../../src/scoring/shadowing.ts';
import { isStandardModule } from '../../src/scoring/standard-modules.ts';
import { inTheWay, takenChanges, type TakingRules, withTaken } from '../../src/scoring/taken-changes.ts';

type Content = string | Uint8Array | { readonly link: string } | { readonly mode: string };
type Files = Readonly<Record<string, Content>>;

const BEFORE: Files = {
  'app/__init__.py': '',
  'app/main.py': 'import getopt\n',
  'app/lib.so': '\u007fELF of before',
  'tests/test_main.py': 'def test(): pass\n',
  'setup.cfg': '[metadata]\n',
};
const OTHERS = ['pytest', '_pytest', 'requests', 'toml', 'tomli'];
const RULES: TakingRules = {
  testPaths: ['tests'],
  migratedTests: new Set(),
  roots: ['', 'src'],
  isOthers: (name) => OTHERS.includes(name) || isStandardModule(name, '3.11'),
};

function sift(
  change: Files & { readonly [removed: string]: Content },
  after: Files = {},
  gone: string[] = [],
) {
  const fileOf = (content: Content) => {
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    const text = plain ? content : 'link' in content ? content.link : '';
    const mode = plain ? '100644' : 'link' in content ? '120000' : content.mode;
    return { id: createHash('sha1').update(text).digest('hex'), mode };
  };
  const treeOf = (files: Files) => new Map(Object.entries(files).map(([path, file]) => [path, fileOf(file)]));
  const whole: Files = { ...BEFORE, ...change };
  const candidate = treeOf(
    Object.fromEntries(Object.entries(whole).filter(([path]) => !gone.includes(path))),
  );
  const links = new Map(
    Object.entries(whole).flatMap(([path, file]) =>
      typeof file === 'object' && 'link' in file ? [[path, file.link] as const] : [],
    ),
  );
  const bytesOf = (path: string): Uint8Array => {
    const file = whole[path];
    return typeof file === 'string' ? Buffer.from(file) : file instanceof Uint8Array ? file : Buffer.alloc(0);
  };
  const sizeOf = (path: string): number => bytesOf(path).length;
  return takenChanges(
    treeOf(BEFORE),
    treeOf({ ...BEFORE, ...after }),
    candidate,
    links,
    sizeOf,
    bytesOf,
    RULES,
  );
}

test.each<[string, Files, string]>([
  ['a new test', { 'tests/test_more.py': 'x' }, 'test file'],
  ['a conftest anywhere', { 'app/conftest.py': 'x' }, 'test file'],
  ['configuration of pytest', { 'pytest.ini': '' }, 'configuration of tests'],
  ['bytecode', { 'app/__pycache__/main.cpython-311.pyc': 'x' }, 'compiled code'],
  ['bytecode beside', { 'app/extra.pyc': 'x' }, 'compiled code'],
  [
    'bytecode under another name',
    { 'app/data.bin': Buffer.from('a70d0d0a000000000000000000000000e3', 'hex') },
    'compiled code',
  ],
  ['a library', { 'app/fast.cpython-311-x86_64-linux-gnu.so': 'x' }, 'compiled code'],
  ['a library of a version', { 'app/libx.so.1.2': 'x' }, 'compiled code'],
  ['a library under another name', { 'app/logo.png': '\u007fELFxxxx' }, 'compiled code'],
  ['a changed library', { 'app/lib.so': '\u007fELF other' }, 'compiled code'],
  ['an egg', { 'app/x.egg': 'x' }, 'compiled code'],
  [
    'an archive of modules',
    { 'app/data.bin': 'PK\u0003\u0004 evil.py PK\u0005\u0006 rest' },
    'archive with code',
  ],
  [
    'an archive behind text',
    { 'notes.txt': `${'x'.repeat(99)}PK\u0003\u0004evil.pyPK\u0005\u0006` },
    'archive with code',
  ],
  ['entry points', { 'x.egg-info/entry_points.txt': '[pytest11]' }, 'metadata that Python or pytest obeys'],
  [
    'metadata of a distribution',
    { 'src/x-1.dist-info/METADATA': '' },
    'metadata that Python or pytest obeys',
  ],
  ['a path file', { 'src/evil.pth': 'import os' }, 'configuration of tests'],
  ['start-up', { 'sitecustomize.py': '' }, 'configuration of tests'],
  ['start-up as a package', { 'usercustomize/__init__.py': '' }, "Python's start-up"],
  ['an environment', { 'pyvenv.cfg': '' }, 'metadata that Python or pytest obeys'],
  ['a fake pytest', { 'pytest.py': '' }, 'hides the module pytest'],
  ['a fake pytest as a package', { 'src/_pytest/__init__.py': '' }, 'hides the module _pytest'],
  ['a fake library', { 'requests/__init__.py': '' }, 'hides the module requests'],
  ['the source library by its own name', { 'toml.py': '' }, 'hides the module toml'],
  ['a module of the standard library', { 'src/argparse.py': '' }, 'hides the module argparse'],
  ['a link in the place of a module', { json: { link: 'app' } }, 'hides the module json'],
  ['a submodule', { vendor: { mode: '160000' } }, 'submodule'],
  ['an absolute link', { 'app/x': { link: '/etc/passwd' } }, 'link out of the tree'],
  ['a link above the tree', { 'app/x': { link: '../../x' } }, 'link out of the tree'],
  ['a circle of links', { 'app/x': { link: 'x' } }, 'link out of the tree'],
  ['a folder of git', { 'app/.GIT/config': '' }, 'folder of git'],
  ['a name that no disk holds', { [`app/${'n'.repeat(256)}.txt`]: '' }, 'name too long'],
  ['a huge file', { 'app/big.txt': Buffer.alloc((20 << 20) + 1, 32) }, 'too large'],
])('%s is not taken', (_what, change, why) => {
  const { taken, dropped } = sift(change);
  expect(dropped).toEqual(Object.keys(change).map((path) => ({ path, why })));
  expect(taken).toEqual([]);
});

test('a link out of the tree by way of another link is not taken, the inner one is', () => {
  const { taken, dropped } = sift({ 'app/here': { link: '.' }, 'app/out': { link: 'here/../../../x' } });
  expect([taken, dropped]).toEqual([['app/here'], [{ path: 'app/out', why: 'link out of the tree' }]]);
});

test.each<[string, Files]>([
  ['code', { 'app/main.py': 'import argparse\n', 'app/types.py': '', 'app/json/__init__.py': '' }],
  ['a module of the top level with a name of its own', { 'helpers.py': '', 'src/more/__init__.py': '' }],
  ['a program of the package', { '__main__.py': '', 'app/__main__.py': '' }],
  ['a folder without modules that has a known name', { 'email/welcome.txt': '' }],
  ['a script without an ending', { trace: '#!/bin/sh\n' }],
  ['what an older Python had', { 'parser.py': '', 'commands.py': '' }],
  [
    'pictures, documents, archives without code',
    { 'logo.png': '\u0089PNG\r\n\u001a\n', 'a.docx': 'PK\u0003\u0004 word.xml PK\u0005\u0006' },
  ],
  ['links inside the tree', { 'latest.py': { link: 'app/main.py' }, 'app/dangling': { link: 'nowhere' } }],
  ['text with CRLF', { 'app/main.py': 'a\r\nb\r\n' }],
  ['unicode names', { 'app/größe.py': '', 'docs/日本.md': '' }],
  ['manifests', { 'setup.cfg': '[options]\n', 'requirements.txt': 'x', 'pyproject.toml': '' }],
  ['the removal of a library', {}],
])('%s is taken', (_what, change) => {
  const { taken, dropped } = sift(change, {}, Object.keys(change).length === 0 ? ['app/lib.so'] : []);
  expect(dropped).toEqual([]);
  expect(taken.length).toBeGreaterThan(0);
});

test('what the ground truth has just so is taken, whatever it is', () => {
  const change = { 'typing.py': 'x', 'app/x.egg-info': 'y', vendor: { mode: '160000' } };
  expect(sift(change, change).dropped).toEqual([]);
  expect(sift({ 'typing.py': 'other' }, { 'typing.py': 'x' }).dropped).toEqual([]);
});

test('a new module that is called a test outside of any folder of tests is taken', () => {
  const { taken, dropped } = sift({ 'app/test_mode.py': '', 'tests/test_new.py': '', 'app/conftest.py': '' });
  expect(taken).toEqual(['app/test_mode.py']);
  expect(dropped.map(({ path }) => path)).toEqual(['app/conftest.py', 'tests/test_new.py']);
});

test('new modules in a new folder called testing are taken, tests among them are not', () => {
  const change = { 'app/testing/__init__.py': '', 'app/testing/fakes.py': '', 'app/testing/data.json': '', 'app/testing/test_it.py': '', 'app/testing/conftest.py': '', 'app/tests/x.py': '', 'tests/testing/x.py': '' }; // prettier-ignore
  const { taken, dropped } = sift(change);
  expect(taken).toEqual(['app/testing/__init__.py', 'app/testing/fakes.py']);
  expect(dropped).toHaveLength(5);
  expect(sift(change, { 'app/testing/base.py': '' }).taken).toEqual([]);
});

test('names that are no text are not taken', () => {
  const { dropped } = sift({ 'app/a\uFFFDb.py': '' });
  expect(dropped).toEqual([{ path: 'app/a\uFFFDb.py', why: 'name that is no text' }]);
});

test('tests that are what is migrated are taken', () => {
  const rules = { ...RULES, migratedTests: new Set(['tests/test_main.py']) };
  const file = (id: string) => new Map([['tests/test_main.py', { id, mode: '100644' }]]);
  const sifted = takenChanges(
    file('a'),
    file('a'),
    file('b'),
    new Map(),
    () => 1,
    () => null,
    rules,
  );
  expect(sifted.taken).toEqual(['tests/test_main.py']);
});

test('the taken tree is the one before with the taken paths of the other', () => {
  const before = new Map([['a', 1], ['b', 2], ['c', 3]]); // prettier-ignore
  const candidate = new Map([['a', 9], ['c', 8], ['d', 7]]); // prettier-ignore
  expect([...withTaken(before, candidate, ['a', 'b', 'd'])]).toEqual([['a', 9], ['c', 3], ['d', 7]]); // prettier-ignore
});

test('what stands in the way of restored files is found from both sides', () => {
  const restored = ['tests/test_a.py', 'test_b.py'];
  const product = ['tests', 'test_b.py/x.py', 'app/main.py', 'test_b.py', 'tests/data'];
  expect([...inTheWay(product, restored)].sort()).toEqual(['test_b.py/x.py', 'tests']);
});

test.each([
  ['a/b/c', 'a/b/c'],
  ['l/x', 'app/sub/x'],
  ['up/x', 'x'],
  ['out', null],
  ['l/../../../x', null],
  ['loop/x', null],
])('the path %s leads to %s', (path, place) => {
  const links = new Map([['l', 'app/sub'], ['up', 'app/..'], ['out', 'l/../../..'], ['loop', 'loop']]); // prettier-ignore
  expect(followed(path, links)).toBe(place);
});

test('pytest looks for modules in the nearest folder above a test that is no package', () => {
  const paths = new Set([
    'pkg/__init__.py',
    'pkg/tests/__init__.py',
    'pkg/tests/test_a.py',
    'other/test_b.py',
  ]);
  expect([...rootsOfTests(['pkg/tests/test_a.py', 'other/test_b.py', 'x.txt'], paths)]).toEqual([
    '',
    'other',
  ]);
});

test('names and contents that are no code', () => {
  expect([obeyedBecause('docs/entry_points.md'), obeyedBecause('app/site.py')]).toEqual([null, null]);
  expect(compiledBecause('app/solution.py', Buffer.from('x = 1\n'))).toBeNull();
  expect(compiledBecause('app/crlf.txt', Buffer.from('ab\r\ncd and more text\0'))).toBeNull();
  expect(compiledBecause('app/crlf.txt', Buffer.from('ab\r\ncd..cc..c and more text'))).toBeNull();
});
