// One process of a sweep: makes calls until the ceiling is reached, three at a time, and says how many. `dies`: ends in the middle of its first.
import { setTimeout as delay } from 'node:timers/promises';
import { admit, ticketFor } from '../../src/gateway/meter.ts';
import { openSweep } from '../../src/gateway/sweep-meter.ts';

const [file = '', limits = '{}', upper = '0', cost = '0', how = ''] = process.argv.slice(2);
const sweep = openSweep('night', JSON.parse(limits) as never, file);
if (!sweep.ok) throw new Error(JSON.stringify(sweep.failure));
let made = 0;

async function calls(): Promise<void> {
  for (;;) {
    const ticket = ticketFor({ tokens: Number(upper), usd: 0 });
    if (!sweep.ok || (await admit([sweep.value], ticket, new AbortController().signal)) !== 'started') return;
    if (how === 'dies') process.kill(process.pid, 'SIGKILL');
    await delay(Math.random() * 20);
    made++;
    sweep.value.settle(ticket, { tokens: Number(cost), usd: 0 });
  }
}

await Promise.all([calls(), calls(), calls()]);
process.stdout.write(`${JSON.stringify({ made })}\n`);
