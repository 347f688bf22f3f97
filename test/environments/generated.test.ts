import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  generatedModules,
  hasOwnExtensions,
  treeNotes,
  writeGenerated,
} from '../../src/environments/generated.ts';
import { findInterpreters } from '../../src/environments/interpreters.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const NOTHING = new Map<string, string>();

it('extension modules of the repository itself are named as not built', () => {
  const setup = (text: string): Map<string, string> => new Map([['sub/setup.py', text]]);
  expect(hasOwnExtensions(setup('setup(ext_modules=[Extension("a", ["a.c"])])'), 'sub')).toBe(true);
  expect(hasOwnExtensions(setup('setup(name="a")'), 'sub')).toBe(false);
  expect(hasOwnExtensions(setup('setup(ext_modules=[])'), '.')).toBe(false);
  const notes = treeNotes({ generated: [{ module: 'tally._version', names: [] }], ownExtensions: true });
  expect(notes).toEqual([expect.stringContaining('tally._version'), expect.stringContaining('not built')]);
});

describe('version modules that a tree imports and lacks', () => {
  it('are those that the build settings name', () => {
    const paths = new Set(['pyproject.toml', 'src/tally/__init__.py']);
    const declaring = new Map([
      ['pyproject.toml', '[tool.setuptools_scm]\nwrite_to = "src/tally/_ver.py"\n'],
    ]);
    expect(generatedModules(paths, declaring, NOTHING, ['.', 'src'])).toEqual([
      { module: 'tally._ver', names: [] },
    ]);
    const setup = new Map([['setup.py', "setup(use_scm_version={'write_to': 'tally/_v.py'})"]]);
    expect(generatedModules(new Set(['setup.py']), setup, NOTHING, ['.'])[0]?.module).toBe('tally._v');
  });

  it('are those that a package imports beside itself or by its full name', () => {
    const paths = new Set(['tally/__init__.py', 'tally/cli.py']);
    const sources = new Map([
      ['tally/__init__.py', 'from ._version import version as __version__, version_tuple\n'],
      [
        'tally/cli.py',
        'try:\n    from tally.version import RELEASE  # made by the build\nexcept ImportError:\n    pass\n',
      ],
    ]);
    expect(generatedModules(paths, NOTHING, sources, ['.'])).toEqual([
      { module: 'tally._version', names: ['version', 'version_tuple'] },
      { module: 'tally.version', names: ['RELEASE'] },
    ]);
  });

  it('are none where the tree has the file, a package or its source, or another distribution is asked', () => {
    const sources = new Map([
      ['tally/__init__.py', 'from ._version import v\nfrom packaging.version import parse\n'],
    ]);
    for (const there of ['tally/_version.py', 'tally/_version.pyx', 'tally/_version/__init__.py'])
      expect(generatedModules(new Set(['tally/__init__.py', there]), NOTHING, sources, ['.'])).toEqual([]);
  });
});

const interpreters = await findInterpreters(scratchCache(), []);
function scratchCache(): string {
  return path.join(process.env['TMPDIR'] ?? '/tmp', 'mig-pipeline-test-cache');
}
const lines = interpreters.filter(({ version }) => /^(2\.7|3\.6|3\.1[12])\./.test(version));

it.each(lines.map(({ version, executable }) => [version, executable] as const))(
  'on Python %s they are imported without a file in the tree, and a file of the tree comes first',
  (_version, executable) => {
    const dir = scratchFolder();
    const [packages, tree] = [path.join(dir, 'site'), path.join(dir, 'tree')];
    mkdirSync(packages);
    mkdirSync(path.join(tree, 'tally'), { recursive: true });
    writeFileSync(path.join(tree, 'tally/__init__.py'), '');
    writeGenerated(packages, [{ module: 'tally._version', names: ['release', 'version_info'] }], '1.2rc1');
    const script = `import site, sys; site.addsitedir(${JSON.stringify(packages)}); sys.path.insert(0, ${JSON.stringify(tree)})
from tally._version import version, __version__, version_tuple, release, version_info
print('|'.join([version, __version__, str(version_tuple[:1]), release]))`;
    const run = (): string =>
      execFileSync(executable, ['-B', '-s', '-c', script], { encoding: 'utf8', stdio: 'pipe' }).trim();
    expect(run()).toBe('1.2rc1|1.2rc1|(1,)|1.2rc1');
    writeFileSync(
      path.join(tree, 'tally/_version.py'),
      'version = __version__ = release = "own"\nversion_tuple = version_info = ()\n',
    );
    expect(run()).toBe('own|own|()|own');
  },
);
