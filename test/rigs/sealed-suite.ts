import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { MountedEnvironment } from '../../src/runners/environment.ts';
import { sealBlock } from '../../src/runners/guarded-copies.ts';
import type { BlockRules } from '../../src/runners/test-block.ts';
import type { SuiteRun } from '../../src/runners/test-suite.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { runFiles, suiteRuntime, writeFiles } from './pytest-suite.ts';
import { scratchFolder } from './scratch.ts';

/** The pytest that suits a line of Python. */
const PYTEST: Record<string, string> = { '2.7': '4.6.11', '3.6': '7.0.1', '3.7': '7.4.4' };
const LIMITS = {
  memoryBytes: 2 ** 30,
  cpus: 2,
  pids: 128,
  wallMs: 240_000,
  idleMs: null,
  outputBytes: 2 ** 26,
};

/** pyenv's interpreter of a line; null where there is none. */
export function pyenvPython(line: string): string | null {
  const versions = path.join(homedir(), '.pyenv', 'versions');
  const found = existsSync(versions)
    ? execFileSync('ls', [versions], { encoding: 'utf8' })
        .split('\n')
        .find((name) => name.startsWith(`${line}.`))
    : undefined;
  return found === undefined ? null : path.join(versions, found);
}

/** The interpreter that every machine with this project has, and pyenv's of these lines where they are: name, program. */
export function interpretersWith(lines: readonly string[]): (readonly [name: string, python: string])[] {
  const others = lines.flatMap((line) => {
    const prefix = pyenvPython(line);
    return prefix === null ? [] : [[line, path.join(prefix, 'bin', 'python')] as const];
  });
  return [['of the machine', 'python3'], ...others];
}

/** A folder with pytest for the interpreter in `prefix`, and a third party that imports A in the standard library. */
function packagesFor(line: string, prefix: string): string {
  const dir = path.join(tmpdir(), `mig-pipeline-test-sealed-${line}-${process.getuid?.() ?? 0}-4`);
  if (existsSync(dir)) return dir;
  const fresh = mkdtempSync(`${dir}.`);
  const python = path.join(prefix, 'bin', 'python');
  const args = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--disable-pip-version-check'];
  execFileSync(python, [...args, '--target', fresh, `pytest==${PYTEST[line] ?? '8.3.5'}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 180_000,
  });
  chmodSync(fresh, 0o755);
  writeFiles(fresh, {
    'thirdlib.py': `import getopt

class Third(object):
    def __init__(self): self.parse = getopt.getopt
    def getopts(self): return getopt.getopt(['-a', 'x'], 'a')

def options(): return getopt.getopt(['-a', 'x'], 'a')
def apply(function, *args): return function(*args)
`,
    'scanner.py': `import sys

def scan():
    return [(name, [getattr(m, n, None) for n in dir(m)], vars(m)) for name, m in list(sys.modules.items())]
`,
    'carrier/__init__.py': '',
    'carrier/_vendor/__init__.py': '',
    'carrier/_vendor/oldlib.py': 'def load(): return 1\n',
    'oldlib.py':
      'class Box(object):\n    def __init__(self, n): self.n = n\n    def twice(self): return self.n * 2\ndef load():\n    return 1\n',
  });
  try {
    renameSync(fresh, dir);
  } catch {
    rmSync(fresh, { recursive: true });
  }
  return dir;
}

function environmentFor(runtime: Runtime, line: string): MountedEnvironment {
  const prefix = pyenvPython(line);
  if (prefix === null) throw new Error(`no Python ${line}`);
  const mounts = [
    { host: prefix, at: prefix, mode: 'ro' },
    { host: packagesFor(line, prefix), at: '/env', mode: 'ro' },
  ] as const;
  return {
    mounts,
    python: path.join(prefix, 'bin', 'python'),
    variables: { PYTHONPATH: runtime.pathOf(mounts, '/env'), PATH: `${prefix}/bin:/usr/bin:/bin` },
  };
}

/** Runs the tests of these files with everything that the block has, or (`block` null) without it. */
export async function runSealed(
  files: Readonly<Record<string, string>>,
  block: BlockRules | null,
  line = '3.11',
): Promise<SuiteRun> {
  const runtime = await suiteRuntime();
  const dir = scratchFolder();
  const tree = writeFiles(path.join(dir, 'tree'), files);
  const environment = environmentFor(runtime, line);
  const sealed =
    block === null
      ? null
      : await sealBlock({
          runtime,
          environment,
          block,
          tree,
          cacheDir: path.join(dir, 'guarded'),
          limits: LIMITS,
          labels: {},
          logDir: path.join(dir, 'logs'),
        });
  if (sealed !== null && !sealed.ok) throw new Error(JSON.stringify(sealed.failure));
  const done = await runFiles(dir, files, {
    block: sealed?.value.block ?? null,
    environment: sealed?.value.environment ?? environment,
    paths: ['tests'],
    limits: LIMITS,
    testSeconds: 60,
  });
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}
