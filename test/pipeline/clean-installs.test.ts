import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cleanInstalls } from '../../src/pipeline/clean-installs.ts';
import { removeOldAgentImages } from '../../src/runners/clean-images.ts';
import { ok } from '../../src/model/result.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const HOUR = 3600;
const digit = (at: string): string => at.repeat(16);

/** Installs by folder name, each used that many hours ago; null: never finished. */
function installs(ages: Readonly<Record<string, number | null>>): string {
  const dataDir = scratchFolder();
  for (const [name, age] of Object.entries(ages)) {
    const dir = path.join(dataDir, 'cache/agents', name);
    mkdirSync(dir, { recursive: true });
    if (age === null) continue;
    writeFileSync(path.join(dir, 'installed.json'), '{}');
    const then = Date.now() / 1000 - age * HOUR;
    utimesSync(path.join(dir, 'installed.json'), then, then);
  }
  return dataDir;
}

test('of two installs of an agent the one used last stays, and so does one used in the last hours', () => {
  const names = [
    `a-${digit('1')}`,
    `a-${digit('2')}`,
    `a-${digit('3')}`,
    `a-b-${digit('4')}`,
    `b-${digit('5')}.making`,
  ];
  const [old, recent, newest, other, half] = names as [string, string, string, string, string];
  const dataDir = installs({ [old]: 48, [recent]: 2, [newest]: 1, [other]: 99, [half]: null, something: 99 });
  const there = (): boolean[] =>
    [...names, 'something'].map((name) => existsSync(path.join(dataDir, 'cache/agents', name)));
  const expected = [old, half].map((name) => ({ kind: 'install', name: `cache/agents/${name}`, busy: null }));
  expect(cleanInstalls(dataDir, true)).toEqual(expected);
  expect(there()).toEqual([true, true, true, true, true, true]);
  expect(cleanInstalls(dataDir, false)).toEqual(expected);
  expect(there()).toEqual([false, true, true, true, false, true]);
});

test('of two images of an agent the newer one stays; one in use stays; others are not ours to judge', async () => {
  const images = [
    { tag: 'a-111111111111', madeMs: 1 },
    { tag: 'a-222222222222', madeMs: 2 },
    { tag: 'b-333333333333', madeMs: 1 },
    { tag: 'c-444444444444', madeMs: 1 },
    { tag: 'c-555555555555', madeMs: 2 },
    { tag: 'd-777777777777', madeMs: Date.now() - 1000 },
    { tag: 'd-888888888888', madeMs: Date.now() },
    { tag: '666666666666', madeMs: 0 },
  ];
  const asked: string[] = [];
  const engine = {
    images: () => Promise.resolve(ok(images)),
    removeImage: (name: string) => {
      asked.push(name);
      return Promise.resolve(ok(!name.includes(':c-')));
    },
  };
  const [a, c] = ['mig-pipeline-agent:a-111111111111', 'mig-pipeline-agent:c-444444444444'];
  expect(await removeOldAgentImages(engine, true)).toEqual(ok([a, c]));
  expect(asked).toEqual([]);
  expect(await removeOldAgentImages(engine, false)).toEqual(ok([a]));
  expect(asked).toEqual([a, c]);
});
