import type { PipelineEvent, Score } from '../model/events.ts';
import { secondsText, TASK_WIDTH } from './task-words.ts';

/** The result of one run for people: two scores and where their evidence lies. Ends in a newline. */
export function summaryText(event: Extract<PipelineEvent, { event: 'summary' }>): string {
  const lines = Object.entries(event.scores).map(
    ([task, score]) => `${task.padEnd(TASK_WIDTH)}  ${scoreText(score)}`,
  );
  for (const [name, place] of Object.entries(event.evidence)) {
    lines.push(`${name.padEnd(TASK_WIDTH)}  ${place}`);
  }
  const ran = event.tasks.filter(({ state }) => state !== 'cached' && state !== 'pending').length;
  const what = ran === 0 ? 'nothing to do' : `${ran} of ${event.tasks.length} tasks ran`;
  lines.push(`${event.id}  ${event.variant}: ${what}, ${secondsText(event.seconds)}`);
  return `${lines.join('\n')}\n`;
}

/** `0.875`, `1 resolved (preserved 38)`, `unscored: why`. */
export function scoreText(score: Score): string {
  if (score.status !== 'scored') return `${score.status.replace('_', ' ')}: ${score.why}`;
  const value = String(Math.round(score.value * 10_000) / 10_000);
  const resolved = score.resolved === undefined ? '' : score.resolved ? ' resolved' : ' not resolved';
  const counts = Object.entries(score.counts ?? {}).map(([name, count]) => `${name} ${count}`);
  const facts = [...counts, ...(score.marks ?? [])];
  return `${value}${resolved}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
