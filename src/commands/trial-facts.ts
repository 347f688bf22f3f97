import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SeenCall } from '../gateway/scripted/seen.ts';
import type { TokenUsage } from '../model/model-calls.ts';
import type { RunOutcome } from '../pipeline/outcome.ts';
import type { Trial, TrialCheck } from '../report/agent-trial.ts';
import { failureMessage } from '../report/failure-message.ts';
import { type AttemptRecord, attemptRecord } from '../runners/attempt.ts';
import type { Laid, Prepared } from './prepare.ts';
import { summaryOf } from './run-summary-event.ts';

interface TrialInputs {
  readonly prepared: Prepared;
  readonly laid: Laid;
  readonly outcome: RunOutcome;
  readonly goldPatch: string;
  /** What the scripted model saw; null for agents that call none. */
  readonly calls: readonly SeenCall[] | null;
  readonly key: string;
  readonly seconds: number;
}

/** Puts together what a trial shows. */
export function trialOf(inputs: TrialInputs): Trial {
  const { prepared, laid, outcome } = inputs;
  const coding = outcome.tasks.find(({ id }) => id === 'coding_agent');
  const folder = laid.paths.trajectory;
  const record = coding?.state === 'completed' ? readAttempt(folder) : null;
  const summary = summaryOf(prepared, laid, outcome, null);
  const score = summary.scores.patch_eval;
  const logs = outcome.runId === null ? null : path.join(prepared.mig.runsDir, outcome.runId);
  const checks =
    record === null
      ? [{ name: 'start', state: 'bad' as const, found: coding?.reason ?? whyNot(outcome) }]
      : checksOf(record, inputs, [folder, ...(logs === null ? [] : [logs])]);
  const ledger = record?.ledger ?? null;
  return {
    schema: 1,
    agent: prepared.agent.name,
    id: prepared.migration.id,
    runtime: laid.kind,
    works: checks.every(({ state }) => state !== 'bad'),
    outcome: record?.outcome ?? coding?.state ?? 'not started',
    seconds: { agent: record?.seconds ?? null, all: inputs.seconds },
    calls: ledger?.calls ?? null,
    usage: ledger?.usage ?? null,
    own: record?.ownUsage?.tokens ?? null,
    editF1: score.status === 'scored' ? score.value : null,
    checks,
    folder: record === null ? (logs ?? folder) : folder,
  };
}

function whyNot(outcome: RunOutcome): string {
  return outcome.failure === null ? 'it was not started' : failureMessage(outcome.failure);
}

function readAttempt(folder: string): AttemptRecord | null {
  try {
    return attemptRecord.parse(JSON.parse(readFileSync(path.join(folder, 'attempt.json'), 'utf8')));
  } catch {
    return null;
  }
}

function checksOf(record: AttemptRecord, inputs: TrialInputs, places: readonly string[]): TrialCheck[] {
  const { calls, goldPatch, key } = inputs;
  const wanted = new Set([...goldPatch.matchAll(/^diff --git a\/(.*) b\//gm)].map(([, file]) => file ?? ''));
  const strange = record.patch.files.filter((file) => !wanted.has(file));
  const missed = [...wanted].filter((file) => !record.patch.files.includes(file));
  const checks: TrialCheck[] = [
    {
      name: 'start',
      state: record.exitCode === 0 ? 'ok' : 'warning',
      found: `exit code ${record.exitCode ?? 'none'}, ${record.seconds.toFixed(1)} s, ${record.outcome}${record.why === '' ? '' : `: ${record.why}`}`,
    },
    record.patch.files.length === 0
      ? { name: 'edits', state: 'bad', found: 'nothing was changed in the workspace' }
      : {
          name: 'edits',
          state: missed.length === 0 ? 'ok' : 'warning',
          found: `${record.patch.files.length} files, ${record.patch.bytes} bytes${missed.length === 0 ? '' : `; not changed: ${missed.join(', ')}`}`,
        },
    strange.length === 0
      ? {
          name: 'droppings',
          state: 'ok',
          found:
            record.patch.excluded.length === 0 ? 'none' : `left out: ${record.patch.excluded.join(', ')}`,
        }
      : {
          name: 'droppings',
          state: 'warning',
          found: `in the patch: ${strange.join(', ')} (name them below droppings in agent.yaml)`,
        },
    outputCheck(record, inputs.prepared.agent.manifest.outputs),
  ];
  if (calls === null || record.ledger === null) return checks;
  const { ledger } = record;
  const told = sum(calls);
  const holding = holders(key, places);
  const same = JSON.stringify(told) === JSON.stringify(ledger.usage);
  checks.push(
    {
      name: 'model',
      state: ledger.answered > 0 ? 'ok' : 'bad',
      found: `${ledger.calls} calls, ${ledger.answered} answered, ${ledger.toolCalls} calls of tools${record.door === null ? '' : `, by a ${record.door}`}`,
    },
    {
      name: 'tokens',
      state: same || calls.length === 0 ? 'ok' : 'bad',
      found: `${ledger.usage.inputTokens} in (${ledger.usage.cachedTokens} cached), ${ledger.usage.outputTokens} out${calls.length === 0 ? '' : same ? ', as the model told' : `; the model told ${told.inputTokens} in, ${told.outputTokens} out`}`,
    },
    ...ownCheck(record),
    holding.length === 0
      ? { name: 'key', state: 'ok', found: 'nowhere in what was kept' }
      : { name: 'key', state: 'bad', found: `found in ${holding.join(', ')}` },
  );
  return checks;
}

/** What it left, against what its manifest says that it writes. */
function outputCheck({ output }: AttemptRecord, promised: readonly string[]): TrialCheck {
  const left = output.files.join(', ');
  const missing = promised.filter(
    (name) => !output.files.some((file) => file === name || file.startsWith(`${name}/`)),
  );
  return missing.length === 0
    ? { name: 'output', state: 'ok', found: left === '' ? 'none' : left }
    : {
        name: 'output',
        state: 'warning',
        found: `not left: ${missing.join(', ')}${left === '' ? '' : `; left: ${left}`}`,
      };
}

/** An agent's own count where it leaves one; what it does not tell is not held against it. */
function ownCheck({ ownUsage, ledger }: AttemptRecord): TrialCheck[] {
  if (ownUsage === null || ledger === null) return [];
  const { tokens, rounded } = ownUsage;
  const kinds = Object.keys(ledger.usage) as (keyof TokenUsage)[];
  const differs = kinds.filter((kind) => {
    const [own, counted] = [tokens[kind], ledger.usage[kind]];
    return own !== null && Math.abs(own - counted) > (rounded ? Math.max(50, counted * 0.05) : 0);
  });
  const told = `${tokens.inputTokens ?? '?'} in, ${tokens.outputTokens ?? '?'} out${rounded ? ', rounded' : ''}`;
  return [
    differs.length === 0
      ? { name: 'own count', state: 'ok', found: `${told}, as counted` }
      : { name: 'own count', state: 'warning', found: `${told}; another count of ${differs.join(', ')}` },
  ];
}

function sum(calls: readonly SeenCall[]): TokenUsage {
  const total = { inputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  for (const { usage } of calls)
    if (usage !== null)
      for (const name of Object.keys(total) as (keyof TokenUsage)[]) total[name] += usage[name];
  return total;
}

/** Files that hold the text. */
function holders(text: string, places: readonly string[]): string[] {
  const bytes = Buffer.from(text);
  return places
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place, { recursive: true, encoding: 'utf8' })
        .map((name) => path.join(place, name))
        .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
        .filter((file) => readFileSync(file).includes(bytes)),
    );
}
