import { staleSentence } from '../events/stale-sentence.ts';
import { EXIT } from '../model/failure.ts';
import type { Plan, PlannedTask } from '../pipeline/plan.ts';
import type { Io } from './io.ts';
import { early, withLaidOut } from './laid-out.ts';
import type { RunRequest } from './run-request.ts';

/** `plan <id>`, `run --dry-run`: what would run and why; nothing is started and nothing is written. */
export function planCommand(id: string, request: RunRequest, io: Io): Promise<number> {
  return withLaidOut(id, request, io, ({ migration, variant }, laid) => {
    const plan = laid.executor.plan();
    if (!plan.ok) return early(plan.failure, request, io);
    if (request.json) {
      const document = { schema: 1, id: migration.id, variant, runtime: laid.kind, ...planJson(plan.value) };
      io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    } else {
      io.stdout.write(`${migration.id}  ${variant}  (${laid.kind})\n`);
      for (const task of plan.value.tasks) io.stdout.write(`  ${task.id.padEnd(14)}  ${sentence(task)}\n`);
    }
    return request.exitCode && plan.value.hasWork ? EXIT.workToDo : EXIT.done;
  });
}

function planJson(plan: Plan): object {
  return {
    hasWork: plan.hasWork,
    tasks: plan.tasks.map(({ id, level, decision, reason, changes, on, outcome }) => ({
      id,
      level,
      decision,
      reason,
      changes,
      on,
      outcome,
    })),
  };
}

function sentence(task: PlannedTask): string {
  switch (task.decision) {
    case 'fresh':
      return `fresh${task.outcome === null ? '' : ` (${task.outcome})`}`;
    case 'stale':
      return `stale: ${task.reason === null ? '' : staleSentence(task.reason, task.changes)}`;
    case 'depends':
      return `depends on what ${task.on.join(', ')} makes`;
    case 'pending':
      return 'left out by --until';
  }
}
