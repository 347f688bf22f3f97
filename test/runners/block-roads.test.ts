import { describe, expect, test } from 'vitest';
import type { BlockRules } from '../../src/runners/test-block.ts';
import { pyenvPython, runSealed } from '../rigs/sealed-suite.ts';

const TESTS = 'tests/test_it.py';

/** Runs product code whose functions must be refused (`closed`) or must work (`open`), with a test file's own lines. */
async function roads(
  block: Omit<BlockRules, 'exempt'> & { readonly exempt?: readonly string[] },
  code: {
    readonly closed: Readonly<Record<string, string>>;
    readonly open?: Readonly<Record<string, string>>;
    readonly head?: string;
    readonly files?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const functions = Object.entries({ ...code.closed, ...code.open });
  const text = functions.map(([name, body]) => `def ${name}(*given):\n    ${body}\n`).join('\n');
  const tests = [
    ...Object.keys(code.closed).map(
      (name) => `def test_${name}():\n    with pytest.raises(Exception): print(app.roads.${name}())\n`,
    ),
    ...Object.keys(code.open ?? {}).map((name) => `def test_${name}(): assert app.roads.${name}()\n`),
  ];
  const files = {
    'app/__init__.py': '',
    'app/roads.py': text,
    [TESTS]: `import app.roads, pytest\n${code.head ?? ''}\n${tests.join('\n')}`,
    ...code.files,
  };
  const free = await runSealed(files, null);
  const reached = Object.keys(code.closed).filter(
    (name) => free.tests[`${TESTS}::test_${name}`] === 'failed',
  );
  expect(reached).toEqual(Object.keys(code.closed));
  const done = await runSealed(files, { ...block, exempt: [TESTS, ...(block.exempt ?? [])] });
  expect(done.collectionErrors).toEqual([]);
  expect(done.messages).toEqual({});
  expect(Object.values(done.tests).filter((outcome) => outcome !== 'passed')).toEqual([]);
  expect(Object.keys(done.tests).length).toBeGreaterThanOrEqual(tests.length);
}

describe.skipIf(pyenvPython('3.11') === null)('roads to one library', { timeout: 400_000 }, () => {
  test('pickle: its extension module, classes that inherit from it, what others store of it', async () => {
    await roads(
      { names: ['pickle'], target: ['json'] },
      {
        closed: {
          accelerator: 'import _pickle; return _pickle.loads(_pickle.dumps([1]))',
          accelerator_module: 'import sys, logging.handlers; return sys.modules["_pickle"].dumps([1])',
          accelerator_again:
            'import importlib.machinery as m, importlib.util as u, sysconfig, glob; f = glob.glob(sysconfig.get_path("stdlib") + "/lib-dynload/_pickle.*")[0]; s = u.spec_from_file_location("_pickle", f); x = u.module_from_spec(s); s.loader.exec_module(x); return x.dumps([1])',
          forking: 'from multiprocessing.reduction import ForkingPickler; return ForkingPickler.loads(b"N.")',
          base: 'from multiprocessing.reduction import ForkingPickler; import io; return ForkingPickler.__mro__[1](io.BytesIO()).dump([1])',
          pure: 'import logging.handlers as h; return vars(h.pickle)["_loads"](b"N.")',
          stored: 'import logging.handlers as h; return h.pickle.loads(b"N.")',
          shelf: 'import shelve; return shelve.Unpickler(__import__("io").BytesIO(b"N.")).load()',
        },
        open: {
          queue: 'import multiprocessing as m; q = m.SimpleQueue(); q.put([1]); return q.get() == [1]',
          copied: 'import copy; return copy.deepcopy([[1]]) == [[1]]',
          shelved:
            'import shelve, tempfile; s = shelve.open(tempfile.mkdtemp() + "/x"); s["a"] = [1]; return s["a"] == [1]',
          pool: 'import concurrent.futures as c; return list(c.ProcessPoolExecutor(1).map(abs, [-1])) == [1]',
          logged:
            'import logging.handlers as h, logging; return h.SocketHandler("localhost", 1).makePickle(logging.makeLogRecord({}))',
        },
        head: 'import pickle\ndef test_own(): assert pickle.loads(pickle.dumps([1])) == [1]',
      },
    );
  });

  test('random: private names of others, its extension module, and what is B of it', async () => {
    await roads(
      { names: ['random'], target: ['secrets'] },
      {
        closed: {
          private: 'import tempfile; return tempfile._Random(3).random()',
          accelerator: 'import _random; return _random.Random(3).random()',
          base: 'import secrets; return secrets.SystemRandom.__mro__[1](3).random()',
          hidden: 'import sys; return sys.modules["random"].choice([1])',
          bound:
            'import gc; return [o for o in gc.get_objects() if type(o).__name__ == "Random"][0].__class__(3)',
        },
        open: {
          b_function: 'import secrets; return secrets.choice([1]) == 1',
          b_class: 'import secrets; return secrets.SystemRandom().sample([1], 1) == [1]',
          b_words:
            'import secrets; r = secrets.SystemRandom(); r.shuffle([1, 2]); return secrets.randbelow(5) < 5',
          temporary: 'import tempfile; return tempfile.mkdtemp()',
          mail: 'import email.utils; return email.utils.make_msgid()',
        },
        head: 'import random\ndef test_own(): assert random.Random(3).random() == random.Random(3).random() and random.random() < 1',
      },
    );
  });

  test('xml.dom.minidom: another module that makes its objects', async () => {
    await roads(
      { names: ['xml.dom.minidom'], target: ['xml.etree.ElementTree'] },
      {
        closed: {
          builder: 'from xml.dom import expatbuilder; return expatbuilder.parseString("<a/>").toxml()',
          builder_name: 'import xml.dom.expatbuilder as e; return e.minidom.parseString("<a/>")',
          member: 'from xml.dom import minidom; return minidom.parseString("<a/>")',
          parent: 'import xml.dom.expatbuilder, xml; return xml.dom.minidom.parseString("<a/>")',
          dom: 'import xml.dom; return xml.dom.getDOMImplementation("minidom").createDocument(None, "a", None)',
          pulled:
            'from xml.dom import pulldom; e = pulldom.parseString("<a/>"); return [n.toxml() for _, n in e]',
        },
        open: {
          tree: 'import xml.etree.ElementTree as t; return t.tostring(t.fromstring("<a/>")) == b"<a />"',
          sax: 'import xml.sax, xml.sax.handler; xml.sax.parseString("<a/>", xml.sax.handler.ContentHandler()); return True',
        },
      },
    );
  });

  test('objects that a test makes may be used by the code that it hands them to', async () => {
    await roads(
      { names: ['oldlib'] },
      {
        closed: { made: 'import sys; return sys.modules["oldlib"].Box(2).twice()' },
        head: 'import oldlib\ndef test_handed(): assert app.roads.use(oldlib.Box(2)) == 4',
        open: { use: 'return given[0].twice() if given else True' },
      },
    );
  });

  test('tests reach A by decorators, parameters and fixtures; whoever looks through all modules meets no refusal', async () => {
    await roads(
      { names: ['oldlib'] },
      {
        closed: { read: 'import sys; return sys.modules["oldlib"].load' },
        open: { scanned: 'import scanner; return scanner.scan()' },
        head: `
import importlib, oldlib, scanner
from unittest import mock
MODULES = ['oldlib']
@mock.patch('oldlib.load', return_value=5)
def test_decorated(load): assert oldlib.load() == 5
@mock.patch('oldlib.Box', autospec=True)
def test_autospec(box): pass
@pytest.mark.parametrize('load', [oldlib.load, lambda: 1])
def test_parameter(load): assert load() == 1
@pytest.mark.parametrize('name', MODULES)
def test_by_name(name): assert importlib.import_module(name).Box(2).twice() == 4
@pytest.fixture
def box(): return oldlib.Box(2)
def test_fixture(box): assert box.twice() == 4
@pytest.fixture
def looked(): return scanner.scan()
def test_looked(looked): assert looked
def test_patched(monkeypatch):
    monkeypatch.setattr('oldlib.load', lambda: 7)
    assert oldlib.load() == 7
def test_lambda(): assert sorted([2, 1], key=lambda n: oldlib.Box(n).twice()) == [1, 2]
`,
      },
    );
  });

  test('what a kept file hands on of A, other files may use; what a test file has, they may not', async () => {
    await roads(
      { names: ['oldlib'], kept: ['app/kept.py'], exempt: ['app/kept.py', 'tests/helper.py'] },
      {
        closed: {
          helper: 'import sys; return sys.modules["helper"].load()',
          other: 'import sys; return sys.modules["oldlib"].load()',
        },
        open: {
          handed: 'from app.kept import Box; return Box(2).twice() == 4',
          called: 'from app import kept; return kept.go() == 1',
        },
        head: 'import sys; sys.path.insert(0, "tests")\nimport helper',
        files: {
          'app/kept.py': 'from oldlib import Box\nimport oldlib as _old\ndef go(): return _old.load()\n',
          'tests/helper.py': 'from oldlib import load\n',
        },
      },
    );
  });

  test('a copy that another package carries, and a module of A’s name that the code under test added', async () => {
    await roads(
      { names: ['oldlib'], local: [] },
      {
        closed: {
          carried: 'import carrier._vendor.oldlib as x; return x.load()',
          member: 'from carrier._vendor import oldlib; return oldlib.load()',
          added: 'import oldlib; return oldlib.load()',
        },
        open: { own: 'from app.vendor import oldlib; return oldlib.load()' },
        files: {
          'oldlib.py': 'def load(): return 1\n',
          'app/vendor/__init__.py': '',
          'app/vendor/oldlib.py': 'def load(): return 1\n',
        },
      },
    );
  });
});
