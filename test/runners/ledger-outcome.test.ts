import { expect, test } from 'vitest';
import type { LedgerSummary } from '../../src/model/model-calls.ts';
import { type Ending, outcomeByLedger } from '../../src/runners/ledger-outcome.ts';

const usage = { inputTokens: 90, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 0 };
const ledger = (change: Partial<LedgerSummary> = {}): LedgerSummary => ({
  schema: 1,
  calls: 3,
  answered: 3,
  refused: {},
  usage,
  usd: 0.5,
  unmetered: { calls: 0, tokens: 0, usd: 0 },
  models: {},
  refusals: 0,
  empty: 0,
  toolCalls: 2,
  last: { ended: 'answered', status: 200, message: '' },
  budget: null,
  unseen: 0,
  seconds: 1,
  waitedSeconds: 0,
  ...change,
});
const failed = (status: number, ended: 'error' | 'cut' = 'error'): LedgerSummary['last'] => ({
  ended,
  status,
  message: 'the words',
});
const patch: Ending = { outcome: 'patch', why: '' };
const none: Ending = { outcome: 'no-patch', why: 'the workspace is unchanged' };
const decide = (ending: Ending, seen: LedgerSummary) =>
  outcomeByLedger({ agent: 'a', model: 'p/m', ending, ledger: seen, words: 'bye', log: 'logs' });

test.each<[string, Ending, LedgerSummary, string]>([
  ['all is well', patch, ledger(), 'patch'],
  ['idle although answered', none, ledger(), 'no-patch'],
  ['a refusal and nothing changed', none, ledger({ refusals: 1 }), 'refused'],
  ['a refusal, and work before it', patch, ledger({ refusals: 1 }), 'patch'],
  ['a failed call in between', patch, ledger({ calls: 4 }), 'patch'],
  ['a title call that was refused last', patch, ledger({ last: { ended: 'refused-by-gateway', status: 404, message: '' } }), 'patch'],
  ['the conversation grew too long', patch, ledger({ calls: 4, last: failed(400) }), 'crashed'],
  ['the same, ended by the clock', { outcome: 'timeout', why: 'w' }, ledger({ calls: 4, last: failed(413) }), 'timeout'],
  ['a budget', patch, ledger({ budget: { scope: 'attempt', kind: 'usd', limit: 0.1 } }), 'budget'],
  ['a budget, whatever the exit', { outcome: 'crashed', why: 'exit code 1' }, ledger({ budget: { scope: 'run', kind: 'calls', limit: 3 } }), 'budget'],
])('%s', (_, ending, seen, outcome) => {
  const decided = decide(ending, seen);
  expect(decided).toMatchObject({ ok: true, value: { outcome } });
}); // prettier-ignore

test.each<[string, Ending, LedgerSummary, string, string]>([
  ['no call was answered', none, ledger({ answered: 0, last: failed(500) }), 'infra', 'model-failed'],
  ['an agent that takes a failure for success', patch, ledger({ calls: 4, last: failed(503) }), 'infra', 'model-failed'],
  ['the last stream was cut', patch, ledger({ calls: 4, last: failed(200, 'cut') }), 'infra', 'model-failed'],
  ['no connection', none, ledger({ answered: 0, last: failed(0) }), 'infra', 'model-failed'],
  ['a rejected key', none, ledger({ answered: 0, last: failed(401) }), 'config', 'model-key-rejected'],
  ['a key that is rejected later', patch, ledger({ calls: 4, last: failed(403) }), 'config', 'model-key-rejected'],
  ['a first call that is too long', none, ledger({ calls: 1, answered: 0, last: failed(400) }), 'infra', 'model-failed'],
  ['never called', { outcome: 'crashed', why: 'exit code 3' }, ledger({ calls: 0, answered: 0, last: null }), 'infra', 'agent-called-no-model'],
  ['never called, and edits all the same', patch, ledger({ calls: 0, answered: 0, last: null }), 'infra', 'agent-called-no-model'],
  ['only models that it may not have', none, ledger({ calls: 0, answered: 0, last: { ended: 'refused-by-gateway', status: 404, message: 'm' } }), 'config', 'model-not-allowed'],
  ['a budget that was spent before', none, ledger({ calls: 0, answered: 0, budget: { scope: 'run', kind: 'usd', limit: 1 } }), 'budget', 'budget-spent'],
  ['a replay that lacks a request', patch, ledger({ unseen: 1, last: failed(400) }), 'config', 'replay-unseen'],
])('%s is no result', (_, ending, seen, kind, reason) => {
  expect(decide(ending, seen)).toMatchObject({ ok: false, failure: { class: kind, reason } });
}); // prettier-ignore

test('the words of a budget say whose it was and what was spent', () => {
  const decided = decide(patch, ledger({ budget: { scope: 'attempt', kind: 'usd', limit: 0.1 } }));
  expect(decided.ok && decided.value.why).toBe(
    'budget of the attempt of $0.1 was met after 3 calls, 100 tokens, $0.5000',
  );
});
