import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasPython, pytestFolder } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const agent = path.join(
  path.dirname(path.dirname(import.meta.dirname)),
  'agents',
  'characterise',
  'characterise.py',
);
const PYTHON_2 = path.join(homedir(), '.pyenv/versions/2.7.18/bin/python2.7');
type Files = Readonly<Record<string, string>>;

interface Run {
  readonly words: string;
  readonly last: string;
  /** Text of all test files. */
  readonly text: string;
  readonly tests: string;
  readonly manifest: { readonly tests: readonly { functions: readonly { name: string }[] }[] };
}

/** The system's interpreter with pytest beside it, as an environment has it. */
let python = '';
beforeAll(() => {
  if (!hasPython) return;
  python = path.join(scratchFolder(), 'python');
  writeFileSync(
    python,
    `#!/bin/sh\nPYTHONPATH=${pytestFolder('7.4.4')}\${PYTHONPATH:+:$PYTHONPATH} exec /usr/bin/python3 "$@"\n`,
  );
  chmodSync(python, 0o755);
});

function lay(dir: string, files: Files): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

interface Asked {
  readonly source?: string;
  readonly target?: string;
  /** Tree after; given: mode `eval`. */
  readonly after?: Files;
  readonly interpreter?: string;
  readonly probes?: number;
}

function characterise(before: Files, asked: Asked = {}): Run {
  const top = scratchFolder();
  const workspace = lay(path.join(top, 'workspace'), before);
  const output = path.join(top, 'output');
  mkdirSync(output);
  const truth = path.join(top, 'input', 'ground-truth');
  if (asked.after !== undefined) {
    lay(path.join(truth, 'before'), before);
    lay(path.join(truth, 'after'), asked.after);
    writeFileSync(path.join(truth, 'labels.json'), '{"schema": 1, "files": []}');
  }
  const library = (name: string): unknown => ({ name, version: null, importNames: [name] });
  const task = {
    schema: 1,
    mode: asked.after === undefined ? 'helper' : 'eval',
    source: [library(asked.source ?? 'json')],
    target: [library(asked.target ?? 'marshal')],
    environment: { python: asked.interpreter ?? python, oldPython: null, pythonpath: [workspace] },
    groundTruth: asked.after === undefined ? null : truth,
    parameters: { tests: 12, probes: asked.probes ?? 160 },
  };
  mkdirSync(path.join(top, 'input'), { recursive: true });
  writeFileSync(path.join(top, 'input', 'task.json'), JSON.stringify(task));
  const words = execFileSync('/usr/bin/python3', [agent, '--workspace', workspace, '--output', output], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', TASK_PATH: path.join(top, 'input', 'task.json') },
  });
  const tests = path.join(output, 'tests');
  const names = existsSync(tests) ? readdirSync(tests).sort() : [];
  return {
    words,
    last: words.trim().split('\n').at(-1) ?? '',
    text: names.map((name) => readFileSync(path.join(tests, name), 'utf8')).join('\n'),
    tests,
    manifest: JSON.parse(readFileSync(path.join(output, 'manifest.json'), 'utf8')) as Run['manifest'],
  };
}

/** Outcome of the tests that were written, on a tree. */
function pytest(tests: string, files: Files, variables: Files = {}): { passed: boolean; words: string } {
  const tree = lay(path.join(scratchFolder(), 'tree'), files);
  const done = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', tests], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', PYTHONPATH: tree, PYTHONDONTWRITEBYTECODE: '1', ...variables },
  });
  return { passed: done.status === 0, words: done.stdout };
}

const READER = `import json


class ConfigError(ValueError):
    """Bad text."""


def read(text, strict=True):
    """Return the names of a document."""
    try:
        found = json.loads(text)
    except ValueError:
        raise ConfigError("no document") from None
    if strict and "names" not in found:
        raise ConfigError("no names")
    return sorted(found.get("names", []))
`;
const README = '# shelf\n\n```python\nfrom shelf import read\n\nread(\'{"names": ["b", "a"]}\')\n```\n';

describe.skipIf(!hasPython)('what the code does becomes tests', { timeout: 240_000 }, () => {
  test('values and exceptions of the package itself, with inputs that its documents show', () => {
    const files = { 'shelf.py': READER, 'README.md': README };
    const { text, tests, manifest, last } = characterise(files);
    const count = manifest.tests.flatMap(({ functions }) => functions).length;
    expect(last).toBe(`${count} tests written`);
    expect(text).toContain("== ['a', 'b']");
    expect(text).toContain("assert str(error.value) == 'no names'");
    expect(pytest(tests, files).passed).toBe(true);
    // they notice another behaviour, and the library that is gone
    expect(pytest(tests, { 'shelf.py': READER.replace('sorted(', 'list(') }).passed).toBe(false);
    expect(
      pytest(tests, { 'shelf.py': READER.replace('import json', 'import no_json as json') }).passed,
    ).toBe(false);
  });

  test('neither library is imported or named as a target, and no path of this machine occurs', () => {
    const { text } = characterise({ 'shelf.py': READER, 'README.md': README });
    expect(text).not.toMatch(/import (json|marshal)|from (json|marshal)/);
    expect(text).not.toMatch(/['"]\/(tmp|home|root|usr)/);
  });

  test('output, files and exit codes of a command line', () => {
    const files = {
      'tool.py': `import argparse
import sys


def main(argv=None):
    parser = argparse.ArgumentParser(prog="tool")
    parser.add_argument("files", nargs="+")
    parser.add_argument("-n", "--number", type=int, default=1)
    parser.add_argument("-o", "--output")
    options = parser.parse_args(argv)
    text = "".join(open(name).read() for name in options.files) * options.number
    if options.output:
        open(options.output, "w").write(text.upper())
    else:
        sys.stdout.write(text)
    return len(options.files)
`,
    };
    const { text, tests } = characterise(files, { source: 'argparse', target: 'click', probes: 120 });
    expect(text).toContain('assert seen.out == ');
    expect(text).toMatch(/assert \(tmp_path \/ 'out\.txt'\)\.read_bytes\(\)/);
    expect(text).toContain('assert error.value.code == 2');
    expect(pytest(tests, files).passed).toBe(true);
  });

  test('objects by their attributes, over calls that build on one another', () => {
    const files = {
      'shop/__init__.py': '',
      'shop/store.py': `import json


class Item:
    def __init__(self, name, price=3):
        self.name = name
        self.price = price


class Store:
    def __init__(self, folder):
        self.folder = folder
        self.held = {}

    def put(self, item):
        self.held[item.name] = json.dumps(item.__dict__)

    def get(self, name):
        if name not in self.held:
            raise KeyError(name)
        return Item(**json.loads(self.held[name]))
`,
    };
    const { text, tests } = characterise(files);
    expect(text).toMatch(/store\.put\(Item\('alpha'\)\)\n\s+result = store\.get\('alpha'\)/);
    expect(text).toContain("assert type(result).__name__ == 'Item'");
    expect(text).toContain('assert result.price == 3');
    expect(pytest(tests, files).passed).toBe(true);
  });

  test('what is random is told by what always holds', () => {
    const files = {
      'codes.py': `import random

SIGNS = "ABCDEFGH234567"


def code(size=6):
    if size < 1:
        raise ValueError("too short")
    return "".join(random.choice(SIGNS) for _ in range(size))
`,
    };
    const { text, tests } = characterise(files, { source: 'random', target: 'secrets' });
    expect(text).toContain('re.match(');
    expect(text).not.toMatch(/== '[A-H2-7]{6}'/);
    expect(pytest(tests, files).passed).toBe(true);
    expect(pytest(tests, { 'codes.py': files['codes.py'].replace('"ABCDEFGH234567"', '"abc"') }).passed).toBe(
      false,
    );
  });

  test('what the clock, the folder or the seed of hashes decides is not asserted', () => {
    const files = {
      'when.py': `import datetime
import json
import os


def stamp(text):
    return json.dumps([text, str(datetime.date.today())])


def place(text):
    return json.dumps(os.path.abspath(text))


def order(text):
    return json.dumps(list({text, text + "a", text + "b", text + "c"}))


def steady(text):
    return json.dumps([text])
`,
    };
    const { text } = characterise(files);
    expect(text).toContain('import steady');
    expect(text).not.toMatch(/stamp\(|order\('alpha'\)/);
    expect(text).not.toMatch(/== '"\//);
  });
});

describe('places and company', { timeout: 240_000 }, () => {
  test('a place below HOME is asserted from the folder that the test makes HOME', () => {
    const files = {
      'places.py': `import json
import os
import pathlib


def cache(name):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / json.dumps(name)
`,
    };
    const { text, tests } = characterise(files);
    expect(text).toMatch(/assert plain\(result\) == '<here>\/\.cache\/"\w+"'/);
    expect(pytest(tests, files, { HOME: '/nowhere', XDG_CACHE_HOME: '/elsewhere' }).passed).toBe(true);
    const moved = files['places.py'].replace('~/.cache', '~/.kept');
    expect(pytest(tests, { 'places.py': moved }).passed).toBe(false);
  });

  test('a test that spoils what runs after it is left out, and nothing else is', () => {
    const files = {
      'shelf.py': READER,
      'README.md': README,
      'spoils.py': `import json

from shelf import read


def reset(text):
    json.loads = None
    return text
`,
    };
    const { text, words, tests } = characterise(files);
    expect(words).toMatch(/do not hold under pytest: (test_reset_gives(_\d)?(, )?)+$/m);
    expect(text).not.toContain('reset(');
    expect(text).toContain("assert str(error.value) == 'no names'");
    expect(pytest(tests, files).passed).toBe(true);
  });

  test('a function that runs a test suite is not called', () => {
    const suite = 'import json\nimport pytest\n\n\ndef check():\n    return pytest.main([json.dumps("x")])\n';
    const { text } = characterise({ 'shelf.py': READER, 'README.md': README, 'suite.py': suite });
    expect(text).toContain('read(');
    expect(text).not.toContain('check(');
  });
});

describe.skipIf(!hasPython)('both trees', { timeout: 240_000 }, () => {
  const before = {
    'both.py':
      'import json\n\n\ndef pack(text):\n    return json.dumps([text])\n\n\ndef unpack(text):\n    return json.loads(pack(text))[0]\n',
  };
  const after = {
    'both.py':
      'import marshal\n\n\ndef pack(text):\n    return marshal.dumps([text])\n\n\ndef unpack(text):\n    return marshal.loads(pack(text))[0]\n',
  };

  test('only what both do alike is asserted', () => {
    const { text, tests } = characterise(before, { after });
    expect(text).toContain('unpack(');
    expect(text).not.toContain('== \'["');
    expect(pytest(tests, before).passed).toBe(true);
    expect(pytest(tests, after).passed).toBe(true);
  });

  test('methods that a class has from the library, when both trees have them', () => {
    const shop = (base: string): string =>
      `${base}\n\n\nclass Encoder(JSONEncoder):\n    def default(self, value):\n        return str(value)\n`;
    const old = { 'shop.py': shop('import json\n\nJSONEncoder = json.JSONEncoder') };
    const now = { 'shop.py': shop('from json import JSONEncoder') };
    const { text, tests } = characterise(old, { after: now, target: 'json' });
    expect(text).toMatch(/encoder\.encode\(/);
    expect(pytest(tests, now).passed).toBe(true);
    const other = now['shop.py'].replace('    def', "    item_separator = ';'\n\n    def");
    expect(pytest(tests, { 'shop.py': other }).passed).toBe(false);
    expect(characterise(old).text).not.toContain('.encode(');
  });

  test('an object at the other end answers, whatever is called on it', () => {
    const client = (dumps: string): string => `${dumps}


class Client:
    def __init__(self, session):
        self.channel = session.open_channel()

    def ask(self, path):
        self.channel.exec_command("ask " + path)
        return pack(self.channel.makefile("rb").readline().decode())
`;
    const old = {
      'client.py': client('import json\n\n\ndef pack(text):\n    return json.dumps(text)[1:-1]'),
    };
    const now = { 'client.py': client('import marshal\n\n\ndef pack(text):\n    return repr(text)[1:-1]') };
    const { text, tests } = characterise(old, { after: now });
    expect(text).toContain(String.raw`assert result == 'HTTP/1.1 200 OK\\r\\n'`);
    expect(pytest(tests, now).passed).toBe(true);
    expect(pytest(tests, { 'client.py': now['client.py'].replace('readline', 'read') }).passed).toBe(false);
  });

  test('objects of other packages by what both trees find in them, in no helper', () => {
    const holder = (library: string): string =>
      `import ${library}\nfrom string import Template\n\n\ndef held(text):\n    made = Template(text.upper())\n` +
      `    made.by, made.kind = ${library}.__name__, type(${library})\n    return made\n`;
    const [old, now] = [{ 'holder.py': holder('json') }, { 'holder.py': holder('marshal') }];
    const { text, tests } = characterise(old, { after: now });
    expect(text).toContain('assert result.template == ');
    // neither what differs, nor what every object of the class has
    expect(text).not.toMatch(/result\.(by|delimiter)/);
    expect(pytest(tests, now).passed).toBe(true);
    expect(characterise(old).text).not.toContain('result.template');
  });

  test('a program by what it does, when its functions get other names and one returns where the other exits', () => {
    const counter = (parse: string, start: string): string =>
      `import os\nimport sys\n${parse}\n\n\n${start}\n\n\ndef count(folder):\n    print("%d files" % len(os.listdir(folder)))\n`;
    const old = {
      'counter.py': `${counter('import argparse', 'def main():\n    parser = argparse.ArgumentParser()\n    parser.add_argument("folder", help="a folder")\n    count(parser.parse_args().folder)')}
\nif __name__ == "__main__":\n    main()\n`,
    };
    const now = {
      'counter.py': `${counter('import getopt', 'def cli():\n    try:\n        found = getopt.gnu_getopt(sys.argv[1:], "h", ["help"])\n    except getopt.GetoptError:\n        sys.exit(2)\n    if len(found[1]) != 1:\n        sys.exit(2)\n    count(found[1][0])\n    sys.exit(0)')}
\nif __name__ == "__main__":\n    cli()\n`,
    };
    const { text, tests } = characterise(old, { after: now, source: 'argparse', target: 'getopt' });
    expect(text).toContain("runpy.run_module('counter', run_name='__main__')");
    expect(text).toMatch(/except SystemExit as error:\n\s+assert error\.code in \(None, 0\)/);
    expect(text).toMatch(/assert seen\.out == '\d files\\n'/);
    expect(pytest(tests, old).passed).toBe(true);
    expect(pytest(tests, now).passed).toBe(true);
    for (const wrong of [
      now['counter.py'].replace('sys.exit(0)', 'sys.exit(3)'),
      now['counter.py'].replace('files', 'of them'),
    ]) {
      expect(pytest(tests, { 'counter.py': wrong }).passed).toBe(false);
    }
  });

  test('helpers are written without a look at the ground truth', () => {
    const alone = characterise(before);
    expect(alone.text).toContain('assert result == \'["');
    const top = scratchFolder();
    const workspace = lay(path.join(top, 'workspace'), before);
    lay(path.join(top, 'input', 'ground-truth', 'after'), { 'both.py': 'raise SystemExit("read")\n' });
    const library = (name: string): unknown => ({ name, importNames: [name] });
    const task = {
      mode: 'helper',
      source: [library('json')],
      target: [library('marshal')],
      environment: { python, pythonpath: [workspace] },
      groundTruth: path.join(top, 'input', 'ground-truth'),
      parameters: { tests: 12, probes: 160 },
    };
    writeFileSync(path.join(top, 'input', 'task.json'), JSON.stringify(task));
    mkdirSync(path.join(top, 'output'));
    const truth = path.join(top, 'input', 'ground-truth', 'after', 'both.py');
    const read = statSync(truth).atimeMs;
    execFileSync(
      '/usr/bin/python3',
      [agent, '--workspace', workspace, '--output', path.join(top, 'output')],
      { env: { PATH: '/usr/bin:/bin', TASK_PATH: path.join(top, 'input', 'task.json') } },
    );
    const text = readFileSync(path.join(top, 'output', 'tests', 'test_characterised_both.py'), 'utf8');
    expect(text).toBe(alone.text);
    expect(statSync(truth).atimeMs).toBe(read);
  });
});

describe.skipIf(!hasPython)('any tree', { timeout: 240_000 }, () => {
  test('the same tree gives the same bytes', () => {
    const files = { 'shelf.py': READER, 'README.md': README };
    expect(characterise(files).text).toBe(characterise(files).text);
  });

  test('of a small surface more than the few tests that run all of it', () => {
    const files = {
      'notes.py': `import json
import re

NOTE = re.compile(r"(NOTE|ASIDE|HINT)")


def check(line):
    if json.dumps(line) == '""':
        return None
    match = NOTE.search(line)
    if match:
        return match.start(), "a note"
`,
    };
    const { tests, manifest } = characterise(files);
    const count = manifest.tests.flatMap(({ functions }) => functions).length;
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(8);
    expect(pytest(tests, files).passed).toBe(true);
  });

  test('where no code uses the library it says so', () => {
    const { last, text } = characterise({ 'plain.py': 'def two():\n    return 2\n' });
    expect(last).toBe('no tests: no code of the tree uses json');
    expect(text).toBe('');
  });

  test('where the module cannot be imported it says why', () => {
    const { last } = characterise({
      'broken.py': 'import json\nimport not_there\n\n\ndef load(text):\n    return json.loads(text)\n',
    });
    expect(last).toContain("No module named 'not_there'");
  });

  test('code that ends, hangs, prints without end or deletes does no harm', () => {
    const files = {
      'hostile.py': `import json
import os
import shutil
import sys


def leaves(text):
    json.loads("1")
    os._exit(0)


def spins(text):
    json.loads("1")
    while True:
        pass


def shouts(text):
    json.loads("1")
    while True:
        sys.stdout.write("x" * 100000)


def deletes(text):
    json.loads("1")
    shutil.rmtree(os.path.dirname(os.path.abspath(__file__)))


def signals(text):
    json.loads("1")
    os.kill(os.getppid(), 15)


def behaves(text):
    return json.dumps(text)
`,
    };
    const { text, tests } = characterise(files, { probes: 24 });
    expect(text).toContain('behaves');
    expect(text).not.toMatch(/leaves\(|spins\(|shouts\(/);
    expect(pytest(tests, files).passed).toBe(true);
  });

  test('what costs seconds of processor time, in processes of its own too, becomes no test', () => {
    const files = {
      'costly.py': `import json
import subprocess
import sys

WORK = 'import time\\nwhile time.process_time() < %s: pass'


def makes_environments(text):
    for _ in range(2):
        subprocess.check_call([sys.executable, '-c', WORK % 1.8])
    return json.dumps(text)


def is_nearly_stopped(text):
    subprocess.check_call([sys.executable, '-c', WORK % 2.7])
    return json.dumps(text)


def behaves(text):
    return json.dumps(text)
`,
    };
    const { text, tests } = characterise(files, { probes: 24 });
    expect(text).toContain('behaves(');
    expect(text).not.toMatch(/makes_environments\(|is_nearly_stopped\(/);
    expect(pytest(tests, files).passed).toBe(true);
  });

  test.skipIf(!existsSync(PYTHON_2))('Python 2.7: texts and bytes stay apart', () => {
    const files = {
      'old.py':
        'import json\n\n\ndef pack(text):\n    print "packed"\n    return json.dumps({"text": text})\n\n\ndef read(text):\n    return json.loads(pack(text))["text"]\n',
    };
    const { text, tests } = characterise(files, { interpreter: PYTHON_2 });
    expect(text).toMatch(/== u'|^\s+u'/m);
    for (const name of readdirSync(tests)) {
      execFileSync(PYTHON_2, ['-c', 'import sys; compile(open(sys.argv[1]).read(), "t", "exec")', name], {
        cwd: tests,
      });
    }
  });
});
