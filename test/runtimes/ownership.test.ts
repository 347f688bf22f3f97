import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { giveToSandbox, sandboxUser } from '../../src/runtimes/ownership.ts';
import { scratchFolder } from '../rigs/scratch.ts';

describe.skipIf(process.getuid?.() !== 0)('where root runs us, the sandbox is given', () => {
  const place = (): { host: string; owner: (file: string) => number } => {
    const host = scratchFolder();
    for (const dir of ['store/much', 'store/unit/made']) mkdirSync(path.join(host, dir), { recursive: true });
    for (const file of ['store/much/a', 'store/unit/made/b', 'store/unit/c'])
      writeFileSync(path.join(host, file), '');
    return { host: path.join(host, 'store'), owner: (file) => statSync(path.join(host, 'store', file)).uid };
  };
  const mine = sandboxUser().uid;

  test('everything below a writable mount, and nothing of a read-only one', async () => {
    const [one, two] = [place(), place()];
    await giveToSandbox([
      { host: one.host, at: '/a', mode: 'rw' },
      { host: two.host, at: '/b', mode: 'ro' },
    ]);
    expect(['.', 'much/a', 'unit/made/b', 'unit/c'].map(one.owner)).toEqual([mine, mine, mine, mine]);
    expect(two.owner('much/a')).toBe(0);
  });

  test('of a mount that names what others wrote only that, and the folders above it', async () => {
    const { host, owner } = place();
    await giveToSandbox([{ host, at: '/a', mode: 'rw', handOver: [path.join(host, 'unit/made')] }]);
    expect(['.', 'unit', 'unit/made', 'unit/made/b'].map(owner)).toEqual([mine, mine, mine, mine]);
    expect(['much', 'much/a', 'unit/c'].map(owner)).toEqual([0, 0, 0]);
  });
});
