import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackArchive } from '../../src/sources/unpack.ts';
import type { UnpackLimits } from '../../src/sources/unpack-limits.ts';
import { UNPACK_LIMITS } from '../../src/sources/unpack-limits.ts';
import { makeArchive } from '../rigs/archives.ts';
import type { ArchiveEntry } from '../rigs/archives.ts';
import { scratchFolder } from '../rigs/scratch.ts';

type Kind = 'gz' | 'bz2' | 'zip' | '';
const ENDING: Record<Kind, string> = { gz: '.tar.gz', bz2: '.tar.bz2', zip: '.zip', '': '.tar' };

async function unpack(
  entries: readonly ArchiveEntry[],
  kind: Kind = 'gz',
  limits: UnpackLimits = UNPACK_LIMITS,
) {
  const dir = scratchFolder();
  const file = path.join(dir, `pkg-1.0${ENDING[kind]}`);
  writeFileSync(file, makeArchive(entries, kind));
  const dest = path.join(dir, 'in/side');
  return { result: await unpackArchive(file, dest, limits), dir, dest };
}

describe.each(['gz', 'bz2', 'zip', ''] as const)('an ordinary archive (%s)', (kind) => {
  it('gives its tree without the top folder, with executable bits', async () => {
    const { result, dest } = await unpack(
      [
        { name: 'pkg-1.0/setup.py', content: 'x = 1\r\n' },
        { name: 'pkg-1.0/./src/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
        { name: 'pkg-1.0/src/to-setup', type: 'symlink', target: '../setup.py' },
        { name: 'pkg-1.0/big', zeros: 300_000 },
      ],
      kind,
    );
    expect(result).toEqual({ ok: true, value: path.join(dest, 'pkg-1.0') });
    expect(readFileSync(path.join(dest, 'pkg-1.0/setup.py'), 'utf8')).toBe('x = 1\r\n');
    expect(lstatSync(path.join(dest, 'pkg-1.0/src/run.sh')).mode & 0o777).toBe(0o755);
    expect(lstatSync(path.join(dest, 'pkg-1.0/setup.py')).mode & 0o777).toBe(0o644);
    expect(readlinkSync(path.join(dest, 'pkg-1.0/src/to-setup'))).toBe('../setup.py');
    expect(readFileSync(path.join(dest, 'pkg-1.0/big')).length).toBe(300_000);
  });
});

it('without a single top folder gives all of it', async () => {
  const { result, dest } = await unpack([
    { name: 'a.py', content: '1' },
    { name: 'b/c.py', content: '2' },
  ]);
  expect(result).toEqual({ ok: true, value: dest });
});

it('with names that differ in case alone keeps both', async () => {
  const { dest } = await unpack([
    { name: 'p/a.py', content: '1' },
    { name: 'p/A.py', content: '2' },
  ]);
  expect(readdirSync(path.join(dest, 'p')).sort()).toEqual(['A.py', 'a.py']);
});

it('with a hard link to one of its own files copies that', async () => {
  const { dest } = await unpack([
    { name: 'p/b.py', type: 'hardlink', target: 'p/a.py' },
    { name: 'p/a.py', content: '1' },
  ]);
  expect(readFileSync(path.join(dest, 'p/b.py'), 'utf8')).toBe('1');
  expect(lstatSync(path.join(dest, 'p/b.py')).nlink).toBe(1);
});

it('with an entry doubled word for word is taken', async () => {
  expect(
    (
      await unpack([
        { name: 'p/a', content: '1' },
        { name: 'p/a', content: '1' },
      ])
    ).result.ok,
  ).toBe(true);
});

const HOSTILE: readonly (readonly [string, Kind, readonly ArchiveEntry[]])[] = [
  ['an absolute path', 'gz', [{ name: '/tmp/mig-evil', content: 'x' }]],
  ['an absolute path', 'zip', [{ name: '/tmp/mig-evil', content: 'x' }]],
  ['a path with ..', 'gz', [{ name: 'p/../../evil', content: 'x' }]],
  ['a path with ..', 'zip', [{ name: 'p/../../evil', content: 'x' }]],
  ['a drive letter', 'gz', [{ name: 'C:\\evil', content: 'x' }]],
  ['a link to an absolute path', 'gz', [{ name: 'p/l', type: 'symlink', target: '/etc/passwd' }]],
  ['a link to an absolute path', 'zip', [{ name: 'p/l', type: 'symlink', target: '/etc/passwd' }]],
  ['a link out', 'gz', [{ name: 'p/l', type: 'symlink', target: '../../evil' }]],
  ['a link out of the top folder', 'gz', [{ name: 'p/l', type: 'symlink', target: '../x' }]],
  ['a file through a link', 'gz', [
    { name: 'p/l', type: 'symlink', target: '.' },
    { name: 'p/l/evil', content: 'x' },
  ]],
  ['a file, then a link above it', 'gz', [
    { name: 'p/l/evil', content: 'x' },
    { name: 'p/l', type: 'symlink', target: '.' },
  ]],
  ['a link below a link', 'gz', [
    { name: 'p/a', type: 'symlink', target: 'b' },
    { name: 'p/a/c', type: 'symlink', target: 'd' },
  ]],
  ['a link and a file of one name', 'gz', [
    { name: 'p/l', type: 'symlink', target: 'x' },
    { name: 'p/l', content: 'x' },
  ]],
  ['a hard link out', 'gz', [{ name: 'p/h', type: 'hardlink', target: '/etc/passwd' }]],
  ['a hard link out by ..', 'gz', [{ name: 'p/h', type: 'hardlink', target: '../../etc/passwd' }]],
  ['a hard link to a link', 'gz', [
    { name: 'p/l', type: 'symlink', target: 'x' },
    { name: 'p/h', type: 'hardlink', target: 'p/l' },
  ]],
  ['a device', 'gz', [{ name: 'p/null', type: 'char' }]],
  ['a device', 'zip', [{ name: 'p/null', type: 'char' }]],
  ['a pipe', 'gz', [{ name: 'p/pipe', type: 'fifo' }]],
  ['two contents of one name', 'gz', [{ name: 'p/a', content: '1' }, { name: 'p/./a', content: '2' }]],
  ['two contents of one name', 'zip', [{ name: 'p/a', content: '1' }, { name: 'p/a', content: '2' }]],
  ['nothing', 'gz', []],
]; // prettier-ignore

describe('an archive is refused, and nothing is written outside, for', () => {
  it.each(HOSTILE)('%s (%s)', async (_what, kind, entries) => {
    const { result, dir } = await unpack(entries, kind);
    expect(result).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'content-refused' } });
    expect(readdirSync(dir).sort()).toEqual(['in', `pkg-1.0${ENDING[kind]}`]);
    expect(readdirSync(path.join(dir, 'in'))).toEqual(['side']);
    expect(existsSync('/tmp/mig-evil')).toBe(false);
  });

  const small: UnpackLimits = { totalBytes: 10_000_000, entries: 50, ratio: 200, ratioFromBytes: 1_000_000 };

  it.each(['gz', 'bz2', 'zip'] as const)('a bomb by ratio (%s)', async (kind) => {
    const { result } = await unpack([{ name: 'p/zeros', zeros: 6_000_000 }], kind, small);
    expect(result).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('200 times') as string },
    });
  });

  it.each(['gz', 'zip'] as const)('more bytes than allowed (%s)', async (kind) => {
    const entries = [{ name: 'p/zeros', zeros: 6_000_000 }];
    const { result } = await unpack(entries, kind, { ...small, totalBytes: 5_000_000, ratio: 1e9 });
    expect(result).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('5000000 bytes') as string },
    });
  });

  it.each(['gz', 'zip'] as const)('more entries than allowed (%s)', async (kind) => {
    const entries = Array.from({ length: 60 }, (_, index) => ({ name: `p/${index}`, content: 'x' }));
    const { result } = await unpack(entries, kind, small);
    expect(result).toMatchObject({ ok: false, failure: { detail: 'more than 50 entries' } });
  });

  it('being cut in half', async () => {
    const dir = scratchFolder();
    const whole = makeArchive(
      [{ name: 'p/a', content: Array.from({ length: 9999 }, (_, i) => i).join() }],
      'gz',
    );
    writeFileSync(path.join(dir, 'p.tar.gz'), whole.subarray(0, whole.length / 2));
    expect((await unpackArchive(path.join(dir, 'p.tar.gz'), path.join(dir, 'out'))).ok).toBe(false);
  });

  it.each(['.tar.gz', '.zip', '.tar.bz2', '.tar', '.whl'])('being no archive at all (%s)', async (ending) => {
    const dir = scratchFolder();
    writeFileSync(path.join(dir, `p${ending}`), 'this is a page that says: not found\n'.repeat(50));
    expect(await unpackArchive(path.join(dir, `p${ending}`), path.join(dir, 'out'))).toMatchObject({
      ok: false,
      failure: { reason: 'content-refused' },
    });
  });
});
