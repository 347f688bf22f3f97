import { describe, expect, test } from 'vitest';
import { blockRulesText, localModules } from '../../src/runners/test-block.ts';
import type { SuiteRun } from '../../src/runners/test-suite.ts';
import { hasPython, runFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

/** Every form is the body of a function of product code; a test of the same name calls it. */
const FORMS: Record<string, string> = {
  statement: 'import oldlib',
  from_statement: 'from oldlib import load',
  submodule: 'import oldpkg.part',
  from_submodule: 'from oldpkg.part import VALUE',
  member: 'from oldpkg import part',
  import_module: 'import importlib; importlib.import_module("oldlib")',
  relative_import_module: 'import importlib; importlib.import_module(".part", "oldpkg")',
  dunder: '__import__("oldlib")',
  dunder_empty: '__import__("oldlib", {}, {})',
  importlib_dunder: 'import importlib; importlib.__import__("oldlib")',
  executed: 'exec("import oldlib")',
  evaluated: 'eval("__import__(\'oldlib\')")',
  pkgutil: 'import pkgutil; pkgutil.resolve_name("oldlib:load")',
  runpy: 'import runpy; runpy.run_module("oldlib")',
  lambda_: '(lambda: __import__("oldlib"))()',
  thread: `
    import threading
    seen = []
    def work():
        try:
            import oldlib
        except ImportError as error:
            seen.append(error)
    thread = threading.Thread(target=work); thread.start(); thread.join()
    if seen: raise seen[0]`,
};

const product = Object.entries(FORMS)
  .map(([name, body]) => `def ${name}():\n    ${body.trim()}\n`)
  .join('\n');
const calls = Object.keys(FORMS)
  .map(
    (name) =>
      `def test_${name}():\n    with pytest.raises(ImportError, match='No module named .?(oldlib|oldpkg)'): forms.${name}()\n`,
  )
  .join('\n');
const BLOCK = { names: ['oldlib', 'oldpkg'], exempt: ['tests/test_forms.py', 'app/kept.py'] };

async function run(files: Record<string, string>, block: typeof BLOCK): Promise<SuiteRun> {
  const done = await runFiles(scratchFolder(), files, { block, paths: ['tests'] });
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}

function failing(done: SuiteRun): unknown {
  return { ...done.messages, collection: done.collectionErrors.map(({ message }) => message) };
}

describe.skipIf(!hasPython)('the block', () => {
  test('refuses A to product code in every form, though tests and third parties have loaded it', async () => {
    const done = await run(
      {
        'app/__init__.py': '',
        'app/forms.py': product,
        'tests/test_forms.py': `import pytest, oldlib, oldpkg.part, thirdlib\nfrom app import forms\n${calls}`,
      },
      BLOCK,
    );
    expect(failing(done)).toEqual({ collection: [] });
    expect(Object.keys(done.tests)).toHaveLength(Object.keys(FORMS).length);
    expect(new Set(Object.values(done.tests))).toEqual(new Set(['passed']));
  });

  test('leaves tests, kept files, third parties, vendored modules and guarded look-ups alone', async () => {
    const done = await run(
      {
        'app/__init__.py': '',
        'app/kept.py': 'import oldlib\n',
        'app/vendor/__init__.py': '',
        'app/vendor/oldlib.py': 'OWN = True\n',
        'app/uses.py': `
import importlib.util
import thirdlib
from .vendor import oldlib as own
try:
    import oldlib
except ImportError:
    oldlib = None
FOUND = importlib.util.find_spec('oldlib')
`,
        'app/warns.py': 'import warnings\nwarnings.warn("here", stacklevel=2)\n',
        'tests/test_forms.py': `
import warnings, oldlib
from unittest import mock
from app import kept, uses
def test_kept(): assert kept.oldlib is oldlib
def test_third(): assert uses.thirdlib.load() == 1
def test_vendored(): assert uses.own.OWN
def test_guard(): assert uses.oldlib is None
def test_look_up(): assert uses.FOUND is None
def test_mock():
    with mock.patch('oldlib.load', return_value=5): assert oldlib.load() == 5
def test_stacklevel():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        import app.warns
    assert seen[0].filename == __file__
`,
      },
      BLOCK,
    );
    expect(failing(done)).toEqual({ collection: [] });
    expect(new Set(Object.values(done.tests))).toEqual(new Set(['passed']));
  });

  test('holds in child processes, and runs the sitecustomize that it hides', async () => {
    const done = await run(
      {
        'app/__init__.py': '',
        'app/__main__.py': 'import oldlib\n',
        'tests/script.py': 'import oldlib\noldlib.load()\n',
        'sitecustomize.py': 'import builtins\nbuiltins.CUSTOM = 1\n',
        'tests/test_forms.py': `
import subprocess, sys
from concurrent.futures import ProcessPoolExecutor
def test_child():
    done = subprocess.run([sys.executable, '-m', 'app'], stderr=subprocess.PIPE, text=True)
    assert "No module named 'oldlib'" in done.stderr
def test_text_is_nobodys():
    done = subprocess.run([sys.executable, '-c', 'import oldlib'], stderr=subprocess.PIPE, text=True)
    assert "No module named 'oldlib'" in done.stderr
def test_module_is_nobodys():
    done = subprocess.run([sys.executable, '-m', 'oldlib'], stderr=subprocess.PIPE, text=True)
    assert "No module named oldlib" in done.stderr
def test_own_script():
    subprocess.run([sys.executable, 'tests/script.py'], check=True)
def test_third_party():
    subprocess.run([sys.executable, '-c', 'import thirdlib; thirdlib.load(); print(CUSTOM)'], check=True, cwd='/')
def test_custom(): assert CUSTOM == 1
`,
      },
      { ...BLOCK, exempt: [...BLOCK.exempt, 'tests/script.py'] },
    );
    expect(failing(done)).toEqual({ collection: [] });
    expect(Object.keys(done.tests)).toHaveLength(6);
  });

  test('holds for the standard library and dotted names, and in the collection', async () => {
    const done = await run(
      {
        'app/__init__.py': '',
        'app/args.py': 'import argparse\n',
        'app/meta.py': 'from importlib import metadata\n',
        'app/other.py': 'import importlib.util\nfrom importlib import resources\n',
        'tests/test_forms.py': `
import argparse, importlib.metadata, pytest
import app.other
def test_args():
    with pytest.raises(ModuleNotFoundError, match="argparse"): import app.args
def test_meta():
    with pytest.raises(ModuleNotFoundError, match="importlib.metadata"): import app.meta
`,
        'tests/test_lost.py': 'from app import args\ndef test_lost(): pass\n',
      },
      { names: ['argparse', 'importlib.metadata'], exempt: ['tests/test_forms.py', 'tests/test_lost.py'] },
    );
    expect(failing({ ...done, collectionErrors: [] })).toEqual({ collection: [] });
    expect(Object.keys(done.tests)).toHaveLength(2);
    expect(done.collectionErrors).toMatchObject([{ file: 'tests/test_lost.py', failingImport: 'argparse' }]);
  });
});

test('a module of A’s name is the repository’s own where it lies in a folder of the import path', () => {
  const paths = ['src/toml/__init__.py', 'app/yaml.py', 'xml.py'];
  expect(localModules(paths, ['src'], ['toml', 'yaml', 'xml.dom.minidom'])).toEqual(['toml', 'xml']);
  expect(localModules(paths, ['./app/'], ['yaml.cyaml', 'toml'])).toEqual(['yaml']);
});

test('rules are a kind and its values a line, whatever a name holds', () => {
  const rules = {
    names: ['a'],
    exempt: ['x\ty%.py', 'z.py'],
    digests: { 'z.py': 'abc' },
    kept: ['z.py'],
    own: ['/o'],
  };
  expect(blockRulesText(rules, '/w')).toBe(
    'root\t/w\nname\ta\nexempt\tx%09y%25.py\nexempt\tz.py\tabc\nkept\tz.py\nown\t/o\n',
  );
});
