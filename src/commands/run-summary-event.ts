import path from 'node:path';
import type { ModelUse, Score, SweepUse } from '../model/events.ts';
import type { RunOutcome } from '../pipeline/outcome.ts';
import type { RunSummary } from '../report/run-summary.ts';
import { patchEvalScore } from '../tasks/patch-eval.ts';
import { scoreTold } from '../tasks/score-told.ts';
import { unitTestEvalScore } from '../tasks/unit-test-eval.ts';
import type { Laid, Prepared } from './prepare.ts';

/** The last event of a run: every task, both scores, and where the evidence lies (relative to the data folder's parent). */
export function summaryOf(
  prepared: Prepared,
  laid: Laid,
  outcome: RunOutcome,
  sweep: SweepUse | null,
): RunSummary {
  const { context } = laid.executor;
  const shown = (folder: string): string => {
    const relative = path.relative(process.cwd(), folder);
    return relative.startsWith('..') ? folder : relative;
  };
  const { paths } = laid;
  const reached = (id: string): boolean =>
    outcome.tasks.some((task) => task.id === id && (task.state === 'completed' || task.state === 'cached'));
  const told = (id: 'patch_eval' | 'unit_test_eval'): Score | undefined =>
    reached(id) ? scoreTold(outcome.tasks.find((task) => task.id === id)?.stamp?.usage) : undefined;
  // Stamps of earlier programs do not tell the score: then the output itself is read.
  const patchEval = (): Score => {
    const score = context.getArtifact<Parameters<typeof patchEvalScore>[0]>('patch_eval');
    return score === undefined ? missing(outcome, 'patch_eval') : patchEvalScore(score);
  };
  const unitTestEval = (): Score => {
    const score = context.getArtifact<Parameters<typeof unitTestEvalScore>[0]>('unit_test_eval');
    return score === undefined ? missing(outcome, 'unit_test_eval') : unitTestEvalScore(score);
  };
  return {
    event: 'summary',
    at: Date.now(),
    schema: 1,
    runId: outcome.runId,
    id: prepared.migration.id,
    agent: prepared.agent.name,
    variant: prepared.variant,
    runtime: laid.kind,
    tasks: outcome.tasks.map(({ id, state, outcome: word, reason, seconds }) => ({
      id,
      state,
      outcome: word,
      reason,
      seconds,
    })),
    scores: {
      patch_eval: told('patch_eval') ?? patchEval(),
      unit_test_eval: told('unit_test_eval') ?? unitTestEval(),
    },
    evidence: {
      ...(reached('coding_agent') ? { patch: shown(path.join(paths.trajectory, 'migration.patch')) } : {}),
      ...(reached('patch_eval') || reached('unit_test_eval')
        ? { scores: shown(path.dirname(paths.patchEval)) }
        : {}),
      ...(outcome.runId === null ? {} : { log: shown(path.join(prepared.mig.runsDir, outcome.runId)) }),
    },
    ...modelUse(prepared, outcome),
    ...(sweep === null ? {} : { sweep }),
    seconds: outcome.seconds,
  };
}

/** As the stamp has it: written by us, and checked when it was read. */
function modelUse({ model }: Prepared, outcome: RunOutcome): { readonly model?: ModelUse } {
  const usage = outcome.tasks.find(({ id }) => id === 'coding_agent')?.stamp?.usage;
  const { calls, tokens, usd } = (usage ?? {}) as Partial<ModelUse>;
  if (model === null || calls === undefined || tokens === undefined) return {};
  return { model: { name: model.shown, calls, tokens, usd: usd ?? null } };
}

function missing(outcome: RunOutcome, id: string): Score {
  const task = outcome.tasks.find((one) => one.id === id);
  return {
    status: 'unscored',
    why: `the task is ${task?.state ?? 'absent'}${task?.reason ? `: ${task.reason}` : ''}`,
  };
}
