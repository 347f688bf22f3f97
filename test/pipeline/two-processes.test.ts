import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleRig, startChild, type Child } from '../rigs/child-process.ts';
import { ALL } from '../rigs/scripted-tasks.ts';

let bundle: string;
let dir: string;
const children: Child[] = [];
beforeAll(async () => {
  bundle = await bundleRig('pipeline-child');
});
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-two-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.end;
  }
  rmSync(dir, { recursive: true, force: true });
});
const start: typeof startChild = (file, order) => {
  const child = startChild(file, order);
  children.push(child);
  return child;
};
const isWaiting = (line: Record<string, unknown>) => JSON.stringify(line).includes('waiting for process');
const states = (end: Awaited<Child['end']>) => end.outcome?.tasks.map(({ state }) => state);
const locksLeft = () => readdirSync(path.join(dir, '.locks'));

describe('two processes', () => {
  it('on one unit and variant: one runs, the other ends with 5 and says who and since when', async () => {
    const first = start(bundle, { dataDir: dir, holdAt: 'repo_dl' });
    await first.said((line) => line['at'] === 'repo_dl');
    const second = await start(bundle, { dataDir: dir }).end;
    expect(second.code).toBe(5);
    expect(second.outcome?.failure).toMatchObject({ reason: 'unit-busy', pid: first.process.pid });
    expect(second.ran).toEqual([]);
    expect(second.outcome?.runId).toBeNull();
    first.go();
    expect((await first.end).code).toBe(0);
    expect(locksLeft()).toEqual([]);
  });

  it('with --wait the other waits, and finds everything done', async () => {
    const first = start(bundle, { dataDir: dir, holdAt: 'coding_agent' });
    await first.said((line) => line['at'] === 'coding_agent');
    const second = start(bundle, { dataDir: dir, options: { waitSeconds: 60 } });
    await second.said(isWaiting);
    first.go();
    const ends = await Promise.all([first.end, second.end]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(ends[1].ran).toEqual([]);
    expect(states(ends[1])).toEqual(ALL.map(() => 'cached'));
  });

  it('with different agents both run, and share what is shared', async () => {
    const first = start(bundle, { dataDir: dir, variant: 'one', holdAt: 'env_setup' });
    await first.said((line) => line['at'] === 'env_setup');
    const second = start(bundle, { dataDir: dir, variant: 'two' });
    await second.said(isWaiting);
    first.go();
    const ends = await Promise.all([first.end, second.end]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const shared = [...ends[0].ran, ...ends[1].ran].filter((id) => ALL.slice(0, 4).includes(id as never));
    expect(shared.sort()).toEqual(ALL.slice(0, 4).sort());
    expect(ends[1].ran).toContain('coding_agent');
  });

  it('a holder that dies is replaced by who waits', async () => {
    const first = start(bundle, { dataDir: dir, variant: 'one', holdAt: 'env_setup' });
    await first.said((line) => line['at'] === 'env_setup');
    const second = start(bundle, { dataDir: dir, variant: 'two' });
    await second.said(isWaiting);
    first.process.kill('SIGKILL');
    const end = await second.end;
    expect(end.code).toBe(0);
    expect(end.ran).toContain('env_setup');
    expect(locksLeft().filter((name) => !name.includes('one'))).toEqual([]);
  });

  it('many at once on one unit and variant: exactly one does the work', async () => {
    const all = Array.from({ length: 6 }, () => start(bundle, { dataDir: dir }));
    const ends = await Promise.all(all.map(({ end }) => end));
    expect(ends.flatMap(({ ran }) => ran).sort()).toEqual([...ALL].sort());
    expect(ends.every(({ code }) => code === 0 || code === 5)).toBe(true);
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends running work with %i and leaves no lock and no temporary folder',
    async (signal, code) => {
      const child = start(bundle, { dataDir: dir, holdAt: 'env_setup' });
      await child.said((line) => line['at'] === 'env_setup');
      child.process.kill(signal);
      const end = await child.end;
      expect(end.code).toBe(code);
      expect(end.ran).toEqual(['repo_dl', 'env_setup']);
      expect(locksLeft()).toEqual([]);
      const left = readdirSync(dir, { recursive: true, encoding: 'utf8' });
      expect(left.filter((name) => /\.running$|\.(tmp|scratch)-/.test(name))).toEqual([]);
      const next = await start(bundle, { dataDir: dir }).end;
      expect(next.ran).toEqual(ALL.slice(1));
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a second %s kills at once work that does not listen', async (signal, code) => {
    const child = start(bundle, { dataDir: dir, holdAt: 'env_setup', deaf: true });
    await child.said((line) => line['at'] === 'env_setup');
    child.process.kill(signal);
    await child.said((line) => line['heard'] === 'abort');
    child.process.kill(signal);
    expect((await child.end).code).toBe(code);
    const next = await start(bundle, { dataDir: dir }).end;
    expect(next.code).toBe(0);
    expect(next.ran).toEqual(ALL.slice(1));
  });
});
