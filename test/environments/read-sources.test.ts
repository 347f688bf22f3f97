import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findInterpreters, interpreterOf, onePerLine } from '../../src/environments/interpreters.ts';
import { readSources } from '../../src/environments/read-sources.ts';

const interpreters = await findInterpreters(path.join(os.tmpdir(), 'mig-pipeline-test-cache'), []);

it('setup.py is read by its syntax tree: names, sums, appended lists, tables; nothing of it is run', async () => {
  const setup = [
    'import sys; sys.exit(3)',
    'VERSION = "1." + "2"',
    'requires = ["a>=1"] + ["b"]',
    'if sys.version_info < (3,): requires.append("c")',
    'extras = {"test": ["pytest"]}',
    'extras["docs"] = ["sphinx"]',
    'setup(name="x", version=VERSION, install_requires=requires, extras_require=extras, **dict(python_requires=">=3"))',
    'open("never-written", "w")',
  ].join('\n');
  const facts = await readSources(interpreters, new Map([['setup.py', setup]]), new Map());
  expect(facts.setups.get('setup.py')).toEqual({
    name: 'x',
    version: '1.2',
    install_requires: ['a>=1', 'b', 'c'],
    extras_require: { test: ['pytest'], docs: ['sphinx'] },
    python_requires: '>=3',
  });
});

it('files that only Python 2 reads are told from broken ones, and their imports are read by pattern', async () => {
  const sources = new Map([
    ['two.py', 'import urllib2\nprint "x"\n'],
    ['except.py', 'try:\n    pass\nexcept ValueError, e:\n    pass\n'],
    ['three.py', 'import a.b\nfrom c import d\nprint("x")\n'],
    ['broken.py', 'def (\n'],
  ]);
  const facts = await readSources(interpreters, new Map(), sources);
  expect([...facts.python2].sort()).toEqual(['except.py', 'two.py']);
  expect(facts.imports.get('two.py')).toEqual(['urllib2']);
  expect(facts.imports.get('three.py')).toEqual(['a.b', 'c', 'c.d']);
});

it('without a Python 3 nothing is known, and nothing fails', async () => {
  const facts = await readSources([], new Map([['setup.py', 'setup()']]), new Map());
  expect(facts.setups.size).toBe(0);
});

it('of two interpreters of one line the configured one is taken, then the newest; system folders are not mounted', () => {
  const path311 = interpreterOf(['3.11.2', '/usr', '/usr/bin/python3'], 'path')!;
  const configured = interpreterOf(['3.11.1', '/opt/py', '/opt/py/bin/python3.11'], 'configured')!;
  const older = interpreterOf(['3.9.1', '/a', '/a/bin/python3.9'], 'pyenv')!;
  const newer = interpreterOf(['3.9.18', '/b', '/b/bin/python3.9'], 'pyenv')!;
  expect(path311.mount).toBeNull();
  expect(onePerLine([path311, older, configured, newer])).toEqual([newer, configured]);
});
