import { existsSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { copyWithout } from '../../src/environments/copy-without.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const PACKAGES = 'lib/python3.11/site-packages';

it('an environment without a distribution has its other files by link, and nothing outside of it is touched', () => {
  const dir = scratchFolder();
  const from = path.join(dir, 'ab');
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(from, file)), { recursive: true });
    writeFileSync(path.join(from, file), text);
  };
  put('pyvenv.cfg', 'home = /usr/bin\n');
  put('bin/old-tool', '');
  put('bin/kept-tool', '');
  for (const [name, module] of [
    ['Old.Lib', 'old'],
    ['kept', 'kept'],
  ] as const) {
    const info = `${PACKAGES}/${name.replace('.', '_')}-1.0.dist-info`;
    put(`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`);
    put(
      `${info}/RECORD`,
      `${module}/__init__.py,sha256=x,1\n${module}_one.py,,\n../../../bin/${module}-tool,,\n../../../../outside,,\n`,
    );
    put(`${info}/INSTALLER`, 'uv');
    put(`${PACKAGES}/${module}/__init__.py`, '');
    put(`${PACKAGES}/${module}/__pycache__/__init__.cpython-311.pyc`, '');
    put(`${PACKAGES}/${module}_one.py`, '');
    put(`${PACKAGES}/__pycache__/${module}_one.cpython-311.pyc`, '');
  }
  writeFileSync(path.join(dir, 'outside'), 'mine');
  symlinkSync('lib', path.join(from, 'lib64'));
  copyWithout(from, path.join(dir, 'b'), PACKAGES, ['old-lib']);
  const to = (file: string): string => path.join(dir, 'b', file);
  for (const gone of [
    'bin/old-tool',
    `${PACKAGES}/old`,
    `${PACKAGES}/old_one.py`,
    `${PACKAGES}/__pycache__/old_one.cpython-311.pyc`,
    `${PACKAGES}/Old_Lib-1.0.dist-info`,
  ])
    expect([gone, existsSync(to(gone))]).toEqual([gone, false]);
  const kept = `${PACKAGES}/kept/__pycache__/__init__.cpython-311.pyc`;
  expect(statSync(to(kept)).ino).toBe(statSync(path.join(from, kept)).ino);
  expect([existsSync(to('bin/kept-tool')), readlinkSync(to('lib64'))]).toEqual([true, 'lib']);
  expect([existsSync(path.join(dir, 'outside')), existsSync(path.join(from, 'bin/old-tool'))]).toEqual([
    true,
    true,
  ]);
});
