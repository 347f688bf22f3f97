import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockName } from '../../src/pipeline/folder-names.ts';
import { ownerLives, SILENCE_MS, thisProcess } from '../../src/workspace/process-owner.ts';
import { readOwner, takeOver, tryLock } from '../../src/pipeline/lock.ts';
import type { OwnerRecord } from '../../src/pipeline/owner-record.ts';
import { newNonce } from '../../src/pipeline/run-folder.ts';
import { bundleRig } from '../rigs/child-process.ts';

let bundle: string;
let dir: string;
let file: string;
beforeAll(async () => {
  bundle = await bundleRig('lock-child');
});
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mig-lock-'));
  file = path.join(dir, '.locks', 'x.lock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const me = thisProcess();
const owner = (more: Partial<OwnerRecord> = {}): OwnerRecord => ({
  ...me,
  nonce: newNonce(),
  run: 'r',
  since: '2020-01-01T00:00:00Z',
  folder: 'f',
  ...more,
});
const DEAD = { pid: 2 ** 22 - 1, processStart: '1' };
const put = (record: unknown) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof record === 'string' ? record : JSON.stringify(record));
};

interface Racer {
  go(): void;
  ready: Promise<void>;
  got: Promise<boolean>;
  end(): Promise<void>;
}
function racer(): Racer {
  const child = spawn(process.execPath, [bundle, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const { promise: ready, resolve: isReady } = withResolver<undefined>();
  const { promise: got, resolve: answer } = withResolver<boolean>();
  lines.on('line', (line) => {
    const said = JSON.parse(line) as { ready?: boolean; got?: boolean };
    if (said.ready === true) isReady(undefined);
    if (said.got !== undefined) answer(said.got);
  });
  const end = () =>
    new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.stdin.end();
      child.kill('SIGKILL');
    });
  return { go: () => child.stdin.write('go\n'), ready, got, end };
}
function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

describe('a lock', () => {
  it('is held by one and released by its holder', () => {
    const first = tryLock(file, owner(), me);
    const second = tryLock(file, owner(), me);
    expect([first.got, second.got]).toEqual([true, false]);
    if (!second.got) expect(second.owner?.pid).toBe(process.pid);
    if (first.got) first.lock.release();
    expect(readdirSync(path.dirname(file))).toEqual([]);
    expect(tryLock(file, owner(), me).got).toBe(true);
  });

  it('of a dead process is taken over, and the guard is gone', () => {
    put(owner(DEAD));
    expect(tryLock(file, owner(), me).got).toBe(true);
    expect(readdirSync(path.dirname(file))).toEqual(['x.lock']);
  });

  it('of a pid that another process has now is taken over', () => {
    put(owner({ processStart: '1' }));
    expect(tryLock(file, owner(), me).got).toBe(true);
  });

  it('of another host holds while it beats, and is taken over after five minutes of silence', () => {
    put(owner({ ...DEAD, host: 'elsewhere' }));
    expect(tryLock(file, owner(), me).got).toBe(false);
    const old = (Date.now() - SILENCE_MS - 1000) / 1000;
    utimesSync(file, old, old);
    expect(tryLock(file, owner(), me).got).toBe(true);
  });

  it('that cannot be read is judged by its age alone', () => {
    put('{"host":');
    expect(tryLock(file, owner(), me).got).toBe(false);
    const old = (Date.now() - SILENCE_MS - 1000) / 1000;
    utimesSync(file, old, old);
    expect(tryLock(file, owner(), me).got).toBe(true);
  });

  it('that was taken by another is not held any more, and not released by the old holder', () => {
    const first = tryLock(file, owner(), me);
    const thief = owner();
    put(thief);
    if (!first.got) throw new Error('not taken');
    expect(first.lock.stillHeld()).toBe(false);
    first.lock.release();
    expect(readOwner(file)?.record.nonce).toBe(thief.nonce);
  });

  it('whose taking over was killed under the guard can be taken over all the same', () => {
    put(owner(DEAD));
    const guard = `${file}.guard`;
    mkdirSync(guard);
    const dead = owner(DEAD);
    writeFileSync(path.join(guard, dead.nonce), JSON.stringify(dead));
    expect(tryLock(file, owner(), me).got).toBe(false);
    expect(existsSync(guard)).toBe(false);
    expect(tryLock(file, owner(), me).got).toBe(true);
  });

  it('is not taken from a new owner by who still believes in the dead one', () => {
    const dead = owner(DEAD);
    put(dead);
    expect(tryLock(file, owner(), me).got).toBe(true);
    const winner = readOwner(file)?.record.nonce;
    const late = owner();
    const body = `${file}.new-${late.nonce}`;
    writeFileSync(body, JSON.stringify(late));
    expect(takeOver(file, body, dead.nonce, late, me)).toBe(false);
    expect(readOwner(file)?.record.nonce).toBe(winner);
  });

  it('of a dead process has one winner among many processes, every time', async () => {
    for (let round = 0; round < 8; round++) {
      put(owner(DEAD));
      const racers = Array.from({ length: 8 }, racer);
      await Promise.all(racers.map(({ ready }) => ready));
      for (const one of racers) one.go();
      const got = await Promise.all(racers.map((one) => one.got));
      expect(got.filter(Boolean).length).toBe(1);
      await Promise.all(racers.map((one) => one.end()));
      rmSync(path.dirname(file), { recursive: true });
    }
  });
});

describe('names and owners', () => {
  it('a lock is named after its folder, and a long name stays a file name', () => {
    expect(lockName('/data', '/data/envs/u/p')).toBe('envs%2Fu%2Fp.lock');
    const long = lockName('/data', `/data/score/${'x'.repeat(300)}/v~t/patch_eval`);
    const other = lockName('/data', `/data/score/${'x'.repeat(300)}/v~t/unit_test_eval`);
    expect(long.length).toBeLessThan(200);
    expect(long).not.toBe(other);
  });

  it('this process lives; one in another pid namespace is judged by its beat', () => {
    expect(ownerLives(me, me, 0, 1e12)).toBe(true);
    const inside = { ...me, pidNamespace: 'pid:[1]' };
    expect(ownerLives(inside, me, 1000, 1000 + SILENCE_MS - 1)).toBe(true);
    expect(ownerLives(inside, me, 1000, 1000 + SILENCE_MS)).toBe(false);
  });
});
