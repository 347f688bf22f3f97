// A process of its own for tests of locks, kills and signals: runs scripted tasks as its argument says.
import { createInterface } from 'node:readline';
import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { installSignals } from '../../src/pipeline/signals.ts';
import { ok } from '../../src/model/result.ts';
import type { TaskId } from '../../src/model/ids.ts';
import { makeRig, UNIT, type Scripts } from './scripted-tasks.ts';

/** What the parent asks for; the child answers with one JSON line an event on stdout. */
export interface ChildOrder {
  dataDir: string;
  variant?: string;
  /** Kills itself (SIGKILL) at this step of this task. */
  killAt?: { task: TaskId; step: string };
  /** Says `{"at":task}` in the middle of this task and goes on at a line `go` on stdin, or when aborted. */
  holdAt?: TaskId;
  /** The held task does not listen to its signal. */
  deaf?: boolean;
  options?: Record<string, unknown>;
  contents?: Partial<Record<TaskId, string>>;
  uid?: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder;
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
if (order.uid !== undefined) process.setuid?.(order.uid);
const rig = makeRig(order.dataDir);
const scripts: Scripts = {};
for (const [task, content] of Object.entries(order.contents ?? {})) scripts[task as TaskId] = { content };
const input = createInterface({ input: process.stdin });
if (order.holdAt !== undefined) {
  scripts[order.holdAt] = {
    ...scripts[order.holdAt],
    act: async (work) => {
      say({ at: order.holdAt });
      await new Promise<void>((resolve) => {
        input.on('line', (line) => {
          if (line === 'go') resolve();
        });
        if (order.deaf !== true) work.signal.addEventListener('abort', () => resolve());
        else work.signal.addEventListener('abort', () => say({ heard: 'abort' }));
      });
      return ok({});
    },
  };
}
const controller = new AbortController();
const dispose = installSignals((signal) => controller.abort(signal));
const executor = new DAGExecutor({
  tasks: rig.tasks(scripts, order.variant ?? 'v'),
  about: { id: UNIT, agent: 'scripted', variant: order.variant ?? 'v', runtime: null },
  runsDir: rig.runsDir,
  locksDir: rig.locksDir,
  options: order.options ?? {},
  signal: controller.signal,
  sinks: [{ emit: (event) => say({ event }), close: () => undefined }],
  onStep: (task) => (step) => {
    if (order.killAt?.task === task && order.killAt.step === step) process.kill(process.pid, 'SIGKILL');
  },
});
const outcome = await executor.run();
await executor.close();
dispose();
input.close();
say({ outcome, ran: rig.ran });
process.exitCode = outcome.exitCode;
