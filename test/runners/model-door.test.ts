import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { LedgerSummary } from '../../src/model/model-calls.ts';
import { fail, ok } from '../../src/model/result.ts';
import { type DoorRequest, withModelDoor } from '../../src/runners/model-door.ts';
import { localRuntimes } from '../rigs/agent-rig.ts';
import { scratchFolder } from '../rigs/scratch.ts';

/** A start whose gateway writes one exchange, and could not write more where there is a problem. */
function request(problem: string | null): DoorRequest & { closed(): number } {
  const top = scratchFolder();
  const [dir, scratchDir, logDir] = ['dir', 'scratch', 'logs'].map((name) => path.join(top, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [dir, logDir]) mkdirSync(folder);
  let closed = 0;
  return {
    access: {
      gateway: {
        open: ({ exchangesDir }) => {
          mkdirSync(exchangesDir);
          writeFileSync(path.join(exchangesDir, 'exchanges.jsonl'), '{}\n');
          return Promise.resolve(
            ok({
              token: 'sk-mig-x',
              port: null,
              connections: () => 0,
              summary: () => ({}) as LedgerSummary,
              inFlight: () => 0,
              close: () => {
                closed++;
                return Promise.resolve({} as LedgerSummary);
              },
              problem: () => problem,
            }),
          );
        },
        close: () => Promise.resolve(),
      },
      ...{ model: 'm', shown: 'p/m', form: 'openai', door: 'auto', meters: [] },
    },
    agent: { name: 'a' },
    runtime: localRuntimes()[0]![1],
    labels: {},
    ...{ name: 'u~a', scratchDir, dir, logDir },
    closed: () => closed,
  };
}
const keptIn = ({ logDir }: DoorRequest): boolean =>
  existsSync(path.join(logDir, 'exchanges', 'exchanges.jsonl'));

test('what could not be written of the exchanges is a failure of the world, and what there is stays with the logs', async () => {
  const full = request('no space left on device');
  expect(await withModelDoor(full, () => Promise.resolve(ok('done')))).toMatchObject({
    ok: false,
    failure: { class: 'infra', reason: 'gateway-folder-unusable', detail: 'no space left on device' },
  });
  expect(keptIn(full)).toBe(true);
});

test('exchanges of a start that failed stay with the logs; those of one that did not stay where they are', async () => {
  const failed = request(null);
  const failure = fail({ class: 'cancelled', reason: 'run-cancelled' } as const);
  expect(await withModelDoor(failed, () => Promise.resolve(failure))).toEqual(failure);
  expect(keptIn(failed)).toBe(true);
  const well = request(null);
  expect(await withModelDoor(well, () => Promise.resolve(ok('done')))).toEqual(ok('done'));
  expect(keptIn(well)).toBe(false);
});

test('the door is shut whatever happens, and an agent without a model has none', async () => {
  const broken = request(null);
  await expect(withModelDoor(broken, () => Promise.reject(new Error('ours')))).rejects.toThrow('ours');
  expect(broken.closed()).toBeGreaterThan(0);
  const none = { ...request(null), access: null };
  expect(await withModelDoor(none, (door) => Promise.resolve(ok(door.folder)))).toEqual(ok(null));
});
