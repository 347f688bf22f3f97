import { EXIT } from '../model/failure.ts';
import type { PlannedTask } from '../pipeline/plan.ts';
import { parseTaskIds } from '../pipeline/selection.ts';
import type { Io } from './io.ts';
import { early, withLaidOut } from './laid-out.ts';
import type { RunRequest } from './run-request.ts';

/** `why <id> [task]`: each task's stamp against now, field by field. */
export function whyCommand(
  id: string,
  taskName: string | undefined,
  request: RunRequest,
  io: Io,
): Promise<number> {
  const wanted = parseTaskIds(taskName === undefined ? [] : [taskName]);
  if (!wanted.ok) return Promise.resolve(early(wanted.failure, request, io));
  return withLaidOut(id, request, io, ({ migration, variant }, laid) => {
    const plan = laid.executor.plan();
    if (!plan.ok) return early(plan.failure, request, io);
    const tasks = plan.value.tasks.filter(
      (task) => wanted.value.length === 0 || wanted.value.includes(task.id),
    );
    if (request.json) {
      io.stdout.write(`${JSON.stringify({ schema: 1, id: migration.id, variant, tasks }, null, 2)}\n`);
    } else {
      for (const task of tasks) io.stdout.write(`${whyLines(task).join('\n')}\n`);
    }
    return EXIT.done;
  });
}

function whyLines(task: PlannedTask): string[] {
  const { stamp } = task;
  const head = `${task.id}: ${task.decision}${task.reason === null ? '' : ` (${task.reason})`}`;
  const made =
    stamp === null
      ? '  no stamp that can be read'
      : `  made by run ${stamp.run.id}, outcome ${stamp.outcome}${stamp.note === null ? '' : ` (${stamp.note})`}`;
  const changes = task.changes.map((change) => {
    const name = change.name === undefined ? '' : ` ${change.name}`;
    const values =
      change.old === undefined && change.new === undefined
        ? ''
        : `: ${change.old ?? 'absent'} -> ${change.new ?? 'absent'}`;
    return `  ${change.reason}${name}${values}`;
  });
  const on = task.on.length === 0 ? [] : [`  waits for the output of ${task.on.join(', ')}`];
  const inputs =
    stamp === null
      ? []
      : [
          `  code ${stamp.inputs.code}`,
          ...Object.entries(stamp.inputs.params).map(
            ([name, value]) => `  param ${name} = ${JSON.stringify(value)}`,
          ),
          ...Object.entries(stamp.inputs.ports).map(
            ([name, digest]) => `  port ${name} = ${digest.slice(0, 12)}`,
          ),
          ...Object.entries(stamp.inputs.files).map(
            ([name, digest]) => `  file ${name} = ${digest.slice(0, 12)}`,
          ),
        ];
  return [head, made, ...changes, ...on, ...inputs];
}
