import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lacksCompiler, runBuild } from '../../src/environments/compilers.ts';
import type { Step, Workshop } from '../../src/environments/workshop.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { scratchFolder } from '../rigs/scratch.ts';

describe('a build that ended for lack of compilers or headers', () => {
  it.each([
    "unable to execute 'gcc': No such file or directory",
    "error: command 'gcc' failed: No such file or directory",
    "error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1",
    'sh: 1: cc: not found',
    "FileNotFoundError: [Errno 2] No such file or directory: 'gcc'",
    'Error: pg_config executable not found.',
    'OSError: mysql_config not found',
    'src/x.c:3:10: fatal error: Python.h: No such file or directory',
    'ERROR: Unknown compiler(s): [["cc"], ["gcc"]]',
    'Please make sure the libxml2 and libxslt development packages are installed.',
    'configure: error: no acceptable C compiler found in $PATH',
  ])('is known by: %s', (log) => {
    expect(lacksCompiler(`some\nlines\n${log}\nmore`)).toBe(true);
  });

  it.each([
    "ModuleNotFoundError: No module named 'numpy'",
    'AttributeError: module setuptools has no attribute Feature',
    'error in setup command: use_2to3 is invalid.',
    'No space left on device',
  ])('is not: %s', (log) => {
    expect(lacksCompiler(log)).toBe(false);
  });
});

describe('a build step', () => {
  const STEP: Step = { name: 'build', script: 'x', mounts: [], network: 'none', foreign: true };
  const workshopOf = (
    errors: string[],
    withImage: boolean,
  ): { workshop: Workshop; images: (string | null)[] } => {
    const dir = scratchFolder();
    const images: (string | null)[] = [];
    const run: Runtime['run'] = (spec) => {
      images.push(spec.image);
      writeFileSync(spec.stdout, '');
      writeFileSync(spec.stderr, errors.shift() ?? '');
      const code = errors.length > 0 ? 1 : 0;
      return Promise.resolve({ ok: true, value: { code, ended: 'exited', seconds: 0, outputBytes: 0 } });
    };
    const workshop = {
      runtime: { run, pathOf: (_mounts: unknown, at: string) => at },
      limits: {},
      labels: {},
      signal: new AbortController().signal,
      toolsDir: dir,
      interpreter: { version: '3.11.0', executable: 'python3', mount: null, origin: 'image' },
      logDir: dir,
      buildImage: withImage ? () => Promise.resolve({ ok: true, value: 'image-with-compilers' }) : null,
      progress: () => undefined,
      limited: <T>(job: () => Promise<T>) => job(),
    } as unknown as Workshop;
    return { workshop, images };
  };
  const lacks = ({ err }: { readonly err: string }): boolean => lacksCompiler(err);

  it('that is pure Python needs no image with compilers', async () => {
    const { workshop, images } = workshopOf([''], true);
    expect(await runBuild(workshop, STEP, lacks)).toMatchObject({ ok: true, value: { compiled: false } });
    expect(images).toEqual([null]);
  });

  it('that lacks a compiler is run again in the image that has it, and says so', async () => {
    const { workshop, images } = workshopOf(["unable to execute 'gcc'", ''], true);
    expect(await runBuild(workshop, STEP, lacks)).toMatchObject({ ok: true, value: { compiled: true } });
    expect(images).toEqual([null, 'image-with-compilers']);
  });

  it('where there are no images takes what the machine has', async () => {
    const { workshop, images } = workshopOf(["unable to execute 'gcc'", ''], false);
    expect(await runBuild(workshop, STEP, lacks)).toMatchObject({ ok: true, value: { compiled: false } });
    expect(images).toEqual([null]);
  });
});
