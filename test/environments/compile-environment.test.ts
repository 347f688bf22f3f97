import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const SCRIPT = path.join(packageRoot(), 'src/runners/python/compile_environment.py');

it('bytecode of a distribution is made once in a store, and made anew where its sources differ', () => {
  const dir = scratchFolder();
  const make = (name: string, source: string, hash: string, mtime = 1_700_000_000): string => {
    const packages = path.join(dir, name);
    mkdirSync(path.join(packages, 'one'), { recursive: true });
    mkdirSync(path.join(packages, 'one-1.0.dist-info'));
    writeFileSync(
      path.join(packages, 'one-1.0.dist-info/RECORD'),
      `one/__init__.py,sha256=${hash},9\none/template.py,sha256=t,9\none-1.0.dist-info/RECORD,,\n`,
    );
    writeFileSync(path.join(packages, 'one/__init__.py'), source);
    writeFileSync(path.join(packages, 'one/template.py'), 'print {{ name }}\n');
    utimesSync(path.join(packages, 'one/__init__.py'), mtime, mtime);
    execFileSync('python3', ['-I', '-S', SCRIPT, packages, '/env/site', path.join(dir, 'kept')]);
    const cached = path.join(packages, 'one/__pycache__');
    const files = readdirSync(cached);
    expect(files).toHaveLength(1);
    return path.join(cached, files[0] ?? '');
  };
  const [first, second] = [make('a', 'x = 1\n', 'h1'), make('b', 'x = 1\n', 'h1')];
  expect(statSync(second).ino).toBe(statSync(first).ino);
  const other = make('c', 'y = 22\n', 'h2');
  expect(statSync(other).ino).not.toBe(statSync(first).ino);
  // The same words in RECORD over a file of another time: what is kept does not fit, and stays as it is.
  const wrong = make('d', 'z = 333\n', 'h1', 1_600_000_000);
  expect([statSync(wrong).ino === statSync(first).ino, statSync(first).nlink]).toEqual([false, 3]);
});
