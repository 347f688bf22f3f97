import type { ModelUse, PipelineEvent, Score, SweepUse, TaskSummary } from '../model/events.ts';

export type RunSummary = Extract<PipelineEvent, { event: 'summary' }>;

/** The closing lines of a run for people: what happened to the tasks, the two scores, where the evidence lies. */
export function summaryLines(summary: RunSummary): string[] {
  const lines: string[] = [];
  const count = (state: TaskSummary['state']): number =>
    summary.tasks.filter((task) => task.state === state).length;
  const parts = (['completed', 'cached', 'failed', 'skipped', 'cancelled', 'pending'] as const)
    .map((state) => [state, count(state)] as const)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${state}`);
  lines.push(
    count('cached') === summary.tasks.length
      ? `${summary.id} with ${summary.agent}: nothing to do, all ${summary.tasks.length} tasks are cached`
      : `${summary.id} with ${summary.agent}: ${parts.join(', ')} in ${summary.seconds.toFixed(1)} s`,
  );
  lines.push(`  patch_eval      ${scoreText(summary.scores.patch_eval, 'editF1')}`);
  lines.push(`  unit_test_eval  ${scoreText(summary.scores.unit_test_eval, 'passRate')}`);
  if (summary.model !== undefined) lines.push(`  model           ${modelText(summary.model)}`);
  if (summary.sweep !== undefined) lines.push(`  sweep           ${sweepText(summary.sweep)}`);
  for (const [name, place] of Object.entries(summary.evidence)) lines.push(`  ${name.padEnd(14)}  ${place}`);
  return lines;
}

/** `openai/gpt-5, 12 calls, 34120 tokens in (8000 cached), 900 out, $0.0412`. */
export function modelText({ name, calls, tokens, usd }: ModelUse): string {
  const cached = tokens.cachedTokens === 0 ? '' : ` (${tokens.cachedTokens} cached)`;
  const money = usd === null ? 'no price' : `$${usd.toFixed(4)}`;
  return `${name}, ${calls} ${calls === 1 ? 'call' : 'calls'}, ${tokens.inputTokens} tokens in${cached}, ${tokens.outputTokens} out, ${money}`;
}

/** `night: $1.2041 of $50, 312 calls, 1204310 tokens so far`. */
function sweepText({ name, usd, calls, tokens, limits }: SweepUse): string {
  const of = (limit: number | null, sign = ''): string => (limit === null ? '' : ` of ${sign}${limit}`);
  const parts = [
    `$${usd.toFixed(4)}${of(limits.usd, '$')}`,
    `${calls}${of(limits.calls)} calls`,
    `${tokens}${of(limits.tokens)} tokens`,
  ];
  return `${name}: ${parts.join(', ')} so far`;
}

/** `editF1 0.875`, `passRate 1, 38 of 38 preserved tests pass, resolved`, `unscored: why`. */
export function scoreText(score: Score, name: string): string {
  if (score.status !== 'scored') return `${score.status.replace('_', ' ')}: ${score.why}`;
  const words = [`${name} ${decimals(score.value)}`];
  const passed = score.counts?.['passed'];
  const preserved = score.counts?.['preserved'];
  if (passed !== undefined && preserved !== undefined)
    words.push(`${passed} of ${preserved} preserved tests pass`);
  if (score.resolved !== undefined) words.push(score.resolved ? 'resolved' : 'not resolved');
  for (const mark of score.marks ?? []) words.push(mark);
  return words.join(', ');
}

/** Three decimals, but never a rounded 1 or 0 for what is not quite that. */
function decimals(value: number): string {
  const text = value.toFixed(3);
  if (text === '1.000' && value < 1) return '0.999+';
  if (text === '0.000' && value > 0) return '0.001-';
  return text;
}

/** `--fail-under [patch_eval=|unit_test_eval=]X`: which score, and the bound. */
export interface FailUnder {
  readonly score: 'patch_eval' | 'unit_test_eval';
  readonly bound: number;
}

/** Parses the flag's text; undefined where it is not of that form or the bound is not within 0 and 1. */
export function parseFailUnder(text: string): FailUnder | undefined {
  const match = /^(?:(patch_eval|unit_test_eval)=)?([0-9]*\.?[0-9]+)$/.exec(text);
  const bound = Number(match?.[2]);
  if (match === null || !(bound >= 0 && bound <= 1)) return undefined;
  return { score: match[1] === 'patch_eval' ? 'patch_eval' : 'unit_test_eval', bound };
}

/** Whether a score is under the bound: what has no score counts as under. */
export function isUnder(summary: RunSummary, limit: FailUnder): boolean {
  const score = summary.scores[limit.score];
  return score.status !== 'scored' || score.value < limit.bound;
}
