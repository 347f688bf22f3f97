// What the executor adds to work: tasks that really run, and a sweep in which nothing has to.
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { importSources } from './bundle.mjs';
import { measureJobs } from './in-process.mjs';
import { row } from './rows.mjs';
import { breathe, scratchFolder, stoppedBy } from './scratch.mjs';
import { TASKS_OF_A_UNIT, trivialUnits } from './trivial-tasks.mjs';

const sources = () => importSources('pipeline/executor', 'workspace/disk');

const perTask = ({ cpuMs, wallMs }, tasks) => ({ cpuMs: cpuMs / tasks, wallMs: wallMs / tasks });

/** What the disk asks for a result whatever writes it: folder and files, then a stamp that is there or is not. */
function writeBare(dir, number) {
  const out = path.join(dir, String(number));
  mkdirSync(out);
  for (const name of ['result.json', 'record.json']) writeFileSync(path.join(out, name), 'x'.repeat(100));
  const handle = openSync(`${out}.new`, 'w');
  writeFileSync(handle, 'x'.repeat(1500));
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${out}.new`, `${out}.stamp.json`);
  const folder = openSync(dir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

export async function scheduling({ rounds, say }) {
  const dir = scratchFolder();
  const batch = 15;
  const units = trivialUnits(await sources(), path.join(dir, 'data'), batch * (6 * rounds + 1));
  const bare = path.join(dir, 'bare');
  mkdirSync(bare);
  const tasks = batch * TASKS_OF_A_UNIT;
  say(`running ${units.length * TASKS_OF_A_UNIT} trivial tasks`);
  let next = 0;
  let written = 0;
  const best = await measureJobs(
    {
      floor: () => {
        for (const end = written + tasks; written < end; written++) writeBare(bare, written);
      },
      tasks: async () => {
        for (const end = next + batch; next < end && stoppedBy() === null; next++)
          await units[next].run('completed');
      },
    },
    { rounds: 6 * rounds },
  );
  const floor = { is: 'files, stamp, fsync, rename', ...perTask(best.floor, tasks) };
  return { rows: [row('a trivial task that runs, with its stamp', perTask(best.tasks, tasks), floor)] };
}

export async function noOp({ rounds, say }) {
  const dir = scratchFolder();
  const units = trivialUnits(await sources(), path.join(dir, 'data'), 321);
  say(`making ${units.length * TASKS_OF_A_UNIT} stamps`);
  for (const unit of units) {
    await breathe();
    await unit.run('completed');
  }
  say('sweeping');
  const best = await measureJobs(
    {
      floor: () => {
        for (const { outputs, shared } of units) {
          readFileSync(shared);
          for (const output of outputs) {
            readFileSync(output.stamp, 'utf8');
            for (const file of [output.dir, ...output.files]) lstatSync(file);
          }
        }
      },
      sweep: async () => {
        for (const unit of units) await unit.run('cached');
      },
    },
    { rounds: 5 * rounds },
  );
  const what = `no-op: ${units.length} units x ${TASKS_OF_A_UNIT} tasks in one process`;
  return { rows: [row(what, best.sweep, { is: 'reading and stat of the same', ...best.floor })] };
}
