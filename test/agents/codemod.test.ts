import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureTool } from '../../src/runners/tools.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const codemod = path.join(root, 'agents', 'codemod');
const examples = path.join(root, 'config', 'benchmarks', 'examples');
let tool = '';

beforeAll(async () => {
  const cache = path.join(tmpdir(), 'mig-pipeline-test-cache');
  mkdirSync(path.join(cache, 'tools'), { recursive: true });
  const found = await ensureTool('ast-grep', cache);
  if (!found.ok) throw new Error(found.failure.detail);
  tool = found.value;
});

interface Side {
  readonly name: string;
  readonly version?: string;
  readonly imports?: string;
}

/** Runs codemod on files; answers its last line and what the files hold then. */
function migrate(
  files: Record<string, string> | string,
  source: readonly Side[],
  target: readonly Side[],
  kind = 'swap',
): { last: string; dir: string; read: (name: string) => string } {
  const top = scratchFolder();
  const dir = path.join(top, 'workspace');
  mkdirSync(dir);
  mkdirSync(path.join(top, 'output'));
  if (typeof files === 'string') cpSync(files, dir, { recursive: true });
  else {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), text);
    }
  }
  const library = ({ name, version, imports }: Side): unknown => ({
    name,
    version: version ?? null,
    importNames: [imports ?? name],
  });
  const task = { schema: 1, kind, source: source.map(library), target: target.map(library) };
  writeFileSync(path.join(top, 'task.json'), JSON.stringify(task));
  const out = execFileSync(
    'python3',
    [path.join(codemod, 'codemod.py'), '--workspace', dir, '--output', path.join(top, 'output')],
    {
      encoding: 'utf8',
      env: {
        PATH: `${tool}:${process.env['PATH'] ?? ''}`,
        TASK_PATH: path.join(top, 'task.json'),
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
      },
    },
  );
  const read = (name: string): string => readFileSync(path.join(dir, name), 'utf8');
  return { last: out.trim().split('\n').at(-1) ?? '', dir, read };
}

const one = (name: string, rest: Omit<Side, 'name'> = {}): Side[] => [{ name, ...rest }];

test('toml -> tomli: paths are opened in binary, streams are read, the exception is renamed', () => {
  const app = `import toml

def read(path):
    return toml.load(path)

def parse(stream):
    try:
        return toml.load(stream)
    except toml.TomlDecodeError:
        return toml.loads("")
`;
  const { last, read } = migrate(
    { 'app.py': app, 'requirements.txt': 'click\ntoml>=0.10\n' },
    one('toml'),
    one('tomli'),
  );
  expect(last).toBe('migrated');
  expect(read('app.py')).toBe(`import tomli

def read(path):
    with open(path, "rb") as stream:
        return tomli.load(stream)

def parse(stream):
    try:
        return tomli.loads(stream.read())
    except tomli.TOMLDecodeError:
        return tomli.loads("")
`);
  expect(read('requirements.txt')).toBe('click\ntomli\n');
});

test('what no rule carries leaves the workspace as it was, and is named with its place', () => {
  const app = 'import toml\nprint(toml.loads("a = 1"))\nprint(toml.dumps({}))\n';
  const { last, read } = migrate({ 'app.py': app }, one('toml'), one('tomli'));
  expect(last).toBe('no patch: app.py:3: no rule for toml.dumps');
  expect(read('app.py')).toBe(app);
});

test('imports by name and under another name are followed', () => {
  const app =
    'from toml import loads as read, TomlDecodeError\nimport toml as _t\n\nread("")\n_t.loads("")\nraise TomlDecodeError\n';
  const { last, read } = migrate({ 'app.py': app }, one('toml'), one('tomli'));
  expect(last).toBe('migrated');
  expect(read('app.py')).toBe(
    'import tomli as _tomli\n\n_tomli.loads("")\n_tomli.loads("")\nraise _tomli.TOMLDecodeError\n',
  );
});

test('tests are not touched where code uses the library, and are migrated where only tests do', () => {
  const suite = 'import appdirs\n\n\ndef test():\n    assert appdirs.user_data_dir("x")\n';
  const both = migrate({ 'app.py': suite, 'tests/test_app.py': suite }, one('appdirs'), one('platformdirs'));
  expect(both.read('tests/test_app.py')).toBe(suite);
  expect(both.read('app.py')).toContain('platformdirs.user_data_dir("x")');
  const alone = migrate({ 'tests/test_app.py': suite }, one('appdirs'), one('platformdirs'));
  expect(alone.read('tests/test_app.py')).toContain('import platformdirs');
});

test('pairs without rules, and pairs that rules cannot carry, say so', () => {
  expect(migrate({ 'a.py': 'import x\n' }, one('x'), one('y')).last).toBe(
    'no patch: there are no rules from x to y',
  );
  expect(migrate({ 'a.py': 'import pickle\n' }, one('pickle'), one('json')).last).toMatch(
    /^no patch: pickle to json: pickle stores any object/,
  );
});

test('an upgrade is chosen by major versions', () => {
  const app =
    'from pydantic import BaseModel, validator\n\n\nclass A(BaseModel):\n    x: int\n\n    @validator("x", pre=True)\n    def number(cls, value):\n        return int(value)\n';
  const { last, read } = migrate(
    { 'app.py': app },
    one('pydantic', { version: '1.10.2' }),
    one('pydantic', { version: '2.4.0' }),
    'upgrade',
  );
  expect(last).toBe('migrated');
  expect(read('app.py')).toBe(
    'from pydantic import BaseModel, field_validator\n\n\nclass A(BaseModel):\n    x: int\n\n    @field_validator("x", mode="before")\n    @classmethod\n    def number(cls, value):\n        return int(value)\n',
  );
});

test('CRLF files stay CRLF', () => {
  const { read } = migrate(
    { 'app.py': 'import appdirs\r\nprint(appdirs.user_data_dir("x"))\r\n' },
    one('appdirs'),
    one('platformdirs'),
  );
  expect(read('app.py')).toBe('import platformdirs\r\nprint(platformdirs.user_data_dir("x"))\r\n');
});

test('manifests: every form of a requirement, and nothing that only looks like one', () => {
  const files = {
    'app.py': 'import toml\ntoml.loads("")\n',
    'setup.py':
      'setup(\n    name="toml",\n    install_requires=["click", "toml>=0.9", "toml-sort"],\n    extras_require={"test": ["coverage[toml]"]},\n)\n',
    'setup.cfg': '[options]\ninstall_requires =\n    toml ; python_version > "3"\n    attrs\n',
    'pyproject.toml':
      '[build-system]\nrequires = ["toml"]\n\n[tool.poetry.dependencies]\ntoml = "^0.10"\n\n[tool.toml]\ntoml = "x"\n',
    'compiled.txt': 'toml==1\n',
  };
  const { read } = migrate(files, one('toml'), one('tomli'));
  expect(read('setup.py')).toBe(files['setup.py'].replace('"toml>=0.9"', '"tomli"'));
  expect(read('setup.cfg')).toBe('[options]\ninstall_requires =\n    tomli\n    attrs\n');
  expect(read('pyproject.toml')).toBe(files['pyproject.toml'].replace('toml = "^0.10"', 'tomli = "*"'));
  expect(read('compiled.txt')).toBe('toml==1\n');
});

test('the same workspace gives the same bytes, always', () => {
  const run = (): string =>
    migrate(path.join(examples, 'passmint', 'before'), one('random'), one('secrets')).read(
      'passmint/codes.py',
    );
  expect(run()).toBe(run());
});

describe('bundled examples', () => {
  test('optparse -> argparse: the tests pass afterwards, with the old library out of reach of the code', () => {
    const { last, dir } = migrate(
      path.join(examples, 'wordtally', 'before'),
      one('optparse'),
      one('argparse'),
    );
    expect(last).toBe('migrated');
    const uses = readdirSync(path.join(dir, 'wordtally')).filter(
      (name) =>
        name.endsWith('.py') && readFileSync(path.join(dir, 'wordtally', name), 'utf8').includes('optparse'),
    );
    expect(uses).toEqual([]);
    writeFileSync(path.join(dir, 'poem.txt'), 'The rose is red.\nthe end\n');
    const script =
      "import sys; sys.modules['optparse'] = None; from wordtally.cli import main; sys.exit(main(['-i', '-n', '1', 'poem.txt']))";
    const ran = spawnSync('python3', ['-c', script], { cwd: dir, encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 0, stdout: '2 the\n' });
  });
});

test('every rule of every pair can be read by ast-grep', () => {
  for (const pair of readdirSync(path.join(codemod, 'rules'))) {
    const file = path.join(codemod, 'rules', pair, 'rules.yml');
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const done = spawnSync(
      path.join(tool, 'ast-grep'),
      ['scan', '--json=compact', '--inline-rules', text, codemod],
      { encoding: 'utf8' },
    );
    expect(`${pair}: ${done.stderr}`).toBe(`${pair}: `);
  }
});
