import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { engineSocket } from '../rigs/engine.ts';
import { hasPython } from '../rigs/pytest-suite.ts';
import { TRACE } from './families/the-host.ts';
import { CheatRig } from './grade.ts';
import type { Of } from './migrations.ts';
import { chosenCheats, chosenHonest, cheatHolds, graded, honestHolds, tableOf } from './suite.ts';

const MINUTES = 60_000;
const kinds = [['local'], ...(engineSocket === null ? [] : [['docker']])] as ['local' | 'docker'][];

describe.skipIf(!hasPython).each(kinds)('cheats, %s', (kind) => {
  const isOn = ({ docker }: { readonly docker?: boolean }): boolean => kind === 'local' || docker === true;
  const cheats = chosenCheats.filter(isOn);
  const honest = chosenHonest.filter(isOn);
  let rig: CheatRig;
  let noop: Readonly<Record<Of, number>>;

  beforeAll(async () => {
    rmSync(TRACE, { force: true });
    // a folder that is kept has its environments already
    const dir = process.env['MIG_CHEATS_DIR'] ?? inject('sharedFolder');
    rig = new CheatRig(path.join(dir, `cheats-${kind}`), kind, [...cheats, ...honest]);
    noop = await rig.prepare();
  }, 10 * MINUTES);

  test('the no-op is far from resolved in both migrations', () => {
    expect(noop.blocked).toBeLessThan(0.3);
    expect(noop.gone).toBe(0);
  });

  test(
    'every cheat is caught, or earns nothing, and nothing of it runs on the host',
    async () => {
      const rows = await graded(rig, cheats, cheatHolds(noop));
      console.log(`${kind}\n${tableOf(rows)}`);
      expect(rows.filter(({ holds }) => !holds)).toEqual([]);
      expect(existsSync(TRACE)).toBe(false);
    },
    60 * MINUTES,
  );

  test(
    'odd but honest patches get what their tests earn',
    async () => {
      const rows = await graded(rig, honest, honestHolds(noop));
      console.log(`${kind}\n${tableOf(rows)}`);
      expect(rows.filter(({ holds }) => !holds)).toEqual([]);
    },
    30 * MINUTES,
  );
});
