import { expect, test } from 'vitest';
import { importModeArguments, pytestIni, readPytestSettings } from '../../src/runners/pytest-settings.ts';
import { writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const read = (files: Record<string, string>): unknown =>
  readPytestSettings(writeFiles(scratchFolder(), files));

test.each([
  [{}, {}],
  [
    { 'pytest.ini': '[pytest]\naddopts = -x\n  -v\npython_files =\n  a_*.py\n  # note\n  b.py\n' },
    { addopts: ['-x', '-v'], python_files: ['a_*.py', 'b.py'] },
  ],
  [{ 'pytest.ini': '', 'setup.cfg': '[tool:pytest]\npython_files = x.py\n' }, {}],
  [
    {
      'tox.ini':
        '[tox]\npython_files = no\n[pytest]\nDJANGO_SETTINGS_MODULE: app.settings\nmarkers = slow\n[other]\npython_classes = X\n',
    },
    { DJANGO_SETTINGS_MODULE: ['app.settings'] },
  ],
  [
    { 'tox.ini': '[tox]\nx = 1\n', 'setup.cfg': '[tool:pytest]\nasyncio_mode=auto\n' },
    { asyncio_mode: ['auto'] },
  ],
  [
    {
      'pyproject.toml':
        '[tool.x]\npython_files = ["no"]\n[tool.pytest.ini_options]\nfilterwarnings = [\n  "error",\n  "ignore:[a]",\n]\npython_files = [\n  "t_*.py", # why\n  \'u.py\',\n]\nasyncio_mode = "strict"\nconsider_namespace_packages = true\n[tool.y]\npython_classes = "no"\n',
    },
    { python_files: ['t_*.py', 'u.py'], asyncio_mode: ['strict'], consider_namespace_packages: ['true'] },
  ],
])('%#: what is kept', (files, expected) => {
  expect(read(files as Record<string, string>)).toEqual(expected);
});

test('of the options only how tests are imported stays', () => {
  expect(importModeArguments({ addopts: ['--strict', '--import-mode importlib -n 4'] })).toEqual([
    '--import-mode=importlib',
  ]);
  expect(importModeArguments({})).toEqual([]);
  expect(pytestIni({ addopts: ['-x'], asyncio_mode: ['auto'] })).toBe(
    '[pytest]\npython_files =\n    test*.py\n    *_test.py\n    *_tests.py\n    tests.py\nasyncio_mode = auto\n',
  );
});
