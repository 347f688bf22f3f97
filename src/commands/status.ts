import { TASK_IDS } from '../model/ids.ts';
import { secondsText } from '../events/task-words.ts';
import type { FoundVerdict } from '../model/validation.ts';
import { scanOutputs, type FoundOutput } from '../pipeline/scan.ts';
import { scanVerdicts } from '../pipeline/verdicts.ts';
import { stalenessMessage } from '../report/messages/validation.ts';
import type { Io } from './io.ts';

export interface StatusOptions {
  readonly dataDir: string;
  /** Only units that hold this text. */
  readonly id: string | null;
  readonly json: boolean;
}

/** One line of `status --json`. */
export interface StatusTask {
  readonly unit: string;
  readonly task: string;
  readonly variant: string | null;
  readonly state: FoundOutput['state'];
  readonly outcome: string | null;
  readonly seconds: number | null;
  readonly endedAt: string | null;
  readonly pid: number | null;
  readonly since: string | null;
  readonly why: string;
  /** Relative to the data folder. */
  readonly folder: string;
}

/** What is there, from files alone, without a lock: every task of every unit and variant that was ever begun. */
export function statusCommand(options: StatusOptions, io: Io): Promise<number> {
  const found = scanOutputs(options.dataDir);
  const units = [...new Set(found.map(({ unit }) => unit))].filter((unit) => unit !== '');
  const wanted = options.id;
  const tasks = found
    .flatMap((output) => unitsOf(output, units).map((unit) => statusOf(output, unit)))
    .filter(({ unit }) => wanted === null || unit.includes(wanted))
    .sort(byUnitAndTask);
  const verdicts = scanVerdicts(options.dataDir).filter(
    ({ record }) => wanted === null || record.id.includes(wanted),
  );
  if (options.json) {
    const document = { schema: 1, tasks, verdicts: verdicts.map(verdictJson) };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return Promise.resolve(0);
  }
  if (tasks.length === 0) {
    io.stderr.write(wanted === null ? 'nothing was run yet\n' : `nothing was run yet for ${wanted}\n`);
  }
  let unit: string | undefined;
  for (const task of tasks) {
    if (task.unit !== unit) io.stdout.write(`${task.unit === '' ? '(unknown)' : task.unit}\n`);
    if (task.unit !== unit) {
      const own = verdicts.filter(({ record }) => record.id === task.unit);
      for (const verdict of own) io.stdout.write(`  ${verdictLine(verdict)}\n`);
    }
    unit = task.unit;
    io.stdout.write(`  ${lineOf(task)}\n`);
  }
  return Promise.resolve(0);
}

function verdictJson({ record, stale }: FoundVerdict): object {
  const { id, testing, verdict, decidedAt } = record;
  return { unit: id, testing, verdict, validatedAt: decidedAt, stale: stale && stalenessMessage(stale) };
}

function verdictLine({ record, stale }: FoundVerdict): string {
  const outdated = stale === null ? '' : `, stale: ${stalenessMessage(stale)}`;
  return `verdict [${record.testing}]  ${record.verdict}  ${record.decidedAt}${outdated}`;
}

/** A download is shared by every unit of the same commit: it is shown with each. */
function unitsOf(output: FoundOutput, units: readonly string[]): string[] {
  if (!output.folder.startsWith('repos/')) return [output.unit];
  const suffix = `__${output.folder.slice('repos/'.length)}`;
  const sharing = units.filter((unit) => unit.endsWith(suffix));
  return sharing.length === 0 ? [output.unit] : sharing;
}

function statusOf(output: FoundOutput, unit: string): StatusTask {
  const { task, variant, state, stamp, pid, since, why, folder } = output;
  const seconds =
    stamp === null ? null : (Date.parse(stamp.run.endedAt) - Date.parse(stamp.run.startedAt)) / 1000;
  const done = stamp !== null && state !== 'interrupted';
  return {
    unit,
    task,
    variant,
    state,
    outcome: stamp !== null && stamp.error === null ? stamp.outcome : null,
    seconds: done ? seconds : null,
    endedAt: done ? stamp.run.endedAt : null,
    ...{ pid, since, why, folder },
  };
}

function byUnitAndTask(a: StatusTask, b: StatusTask): number {
  const order = (task: string) => TASK_IDS.findIndex((id) => id === task);
  return (
    compare(a.unit, b.unit) || order(a.task) - order(b.task) || compare(a.variant ?? '', b.variant ?? '')
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lineOf(task: StatusTask): string {
  const outcome = task.outcome === null ? '' : ` ${task.outcome}`;
  const by = task.pid === null ? '' : ` by process ${task.pid} since ${task.since ?? ''}`;
  const when =
    task.endedAt === null || by !== '' ? '' : `  ${task.endedAt}  ${secondsText(task.seconds ?? 0)}`;
  const why = task.why === '' ? '' : `: ${task.why}`;
  const name = task.variant === null ? task.task : `${task.task} [${task.variant}]`;
  return `${name}  ${task.state}${outcome}${by}${when}${why}`;
}
