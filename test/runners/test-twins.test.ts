import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findInterpreters } from '../../src/environments/interpreters.ts';
import { exemptDigests } from '../../src/runners/test-block.ts';
import { hasPython, runFiles, writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'twins');
const SOURCES = path.join(import.meta.dirname, '..', '..', 'src', 'runners', 'python');
/** The system's own, and older ones where they are at hand. */
const interpreters = [
  '/usr/bin/python3',
  ...(await findInterpreters(path.join(tmpdir(), 'mig-pipeline-test-cache'), []))
    .filter(({ version }) => /^(2\.7|3\.6|3\.8|3\.13)\./.test(version))
    .map(({ executable }) => executable),
];

interface Drive {
  readonly wrong: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly tests: number;
}

/** Falsifies each test of the sample in every way there is, runs both, and tells what was wrong. */
function drive(python: string, text: Buffer | string): Drive {
  const file = path.join(scratchFolder(), 'forms.py');
  writeFileSync(file, text);
  const args = ['-B', path.join(FIXTURES, 'every_way.py'), SOURCES, file];
  return JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as Drive;
}

const sample = readFileSync(path.join(FIXTURES, 'forms.py'), 'utf8');

describe.skipIf(!hasPython)('twins', { timeout: 120_000 }, () => {
  test.each(interpreters)('every way makes a test fail that passed and moves no line: %s', (python) => {
    const done = drive(python, sample);
    expect(done.wrong).toEqual([]);
    expect(done.tests).toBe(25);
    const kinds = Object.keys(done.counts).sort();
    // before 3.8 syntax trees do not say where an expression ends
    const hasEnds = !/python2|2\.7|3\.6/.test(python);
    expect(kinds).toEqual(
      hasEnds
        ? ['end', 'equal', 'inner', 'not', 'other', 'raises', 'start']
        : ['equal', 'inner', 'other', 'start'],
    );
  });

  test('other line endings, encodings and a mark at the start stay as they are', () => {
    const texts = [
      sample.replaceAll('\n', '\r\n'),
      `\uFEFF${sample}`,
      Buffer.from(sample.replace('utf-8', 'latin-1').replaceAll('☃', 'é'), 'latin1'),
    ];
    for (const text of texts) expect(drive('/usr/bin/python3', text).wrong).toEqual([]);
  });

  test('only what can be falsified is: no doctest, no file that does not parse, nothing behind a link', async () => {
    const files = {
      'test_a.py': `
import pytest
from test_b import test_borrowed
def test_plain(): assert 1 == 1
@pytest.mark.parametrize('n', [1, 2])
def test_many(n): assert n
class TestBase:
    def test_base(self): assert True
class TestSub(TestBase): pass
`,
      'test_b.py': 'def test_borrowed(): assert 1 == 1\n',
      'test_bad.py': 'def test_bad(:\n',
      'pkg/__init__.py': '',
      'pkg/mod.py': 'def f():\n    """\n    >>> f()\n    1\n    """\n    return 1\n',
    };
    const falsifiable = [
      'test_a.py::TestBase::test_base',
      'test_a.py::TestSub::test_base',
      'test_a.py::test_borrowed',
      'test_a.py::test_many[1]',
      'test_a.py::test_many[2]',
      'test_a.py::test_plain',
    ];
    const dir = scratchFolder();
    mkdirSync(path.join(dir, 'tree'));
    symlinkSync('test_b.py', path.join(dir, 'tree', 'test_link.py'));
    const done = await runFiles(dir, files, {
      args: ['--doctest-modules'],
      falsified: [
        ...falsifiable,
        'pkg/mod.py::pkg.mod.f',
        'test_bad.py::test_bad',
        'test_a.py::test_none',
        'test_link.py::test_borrowed',
      ],
    });
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    expect(done.value.falsifiedIds).toEqual(falsifiable);
    const outcome = (id: string): string | undefined => done.value.tests[id];
    expect(falsifiable.map(outcome)).toEqual(falsifiable.map(() => 'failed'));
    expect(outcome('pkg/mod.py::pkg.mod.f')).toBe('passed');
    expect(outcome('test_b.py::test_borrowed')).toBe('passed');
    expect(done.value.disagreements).toEqual([]);
  });
});

test.skipIf(!hasPython)(
  'a class that inherits a falsified test still has it as it was',
  { timeout: 120_000 },
  async () => {
    const files = {
      'test_a.py':
        'class TestBase:\n    def test_base(self): assert True\nclass TestSub(TestBase):\n    def test_own(self): assert True\n',
    };
    const done = await runFiles(scratchFolder(), files, { falsified: ['test_a.py::TestBase::test_base'] });
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    expect(done.value.falsifiedIds).toEqual(['test_a.py::TestBase::test_base']);
    expect(done.value.tests).toEqual({
      'test_a.py::TestBase::test_base': 'failed',
      'test_a.py::TestSub::test_base': 'passed',
      'test_a.py::TestSub::test_own': 'passed',
    });
  },
);

test.skipIf(!hasPython)(
  'a falsified file keeps its exemption from the block',
  { timeout: 120_000 },
  async () => {
    const dir = scratchFolder();
    const text = 'import oldlib\ndef test_a(): assert oldlib.load() == 1\n';
    const tree = writeFiles(path.join(dir, 'tree'), { 'tests/test_a.py': text });
    const rules = { names: ['oldlib'], exempt: ['tests/test_a.py'] };
    const block = { ...rules, digests: exemptDigests(rules, tree) };
    const falsified = ['tests/test_a.py::test_a'];
    const done = await runFiles(dir, {}, { block, falsified });
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    expect(done.value).toMatchObject({ collectionErrors: [], falsifiedIds: falsified, disagreements: [] });
    expect(done.value.tests).toEqual({ 'tests/test_a.py::test_a': 'failed' });
  },
);

describe.skipIf(!hasPython)('doctests', { timeout: 120_000 }, () => {
  const right = 'def f():\n    """\n    >>> f()\n    1\n    """\n    return ANSWER\n';
  const id = 'pkg/mod.py::pkg.mod.f';
  const run = async (
    text: string,
    doctests?: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>> => {
    const files = { 'pkg/__init__.py': '', 'pkg/mod.py': text };
    const options = { args: ['--doctest-modules'], ...(doctests === undefined ? {} : { doctests }) };
    const done = await runFiles(scratchFolder(), files, options);
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    return { outcome: done.value.tests[id], docstring: done.value.docstrings[id] };
  };

  test('are judged by the docstring that is given, not by the one in the code', async () => {
    const honest = await run(right.replace('ANSWER', '1'));
    expect(honest).toEqual({ outcome: 'passed', docstring: expect.stringContaining('>>> f()') as string });
    const docstring = String(honest['docstring']);
    const edited = right.replace('ANSWER', '2').replace('    1\n', '    2\n');
    expect(await run(edited)).toMatchObject({ outcome: 'passed' });
    expect(await run(edited, { [id]: docstring })).toMatchObject({ outcome: 'failed' });
    const skipped = edited.replace('>>> f()', '>>> f()  # doctest: +SKIP');
    expect(await run(skipped, { [id]: docstring })).toMatchObject({ outcome: 'failed' });
    expect(await run(right.replace('ANSWER', '1'), { [id]: docstring })).toMatchObject({ outcome: 'passed' });
  });
});

describe.skipIf(!hasPython)('canaries', { timeout: 120_000 }, () => {
  test.each([
    ['patterns of the repository', { python_files: ['check_*.py'], python_functions: ['check_*', 'verify'] }],
    ['exact names', { python_files: ['tests.py'], python_classes: ['Nothing'] }],
    ['a pattern without a line', { python_files: ['*check.py'] }],
  ])('are run and fail whatever the repository calls its tests: %s', async (_, settings) => {
    for (const paths of [[], ['tests'], ['tests/tests.py']]) {
      const files = {
        'tests/tests.py': 'import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n',
      };
      const done = await runFiles(scratchFolder(), files, { settings, paths, args: ['-k', 'test_a', '-x'] });
      if (!done.ok) throw new Error(JSON.stringify(done.failure));
      expect(done.value.canaries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
      expect(Object.keys(done.value.tests).filter((id) => !id.startsWith('tests/tests.py'))).toEqual([]);
      expect(done.value.disagreements).toEqual([]);
    }
  });

  test('are new with every start, stand among the tests, and leave a planned run alone', async () => {
    const files = {
      'tests/test_a.py': 'import os\ndef test_1(): os._exit(0)\ndef test_2(): pass\n',
      'tests/test_b.py': 'import os\ndef test_3(): os._exit(0)\n',
    };
    const done = await runFiles(scratchFolder(), files, { paths: ['tests'] });
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    expect(done.value.tests).toEqual({
      'tests/test_a.py::test_1': 'crash',
      'tests/test_a.py::test_2': 'passed',
      'tests/test_b.py::test_3': 'crash',
    });
    expect(done.value.canaries).toHaveLength(2 * done.value.starts);
    const places = done.value.canaries.map(({ id }) => id.split('::')[0] ?? '');
    expect(new Set(places).size).toBe(done.value.starts);
    expect(new Set(places.map((file) => path.dirname(file)))).toEqual(new Set(['tests']));
    expect(done.value.disagreements).toEqual([]);

    const planned = await runFiles(scratchFolder(), files, { paths: ['tests'], args: ['--setup-plan'] });
    if (!planned.ok) throw new Error(JSON.stringify(planned.failure));
    expect(planned.value).toMatchObject({ canaries: [], disagreements: [] });
    expect(Object.keys(planned.value.tests)).toHaveLength(3);
  });
});
