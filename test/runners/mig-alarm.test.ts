import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { writeFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { interpretersWith } from '../rigs/sealed-suite.ts';

const plugin = path.join(packageRoot(), 'src', 'runners', 'python');

describe.each(interpretersWith(['2.7', '3.6']))('what one test may take, Python %s', (_, interpreter) => {
  function python(body: string): unknown {
    const dir = scratchFolder();
    writeFiles(dir, { 'driver.py': body });
    const out = execFileSync(interpreter, ['-B', 'driver.py'], {
      cwd: dir,
      encoding: 'utf8',
    });
    return JSON.parse(out) as unknown;
  }

  /** A test of 0.2 s that goes on until it was told `looks` times that it is waited for, or is ended. */
  const bounded = (told: {
    looks: number;
    clock: readonly number[];
    waited: readonly number[];
    used?: number;
  }): unknown =>
    python(`
import json, sys, time
sys.path.insert(0, ${JSON.stringify(plugin)})
import mig_alarm
seen = dict(alive=0, clock=0, waited=0)
def from_list(name, values):
    def tell():
        at = seen[name]
        seen[name] += 1
        return values[min(at, len(values) - 1)]
    return tell
def alive():
    seen['alive'] += 1
used = [0.0, ${told.used ?? 0}]
start, stop, rang = mig_alarm.alarm(
    lambda: False, alive, from_list('waited', ${JSON.stringify(told.waited)}), from_list('clock', ${JSON.stringify(told.clock)}),
    lambda: used.pop(0) if len(used) > 1 else used[0])
ended = 'by itself'
try:
    start(0.2)
    until = time.time() + 60
    while seen['alive'] < ${told.looks} and time.time() < until:
        time.sleep(0.01)
    stop()
except mig_alarm.TooLong:
    stop()
    ended = 'too long'
print(json.dumps(dict(ended=ended, rang=rang(), alive=seen['alive'])))
`);

  test('is the time on the clock where no one waits for a processor', () => {
    const done = bounded({ looks: 1, clock: [10, 10.21], waited: [5, 5] });
    expect(done).toEqual({ ended: 'too long', rang: true, alive: 0 });
  });

  test('is given back what others took, and the stream shows life meanwhile', () => {
    const done = bounded({ looks: 2, clock: [10, 10.2, 10.3], waited: [5, 5.1, 5.2] });
    expect(done).toEqual({ ended: 'by itself', rang: false, alive: 2 });
  });

  test('ends at three times as much, however busy the machine is', () => {
    const done = bounded({ looks: 3, clock: [10, 10.2, 10.4, 10.6], waited: [5, 5.2, 5.4, 99] });
    expect(done).toEqual({ ended: 'too long', rang: true, alive: 2 });
  });

  test('ends with the processor time, whoever waits', () => {
    const done = bounded({ looks: 1, clock: [10, 10.2], waited: [5, 99], used: 0.2 });
    expect(done).toEqual({ ended: 'too long', rang: true, alive: 0 });
  });

  test('reads how long tasks waited anew each time, and nothing where that is not told', () => {
    const told = python(`
import json, sys
sys.path.insert(0, ${JSON.stringify(plugin)})
import mig_alarm
def write(text):
    with open('cpu', 'w') as file:
        file.write(text)
write('some avg10=14.06 avg60=12.30 avg300=5.01 total=19406506\\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\\n')
waited = mig_alarm.pressure('cpu')
answers = [waited()]
write('some avg10=14.06 avg60=12.30 avg300=5.01 total=20500000\\n')
answers.append(waited())
write('none of this')
answers.append(waited())
answers.append(mig_alarm.pressure('not there')())
print(json.dumps(answers))
`);
    expect(told).toEqual([19.406506, 20.5, 0, 0]);
  });
});
