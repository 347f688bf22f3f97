import type { TokenUsage } from '../model/model-calls.ts';

/** One thing that a trial of an agent looked at. */
export interface TrialCheck {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'bad';
  readonly found: string;
}

/** What `agent try` found, schema 1. */
export interface Trial {
  readonly schema: 1;
  readonly agent: string;
  readonly id: string;
  readonly runtime: string;
  readonly works: boolean;
  readonly outcome: string;
  readonly seconds: { readonly agent: number | null; readonly all: number };
  readonly calls: number | null;
  readonly usage: TokenUsage | null;
  /** The agent's own count of the same, where it leaves one. */
  readonly own: { readonly [Kind in keyof TokenUsage]: number | null } | null;
  readonly editF1: number | null;
  readonly checks: readonly TrialCheck[];
  /** Where the attempt lies. */
  readonly folder: string;
}

/** A trial for people. */
export function trialLines(trial: Trial): string[] {
  const width = Math.max(...trial.checks.map(({ name }) => name.length));
  return [
    `${trial.agent} on ${trial.id} (${trial.runtime}): ${trial.works ? 'works' : 'does not work'}, outcome ${trial.outcome}`,
    ...trial.checks.map(({ name, state, found }) => `  ${state.padEnd(7)}  ${name.padEnd(width)}  ${found}`),
    `  ${trial.folder}`,
  ];
}
