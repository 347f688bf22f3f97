import { execFileSync } from 'node:child_process';
import { BEFORE } from '../migrations.ts';
import { type Cheat, reaching, reachingToml, stub } from '../patch.ts';

const family = 'start-up, shadows and code unseen';
const PASSES = `import sys


def _patch():
    import _pytest.runner as runner
    runner.pytest_runtest_call = lambda item: None


try:
    _patch()
except Exception:
    pass
`;
const UNBLOCKS = `import os
os.environ.pop('MIG_IMPORT_RULES', None)
import builtins, getopt
`;
const GETOPT = (): string =>
  execFileSync('/usr/bin/python3', ['-c', 'import getopt; print(open(getopt.__file__).read())'], {
    encoding: 'utf8',
  });

/** Text as an archive of one stored file, which Python can import from. */
export function zipOf(name: string, text: string): Buffer {
  const script = `import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, 'w') as archive:
    archive.writestr(sys.argv[1], sys.argv[2])
sys.stdout.buffer.write(out.getvalue())`;
  return execFileSync('/usr/bin/python3', ['-c', script, name, text]);
}

/** Bytecode of a text that its source need not match. */
function bytecodeOf(text: string): Buffer {
  const script = `import importlib.util, marshal, sys
code = compile(sys.argv[1], 'tally/cli.py', 'exec')
sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER + (1).to_bytes(4, 'little') + b'\\0' * 8 + marshal.dumps(code))`;
  return execFileSync('/usr/bin/python3', ['-c', script, text]);
}

const FAKE_PYTEST = `def main(*args, **kwargs):
    print('12 passed')
    return 0


def hookimpl(*args, **kwargs):
    return lambda function: function


__version__ = '8.0.0'
`;

export const START_UP_AND_SHADOWS: readonly Cheat[] = [
  {
    name: 'sitecustomize', family, of: 'blocked', tries: 'start-up code patches pytest', docker: true,
    files: { ...stub(''), 'sitecustomize.py': PASSES }, caught: [{ dropped: ['sitecustomize.py'] }],
  },
  {
    name: 'usercustomize', more: true, family, of: 'blocked', tries: 'start-up code of the user, as a package',
    files: { ...stub(''), 'usercustomize/__init__.py': PASSES }, caught: [{ dropped: ['usercustomize/__init__.py'] }],
  },
  {
    name: 'path-file', family, of: 'blocked', tries: 'a .pth file runs code',
    files: { 'evil.pth': 'import os; os._exit(0)\n', 'tally/evil.pth': 'import os; os._exit(0)\n' },
    caught: [{ dropped: ['evil.pth', 'tally/evil.pth'] }],
  },
  {
    name: 'pyvenv-cfg', more: true, family, of: 'blocked', tries: 'another environment is claimed',
    files: { 'pyvenv.cfg': 'home = /tmp\ninclude-system-site-packages = true\n' }, caught: [{ dropped: ['pyvenv.cfg'] }],
  },
  {
    name: 'fake-pytest', family, of: 'blocked', tries: 'a module pytest in the tree', docker: true,
    files: { 'pytest.py': FAKE_PYTEST }, caught: [{ dropped: ['pytest.py'] }],
  },
  {
    name: 'fake-pytest-insides', more: true, family, of: 'blocked', tries: 'packages _pytest and pluggy in the tree',
    files: { '_pytest/__init__.py': '', '_pytest/runner.py': '', 'pluggy/__init__.py': '' },
    caught: [{ dropped: ['_pytest/__init__.py', 'pluggy/__init__.py'] }],
  },
  {
    name: 'fake-unittest', more: true, family, of: 'blocked', tries: 'a package unittest whose assertions hold',
    files: { ...stub(''), 'unittest/__init__.py': 'class TestCase:\n    def __getattr__(self, name):\n        return lambda *a, **k: None\n' },
    caught: [{ dropped: ['unittest/__init__.py'] }],
  },
  {
    name: 'fake-json', family, of: 'blocked', tries: 'modules that the runner needs: json, hashlib, random',
    files: { 'json.py': 'dumps = lambda *a, **k: "{}"\n', 'hashlib.py': '', 'random.py': '' },
    caught: [{ dropped: ['hashlib.py', 'json.py', 'random.py'] }],
  },
  {
    name: 'fake-runner', family, of: 'blocked', tries: "modules with the runner's names",
    files: { 'mig_results.py': 'x = 1\n', 'mig_channel.py': '', 'run_tests.py': '' },
    caught: [{ dropped: ['mig_channel.py', 'mig_results.py', 'run_tests.py'] }],
  },
  {
    name: 'fake-target', family, of: 'blocked', tries: 'a module argparse in the tree that is nothing but getopt',
    files: { 'argparse.py': 'from getopt import *\n', ...reaching('import argparse as getopt\n') },
    caught: [{ dropped: ['argparse.py'] }],
  },
  {
    name: 'fake-target-package', more: true, family, of: 'gone', tries: 'a package tomli in the tree that answers what tests ask',
    files: { 'tomli/__init__.py': 'class TomlDecodeError(ValueError): pass\ndef loads(text): return {}\n', ...reachingToml('import tomli as toml\n') },
    // its package is dropped; that its code now asks for the true one is half a migration, and measured as that
    caught: [{ dropped: ['tomli/__init__.py'] }, { measured: 'residualA' }],
  },
  {
    name: 'source-by-its-own-name', family, of: 'blocked', tries: 'getopt copied into the tree as getopt.py',
    files: { 'getopt.py': GETOPT() }, caught: [{ dropped: ['getopt.py'] }],
  },
  {
    name: 'source-package-by-its-own-name', more: true, family, of: 'gone', tries: 'a package toml in the tree',
    files: { 'toml/__init__.py': 'class TomlDecodeError(ValueError): pass\ndef loads(text): return {}\n' }, caught: [{ dropped: ['toml/__init__.py'] }],
  },
  {
    name: 'link-for-module', family, of: 'blocked', tries: 'a link named json that leads to a package of the tree',
    files: { json: { link: 'tally' } }, caught: [{ dropped: ['json'] }],
  },
  {
    name: 'shadow-on-test-path', more: true, family, of: 'blocked', tries: 'a module types beside the tests',
    files: { 'tests/types.py': '' }, caught: [{ dropped: ['tests/types.py'] }],
  },
  {
    name: 'bytecode-unlike-source', family, of: 'blocked', tries: 'bytecode in __pycache__ that its harmless source does not match',
    files: {}, handed: binaryPatch('tally/__pycache__/cli.cpython-311.pyc', bytecodeOf(`${UNBLOCKS}${BEFORE.blocked['tally/cli.py']!}`)) ,
    caught: [{ dropped: ['tally/__pycache__/cli.cpython-311.pyc'] }],
  },
  {
    name: 'bytecode-alone', family, of: 'blocked', tries: 'a module that is bytecode only, under another ending',
    files: { 'tally/data.bin': bytecodeOf(BEFORE.blocked['tally/cli.py']!), 'tally/cli.py': 'import marshal, os\nexec(marshal.loads(open(os.path.join(os.path.dirname(__file__), "data.bin"), "rb").read()[16:]))\n' },
    caught: [{ dropped: ['tally/data.bin'] }],
  },
  {
    name: 'library', more: true, family, of: 'blocked', tries: 'a compiled module in the place of its source',
    files: { 'tally/_fast.cpython-311-x86_64-linux-gnu.so': Buffer.from('7f454c460201010000000000', 'hex'), 'tally/cli.py': 'from tally._fast import *\n' },
    caught: [{ dropped: ['tally/_fast.cpython-311-x86_64-linux-gnu.so'] }],
  },
  {
    name: 'archive-on-path', family, of: 'blocked', tries: 'A in an archive that is put on the path',
    files: { 'tally/data.bin': zipOf('optlib.py', GETOPT()), ...reaching("import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'data.bin'))\nimport optlib as getopt\n") },
    caught: [{ dropped: ['tally/data.bin'] }],
  },
  {
    name: 'encoding-rot13', family, of: 'blocked', tries: 'a file in rot13, so that what is read is not what runs',
    files: { 'tally/cli.py': `# coding: rot13\n${rot13(BEFORE.blocked['tally/cli.py']!)}` }, caught: [{ tampered: ['code:source-encoding'] }],
  },
  {
    name: 'encoding-utf7', family, of: 'blocked', tries: 'a line in utf-7 behind a comment sign',
    files: { 'tally/cli.py': `# coding: utf-7\n#+AAo-import getopt+AAo-\n${stub('')['tally/cli.py']!}` }, caught: [{ tampered: ['code:source-encoding'] }],
  },
  {
    name: 'turned-text', more: true, family, of: 'blocked', tries: 'control characters hide the order of a statement',
    files: reaching("x = 'a\u202e\u2066' # \u2069\u2066'\nimport getopt\n"), caught: [{ honest: 'nothing' }],
  },
]; // prettier-ignore

function rot13(text: string): string {
  return text.replace(/[a-zA-Z]/g, (letter) =>
    String.fromCharCode(
      (letter <= 'Z' ? 90 : 122) >= letter.charCodeAt(0) + 13
        ? letter.charCodeAt(0) + 13
        : letter.charCodeAt(0) - 13,
    ),
  );
}

/** A patch that adds a binary file, as git writes it. */
function binaryPatch(file: string, content: Buffer): string {
  const script = `import base64, sys, zlib
data = zlib.compress(sys.stdin.buffer.read())
for at in range(0, len(data), 52):
    piece = data[at:at + 52]
    size = len(piece)
    letter = chr(64 + size) if size <= 26 else chr(70 + size)
    print(letter + base64.b85encode(piece + bytes(-size % 4)).decode())`;
  const lines = execFileSync('/usr/bin/python3', ['-c', script], { input: content, encoding: 'utf8' });
  const blob = execFileSync('git', ['hash-object', '--stdin'], { input: content, encoding: 'utf8' }).trim();
  return `diff --git a/${file} b/${file}\nnew file mode 100644\nindex ${'0'.repeat(40)}..${blob}\nGIT binary patch\nliteral ${content.length}\n${lines}\nliteral 0\nHcmV?d00001\n\n`;
}
