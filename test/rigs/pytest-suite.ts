import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Failure } from '../../src/model/failure.ts';
import type { Result } from '../../src/model/result.ts';
import { readPytestSettings } from '../../src/runners/pytest-settings.ts';
import {
  runTestSuite,
  type SeenEnvironment,
  type SuiteRun,
  type TestSuiteRequest,
} from '../../src/runners/test-suite.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { BASE_IMAGE } from './engine.ts';

/** The system's own interpreter, which every sandbox of this machine has. */
const PYTHON = '/usr/bin/python3';
export const hasPython = existsSync(PYTHON);

/** Bubblewrap or plain processes: every form of `import` and ending is alike in containers, which the tasks' tests use. */
export async function suiteRuntime(): Promise<Runtime> {
  const chosen = await chooseRuntime({ requested: 'local', unsafeLocal: true, baseImage: BASE_IMAGE });
  if (!chosen.ok) throw new Error(JSON.stringify(chosen.failure));
  return chosen.value;
}

/** pytest of one version in a folder below the system's temporary one, fetched once by pip. */
export function pytestFolder(version: string): string {
  const dir = path.join(tmpdir(), `mig-pipeline-test-pytest-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(dir)) return dir;
  const fresh = mkdtempSync(`${dir}.`);
  const args = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', fresh, `pytest==${version}`];
  execFileSync('python3', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 100_000 });
  chmodSync(fresh, 0o755);
  writeFileSync(path.join(fresh, 'oldlib.py'), 'def load():\n    return 1\n');
  mkdirSync(path.join(fresh, 'oldpkg'));
  writeFileSync(path.join(fresh, 'oldpkg', '__init__.py'), 'VALUE = 1\n');
  writeFileSync(path.join(fresh, 'oldpkg', 'part.py'), 'VALUE = 2\n');
  // a third package that needs the old one and has the right to
  writeFileSync(
    path.join(fresh, 'thirdlib.py'),
    'import oldlib\n\ndef load():\n    import oldlib\n    return oldlib.load()\n',
  );
  try {
    renameSync(fresh, dir);
  } catch {
    rmSync(fresh, { recursive: true });
  }
  return dir;
}

export function pytestEnvironment(runtime: Runtime, version = '8.3.5'): SeenEnvironment {
  const mounts = [{ host: pytestFolder(version), at: '/env', mode: 'ro' }] as const;
  return {
    mounts,
    python: PYTHON,
    variables: { PYTHONPATH: runtime.pathOf(mounts, '/env'), PATH: '/usr/bin:/bin' },
  };
}

/** Writes files below a folder. */
export function writeFiles(dir: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

/** Runs the tests of these files. */
export async function runFiles(
  dir: string,
  files: Readonly<Record<string, string>>,
  options: Partial<TestSuiteRequest> & { readonly pytest?: string } = {},
): Promise<Result<SuiteRun, Failure>> {
  const tree = writeFiles(path.join(dir, 'tree'), files);
  const runtime = await suiteRuntime();
  const { pytest, ...rest } = options;
  return await runTestSuite({
    runtime,
    tree,
    environment: pytestEnvironment(runtime, pytest),
    block: null,
    paths: [],
    ids: null,
    args: [],
    cwd: '.',
    pythonpath: ['.'],
    settings: readPytestSettings(tree),
    trace: null,
    order: 'file',
    limits: { memoryBytes: 2 ** 30, cpus: 2, pids: 128, wallMs: 60_000, idleMs: null, outputBytes: 2 ** 26 },
    testSeconds: 20,
    fileSeconds: 20,
    labels: {},
    scratchDir: path.join(dir, 'scratch'),
    logDir: path.join(dir, 'logs'),
    name: 'suite',
    ...rest,
  });
}

/** Every file below a folder, relative to it. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(dir, name)).isFile(),
  );
}
