import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { admit, ticketFor } from '../../src/gateway/meter.ts';
import { openSweep, type SweepMeter } from '../../src/gateway/sweep-meter.ts';
import type { BudgetLimits } from '../../src/model/model-calls.ts';
import { bundleRig } from '../rigs/child-process.ts';
import { meter } from '../rigs/model-door.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const NONE = { usd: null, tokens: null, calls: null };
let bundle: string;
beforeAll(async () => {
  bundle = await bundleRig('sweep-child');
}, 60_000);

/** As one more process would open it. */
function opened(file: string, limits: Partial<BudgetLimits>): SweepMeter {
  const sweep = openSweep('night', { ...NONE, ...limits }, file);
  if (!sweep.ok) throw new Error(JSON.stringify(sweep.failure));
  return sweep.value;
}

function child(
  file: string,
  limits: Partial<BudgetLimits>,
  upper: number,
  cost: number,
  how = '',
): Promise<number> {
  const argv = [bundle, file, JSON.stringify({ ...NONE, ...limits }), String(upper), String(cost), how];
  const started = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  started.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  return new Promise((resolve) =>
    started.once('close', () => resolve(said === '' ? -1 : (JSON.parse(said) as { made: number }).made)),
  );
}

const newFile = (): string => path.join(scratchFolder(), 'sweeps', 'night.jsonl');
const never = new AbortController().signal;

test('processes that call at once pass a ceiling of tokens by one call at most', async () => {
  const file = newFile();
  const made = await Promise.all([1, 2, 3].map(() => child(file, { tokens: 2500 }, 1000, 100)));
  const { spent } = opened(file, { tokens: 2500 });
  expect(spent).toEqual({ usd: 0, tokens: 2500, calls: 25 });
  expect(made.reduce((sum, one) => sum + one, 0)).toBe(25);
}, 60_000);

test('and one of calls by none', async () => {
  const file = newFile();
  const made = await Promise.all([1, 2, 3].map(() => child(file, { calls: 40 }, 1000, 100)));
  expect(made.reduce((sum, one) => sum + one, 0)).toBe(40);
  expect(opened(file, { calls: 40 }).spent.calls).toBe(40);
}, 60_000);

test('what a dead process may have spent is spent, and its turn goes on', async () => {
  const file = newFile();
  expect(await child(file, { tokens: 1500 }, 1000, 100, 'dies')).toBe(-1);
  const sweep = opened(file, { tokens: 1500 });
  expect(sweep.spent).toMatchObject({ tokens: 0, calls: 1 });
  expect(await admit([sweep], ticketFor({ tokens: 500, usd: 0 }), never)).toBe('started');
  expect(sweep.spent).toEqual({ usd: 0, tokens: 1000, calls: 2 });
}, 60_000);

test('a call waits for one of another process where both might not fit, and goes when that is over', async () => {
  const file = newFile();
  const [here, there] = [opened(file, { usd: 1 }), opened(file, { usd: 1 })];
  const [first, second] = [ticketFor({ tokens: 0, usd: 0.7 }), ticketFor({ tokens: 0, usd: 0.7 })];
  expect(await admit([here], first, never)).toBe('started');
  let went = false;
  const waiting = admit([there], second, never).then((how) => ((went = true), how));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(went).toBe(false);
  here.settle(first, { tokens: 0, usd: 0.1 });
  expect(await waiting).toBe('started');
});

test('a call that waits is told when another process spends the rest', async () => {
  const file = newFile();
  const [here, there] = [opened(file, { usd: 1 }), opened(file, { usd: 1 })];
  const first = ticketFor({ tokens: 0, usd: 0.7 });
  await admit([here], first, never);
  const waiting = admit([there], ticketFor({ tokens: 0, usd: 0.7 }), never);
  here.settle(first, { tokens: 0, usd: 1 });
  expect(await waiting).toEqual({ scope: 'sweep', kind: 'usd', limit: 1, sweep: 'night' });
  expect(there.spent.calls).toBe(1);
});

test('a call that waits for its own attempt holds up no other process', async () => {
  const file = newFile();
  const own = meter({ tokens: 10 });
  const [here, there] = [opened(file, { tokens: 100 }), opened(file, { tokens: 100 })];
  const upper = { tokens: 60, usd: 0 };
  const first = ticketFor(upper);
  expect(await admit([own], first, never)).toBe('started');
  const gone = new AbortController();
  const held = admit([own, here], ticketFor(upper), gone.signal);
  expect(await admit([there], ticketFor(upper), never)).toBe('started');
  gone.abort();
  expect(await held).toBe('gone');
});

test('what a writer left torn is passed over, and lines behind it hold', async () => {
  const file = newFile();
  const before = opened(file, { calls: 9 });
  const ticket = ticketFor({ tokens: 5, usd: 0 });
  await admit([before], ticket, never);
  appendFileSync(file, '{"event":"ends","call":"');
  before.settle(ticket, { tokens: 5, usd: 0 });
  expect(opened(file, { calls: 9 }).spent).toEqual({ usd: 0, tokens: 5, calls: 1 });
});

test('a file of something else, or none that can be written, is a failure that names it', () => {
  const file = newFile();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '{"name":"other"}\n');
  expect(openSweep('night', NONE, file)).toMatchObject({
    ok: false,
    failure: { reason: 'gateway-folder-unusable', folder: file },
  });
  expect(readFileSync(file, 'utf8')).toBe('{"name":"other"}\n');
  expect(openSweep('night', NONE, path.join(file, 'below'))).toMatchObject({
    ok: false,
    failure: { class: 'infra', reason: 'gateway-folder-unusable' },
  });
});
