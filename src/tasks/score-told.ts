import type { Score } from '../model/events.ts';
import type { Json } from '../model/json.ts';

/** The usage that a scoring task's stamp carries: its score as summaries show it, so that they need not read it back. */
export function tellScore(score: Score): Json {
  return { score: { ...score } as Json };
}

/** The score in a stamp's usage; undefined where there is none of that form. */
export function scoreTold(usage: Json | undefined): Score | undefined {
  const score = member(usage, 'score');
  const status = member(score, 'status');
  if (status === 'scored') return typeof member(score, 'value') === 'number' ? (score as Score) : undefined;
  if (status !== 'unscored' && status !== 'not_applicable') return undefined;
  return typeof member(score, 'why') === 'string' ? (score as Score) : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
