import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';
import { hasPython, pytestEnvironment, runFiles } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';

/** Each test harms its run in one way; the last of them is there to be reached. */
const HARM = `
import os, subprocess, sys, threading, time
def test_first(): pass
def test_fills_disk():
    for number in range(10**6):
        with open('full%d' % number, 'wb') as file: file.write(b'x' * 2**22)
def test_fills_one_file():
    with open('big', 'wb') as file:
        while True: file.write(b'x' * 2**22)
def test_fills_temporary():
    with open('/tmp/full', 'wb') as file:
        while True: file.write(b'x' * 2**20)
def test_eats_memory():
    kept = []
    while True: kept.append(bytearray(2**24))
def test_floods():
    for fd in range(100, 120):
        try: os.fstat(fd)
        except OSError: continue
        while True: os.write(fd, b'line\\n' * 10000)
def test_closes(): os.closerange(0, 1024)
def test_leaves_child():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(1000)
        os._exit(0)
    os.wait()
def test_starts_many():
    with open('/proc/sys/kernel/pid_max'): pass
    for number in range(10000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
def test_digs():
    for number in range(30):
        os.mkdir('d' * 100); os.chdir('d' * 100)
def test_last(): pass
`;

describe.skipIf(!hasPython)('whatever code under test does to its run, the run has a result', () => {
  test.each([
    { requested: 'local' as const, isThere: true },
    { requested: 'docker' as const, isThere: engineSocket !== null },
  ])('$requested', { timeout: 180_000 }, async ({ requested, isThere }) => {
    if (!isThere) return;
    const chosen = await chooseRuntime({ requested, unsafeLocal: true, baseImage: BASE_IMAGE });
    if (!chosen.ok) throw new Error(JSON.stringify(chosen.failure));
    const runtime = chosen.value;
    const dir = scratchFolder();
    const done = await runFiles(
      dir,
      { 'test_a.py': HARM },
      {
        runtime,
        environment: pytestEnvironment(runtime),
        limits: {
          memoryBytes: 2 ** 29,
          cpus: 1,
          pids: 64,
          wallMs: 90_000,
          idleMs: 30_000,
          outputBytes: 2 ** 23,
        },
        diskBytes: 2 ** 26,
      },
    );
    if (!done.ok) throw new Error(JSON.stringify(done.failure));
    const short = Object.fromEntries(
      Object.entries(done.value.tests).map(([id, outcome]) => [id.replace('test_a.py::test_', ''), outcome]),
    );
    // no file may be larger than all of it, and whoever looks at all of it may come first
    expect(['failed', 'crash']).toContain(short['fills_one_file']);
    expect({ ...short, fills_one_file: '' }).toEqual({
      first: 'passed',
      fills_disk: 'crash',
      fills_one_file: '',
      fills_temporary: 'failed',
      eats_memory: runtime.isolation === 'process' ? 'failed' : 'crash',
      floods: 'crash',
      closes: 'crash',
      leaves_child: 'passed',
      starts_many: 'failed',
      digs: 'passed',
      last: 'passed',
    });
    expect(done.value.messages).toMatchObject({
      'test_a.py::test_fills_disk': 'disk',
      'test_a.py::test_floods': 'output',
    });
    expect(done.value.disagreements.map(({ reason }) => reason)).toEqual(['channel']);
    expect(readdirSync(path.join(dir, 'scratch'))).toEqual([]);
  });
});
