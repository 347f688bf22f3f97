import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const SCRIPTS = path.join(path.dirname(path.dirname(import.meta.dirname)), 'src', 'runners', 'python');

/** The machine's own, and one of each line that pyenv has. */
function interpreters(): string[] {
  const versions = path.join(os.homedir(), '.pyenv', 'versions');
  const found = existsSync(versions) ? readdirSync(versions).map((name) => path.join(versions, name, 'bin', 'python')) : [];
  return ['python3', ...found.filter((file) => existsSync(file))];
} // prettier-ignore

interface Seen {
  imports: string[];
  text: string;
  forbidden: string[];
  asserts: boolean;
}

function inspect(python: string, files: Record<string, string>, libraries: string[]): Record<string, { error: string | null; tests: Record<string, Seen> }> {
  const root = writeFiles(scratchFolder(), files);
  const request = path.join(root, 'request.json');
  const asked = { root, files: Object.keys(files).filter((file) => file.startsWith('g/')), libraries, pythonpath: ['.'], generated: 'g/' };
  writeFileSync(request, JSON.stringify(asked));
  const said = execFileSync(python, ['-B', '-E', path.join(SCRIPTS, 'inspect_tests.py'), request], { encoding: 'utf8' });
  return JSON.parse(said) as ReturnType<typeof inspect>;
} // prettier-ignore

const HEAD = `import random, time, datetime, os, sys
from datetime import datetime as dt
import pytest
from app import main, other
try:
    from unittest import mock
except ImportError:
    mock = None
`;
/** One test each: source, and what must be said of it (a part of the finding). */
const CASES: readonly [string, string, 'imports' | 'forbidden' | 'asserts' | 'sound', string][] = [
  ['plain', 'assert main.f(1) == 2', 'sound', ''],
  ['data_like_a_library', "assert main.f('pyproject.toml', 'toml')", 'sound', ''],
  ['doc', '"""Import toml, at /home/x, with time.time."""\n    assert main.f(1)', 'sound', ''],
  ['import', 'import toml\n    assert main.f(1)', 'imports', 'import toml'],
  ['import_below', 'import tomli._parser\n    assert main.f(1)', 'imports', 'import tomli._parser'],
  ['from', 'from toml import loads\n    assert main.f(1)', 'imports', 'from toml import'],
  ['dunder', "__import__('toml')\n    assert main.f(1)", 'imports', "'toml'"],
  ['skip', "pytest.importorskip('tomli')\n    assert main.f(1)", 'imports', "'tomli'"],
  ['mock', "with mock.patch('app.main.toml.loads'): assert main.f(1)", 'imports', 'app.main.toml.loads'],
  ['mock_of_own_module', "with mock.patch('app.toml.loads'): assert main.f(1)", 'sound', ''],
  ['attribute', 'main.toml.loads = None\n    assert main.f(1)', 'imports', 'app.main.toml'],
  ['modules', "sys.modules['toml'] = None\n    assert main.f(1)", 'imports', 'sys.modules'],
  ['executed', "exec('import toml')\n    assert main.f(1)", 'imports', 'a text that imports toml'],
  ['now', 'assert main.f(dt.now())', 'forbidden', 'clock'],
  ['today', 'assert main.f(datetime.date.today())', 'forbidden', 'clock'],
  ['strftime', "assert main.f(time.strftime('%Y'))", 'forbidden', 'clock'],
  ['strftime_given', "assert main.f(time.strftime('%Y', (1, 2, 3, 4, 5, 6, 0, 8, 0)))", 'sound', ''],
  ['path', "assert main.f('/home/me/x')", 'forbidden', 'absolute path'],
  ['route', "assert main.f('/api/home')", 'sound', ''],
  ['chance', 'assert main.f(random.random())', 'forbidden', 'randomness'],
  ['seeded', 'random.seed(1)\n    assert main.f(random.random())', 'sound', ''],
  ['own_generator', 'assert main.f(random.Random(3).random())', 'sound', ''],
  ['urandom', 'assert main.f(os.urandom(3))', 'forbidden', 'randomness'],
  ['socket', 'import socket\n    assert main.f(socket)', 'forbidden', 'network'],
  ['other_client', 'import requests\n    assert main.f(requests)', 'forbidden', 'network'],
  ['client_under_test', 'import httpx.models\n    assert httpx.models.f(1)', 'sound', ''],
  ['nothing', 'main.f(1)', 'asserts', ''],
  ['true', 'assert True', 'asserts', ''],
  ['same', 'x = main.f(1)\n    assert x == x', 'asserts', ''],
  ['or_true', 'assert main.f(1) or True', 'asserts', ''],
  ['swallowed', 'try:\n        assert main.f(1)\n    except Exception: pass', 'asserts', ''],
  ['reraised', 'try:\n        assert main.f(1)\n    except Exception:\n        raise', 'sound', ''],
  ['raises', 'with pytest.raises(ValueError): main.f(None)', 'sound', ''],
  ['helper', 'check(main.f(1))', 'sound', ''],
  ['other_file', 'support.check(main.f(1))', 'sound', ''],
];

describe('what the source of a test says', () => {
  const files = {
    'app/__init__.py': '',
    'app/toml.py': '',
    'httpx/__init__.py': '',
    'g/support.py': 'def check(x):\n    assert x == 2\n',
    'g/test_all.py': `${HEAD}import support\n\ndef check(x):\n    assert x == 2\n\n${CASES.map(([name, body]) => `def test_${name}():\n    ${body}\n`).join('\n')}`,
    'g/test_fixtures.py':
      'import unittest, time\nimport pytest\nfrom app import main\n@pytest.fixture\ndef lib():\n    import toml\n    return toml\ndef test_fixture(lib): assert main.f(lib)\nclass Base(unittest.TestCase):\n    def test_a(self): self.assertEqual(main.f(1), 2)\nclass TestB(Base):\n    def setUp(self): self.now = time.time()\n    def test_b(self): self.check()\n    def check(self): self.assertTrue(main.f(self.now))\n',
    'g/test_broken.py': 'def test(:\n',
  };

  test.each(interpreters())('%s sees the same as any other', (python) => {
    const seen = inspect(python, files, ['toml', 'tomli']);
    const wrong = CASES.filter(([name, , kind, part]) => {
      const found = seen['g/test_all.py']?.tests[`test_${name}`];
      if (found === undefined) return true;
      const isSound = found.imports.length + found.forbidden.length === 0 && found.asserts;
      if (kind === 'sound' || isSound) return (kind === 'sound') !== isSound;
      if (kind === 'asserts') return found.asserts;
      return !found[kind].some((text) => text.includes(part)) || !found.asserts;
    });
    expect(wrong).toEqual([]);
    const { tests = {} } = seen['g/test_fixtures.py'] ?? {};
    expect(tests['test_fixture']?.imports).toEqual(['line 6: import toml', 'line 7: toml']);
    expect(tests['Base::test_a']).toMatchObject({ imports: [], forbidden: [], asserts: true });
    // inherited, with a clock in the set-up of the class that inherits it
    expect(tests['TestB::test_a']).toMatchObject({ forbidden: ['clock: line 12, time.time'], asserts: true });
    expect(tests['TestB::test_b']).toMatchObject({ forbidden: ['clock: line 12, time.time'], asserts: true });
    expect(tests['Base::test_a']?.text).toBe(tests['TestB::test_a']?.text);
    expect(tests['Base::test_a']?.text).not.toBe(tests['TestB::test_b']?.text);
    expect(seen['g/test_broken.py']).toEqual({ error: 'SyntaxError, line 1', tests: {} });
  });
});

describe('a clock that is set forward', () => {
  test.each(interpreters())('%s: dates move, and are dates like any other', (python) => {
    const program = `
import time, datetime, pickle, copy
was, real = datetime.datetime.now(), datetime.datetime
import mig_clock
mig_clock.install({'seconds': 4011 * 86400 + 26001})
moved = datetime.datetime.now()
assert 4010 < (moved - was).days < 4013 and 4010 < (datetime.datetime.utcnow() - was).days < 4013
assert 4010 <= (datetime.date.today() - was.date()).days <= 4013
assert time.gmtime().tm_year - was.year in (10, 11) and time.gmtime(0).tm_year == 1970
assert int(time.strftime('%Y')) == moved.year and time.strftime('%Y', time.gmtime(0)) == '1970'
assert isinstance(was, datetime.datetime) and isinstance(moved, real) and isinstance(moved, datetime.date)
assert issubclass(datetime.datetime, datetime.date) and not isinstance(was.date(), datetime.datetime)
class Own(datetime.datetime): pass
assert not isinstance(moved, Own) and isinstance(Own(2020, 1, 1), datetime.datetime)
assert repr(datetime.datetime(2020, 1, 2, 3)) == 'datetime.datetime(2020, 1, 2, 3, 0)'
assert pickle.loads(pickle.dumps(moved)) == moved == copy.deepcopy(moved)
assert datetime.datetime.strptime('2020-01-02', '%Y-%m-%d') == real(2020, 1, 2) == datetime.datetime(2020, 1, 2)
print('moved')
`;
    const said = execFileSync(python, ['-B', '-W', 'ignore', '-c', program], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: SCRIPTS },
    });
    expect(said).toBe('moved\n');
  });
});

describe('executable lines', () => {
  test.each(interpreters())('%s: statements are, comments, blank lines and the rest of a call are not', (python) => {
    const text = '"""Doc."""\nimport os\n\n# comment\ndef f(x):\n    y = os.path.join(\n        x,\n    )\n    return y\n';
    const root = writeFiles(scratchFolder(), { 'a.py': text, 'broken.py': 'def (\n' });
    const lines = { 'a.py': [2, 3, 4, 5, 6, 8, 9], 'broken.py': [1], 'gone.py': [1] };
    writeFileSync(path.join(root, 'request.json'), JSON.stringify({ root, lines }));
    const said = execFileSync(python, ['-B', '-E', path.join(SCRIPTS, 'executable_lines.py'), path.join(root, 'request.json')], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual({ 'a.py': [2, 5, 6, 9] });
  });
}); // prettier-ignore

describe('modules that this machine has not', () => {
  const FILES = {
    'src/app/__init__.py': 'try:\n    from .windows import key\nexcept ImportError:\n    key = None\n',
    'src/app/windows.py': 'import registry_of_windows\n\nkey = 1\n',
    'src/app/inner/__init__.py': 'from app.windows import key\n',
    'src/app/sound.py': 'import json\n',
    'src/app/wrong.py': 'from app import nothing_here\nimport app.not_there\n',
    'src/app/old.py': 'import toml_of_old.parts\n',
    'src/app/fails.py': 'import json\nraise ValueError("No module named winreg")\n',
    'src/app/leaves.py': 'import os\nos._exit(0)\n',
    'scripts/not-a-module.py': 'import registry_of_windows\n',
  };
  test.each(interpreters())('%s: files that want one are told, those that fail otherwise are not', (python) => {
    const root = writeFiles(scratchFolder(), FILES);
    const request = path.join(root, 'request.json');
    const asked = { root, files: Object.keys(FILES), pythonpath: ['src', '.'], libraries: ['toml_of_old'] };
    writeFileSync(request, JSON.stringify(asked));
    const said = execFileSync(python, ['-B', '-E', path.join(SCRIPTS, 'importable.py'), request], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual({
      'src/app/windows.py': 'No module named registry_of_windows',
      'src/app/inner/__init__.py': 'No module named registry_of_windows',
    });
  });
}); // prettier-ignore
