import type { AttemptOutcome } from '../model/artefacts.ts';
import type { AgentFailure } from '../model/failures/agent.ts';
import type { LedgerSummary } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';

export interface Ending {
  readonly outcome: AttemptOutcome;
  readonly why: string;
}

/** Statuses by which a server says that the request itself cannot be answered: the agent's doing. */
const OF_THE_REQUEST = new Set([400, 411, 413, 414, 415, 422]);
const OF_THE_KEY = new Set([401, 402, 403]);

/**
 * What an attempt came to, by what the gateway saw: exit codes of agents say little. Without an answered call, or with
 * a last one that failed by the world's doing, nothing was measured, and that is a failure, never a result. A ceiling
 * that was met, and a refusal that left nothing changed, are results of their own.
 */
export function outcomeByLedger(request: {
  readonly agent: string;
  readonly model: string;
  /** As its exit says. */
  readonly ending: Ending;
  readonly ledger: LedgerSummary;
  /** What it printed last. */
  readonly words: string;
  readonly log: string;
}): Result<Ending, AgentFailure> {
  const { agent: name, model, ending, ledger, words } = request;
  const { last, calls, answered } = ledger;
  if (ledger.unseen > 0)
    return fail({ class: 'config', reason: 'replay-unseen', name, message: last?.message ?? '' });
  if (ledger.budget !== null && answered === 0)
    return fail({ class: 'budget', reason: 'budget-spent', name, ...ledger.budget });
  if (ledger.budget !== null) return ok({ outcome: 'budget', why: budgetWords(ledger) });
  if (answered === 0 && (calls > 0 || (last !== null && last.ended !== 'refused-by-gateway')))
    return fail(worldFailure(request));
  if (answered === 0) {
    if (last !== null)
      return fail({ class: 'config', reason: 'model-not-allowed', name, message: last.message });
    const how = ending.why === '' ? ending.outcome : ending.why;
    return fail({ class: 'infra', reason: 'agent-called-no-model', name, how, words, log: request.log });
  }
  if (last !== null && (last.ended === 'error' || last.ended === 'cut')) {
    if (!(last.ended === 'error' && OF_THE_REQUEST.has(last.status))) return fail(worldFailure(request));
    const why = `its last call of ${model} was refused as a request (${last.status}: ${last.message})`;
    return ok({ outcome: ending.outcome === 'timeout' ? 'timeout' : 'crashed', why });
  }
  if (ending.outcome === 'no-patch' && ledger.refusals > 0)
    return ok({ outcome: 'refused', why: `the model refused; ${ending.why}` });
  return ok(ending);
}

function worldFailure(request: {
  readonly agent: string;
  readonly model: string;
  readonly ledger: LedgerSummary;
}): AgentFailure {
  const { agent: name, model, ledger } = request;
  const { ended, status, message } = ledger.last ?? { ended: 'error', status: 0, message: 'no answer' };
  if (ended === 'error' && OF_THE_KEY.has(status))
    return { class: 'config', reason: 'model-key-rejected', name, model, status, message };
  const { calls, answered } = ledger;
  const how = ended === 'cut' ? 'cut' : 'error';
  return {
    class: 'infra',
    reason: 'model-failed',
    name,
    model,
    calls,
    answered,
    ended: how,
    status,
    message,
  };
}

function budgetWords({ budget, calls, usd, usage }: LedgerSummary): string {
  if (budget === null) return '';
  const limit =
    budget.kind === 'usd'
      ? `$${budget.limit}`
      : `${budget.limit} ${budget.kind === 'calls' ? 'calls' : 'tokens'}`;
  const tokens = usage.inputTokens + usage.outputTokens;
  const spent = usd === null ? '' : `, $${usd.toFixed(4)}`;
  return `budget of the ${budget.scope} of ${limit} was met after ${calls} calls, ${tokens} tokens${spent}`;
}
