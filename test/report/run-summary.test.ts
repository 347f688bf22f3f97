import { expect, test } from 'vitest';
import { isUnder, parseFailUnder, summaryLines, type RunSummary } from '../../src/report/run-summary.ts';
import { unitId } from '../../src/model/ids.ts';

const summary = (over: Partial<RunSummary>): RunSummary => ({
  event: 'summary',
  at: 0,
  schema: 1,
  runId: 'r',
  id: unitId('a__b__o@r__12345678'),
  agent: 'codemod',
  variant: 'codemod',
  runtime: 'docker',
  tasks: [{ id: 'repo_dl', state: 'cached', outcome: 'ready', reason: null, seconds: 0 }],
  scores: {
    patch_eval: { status: 'scored', value: 0.99999 },
    unit_test_eval: { status: 'unscored', why: 'environment: no Python 2.7 at hand' },
  },
  evidence: { patch: 'data/trajectories/x' },
  seconds: 1,
  ...over,
});

test('a score that is not quite 1 is never shown as 1', () => {
  expect(summaryLines(summary({})).join('\n')).toContain('editF1 0.999+');
});

test('all cached says so at once', () => {
  expect(summaryLines(summary({}))[0]).toContain('nothing to do');
});

test('an unscored score names why and counts as under any bound', () => {
  expect(summaryLines(summary({})).join('\n')).toContain('unscored: environment: no Python 2.7 at hand');
  expect(isUnder(summary({}), { score: 'unit_test_eval', bound: 0 })).toBe(true);
  expect(isUnder(summary({}), { score: 'patch_eval', bound: 0.5 })).toBe(false);
});

test.each([
  ['0.5', { score: 'unit_test_eval', bound: 0.5 }],
  ['patch_eval=1', { score: 'patch_eval', bound: 1 }],
  ['unit_test_eval=.25', { score: 'unit_test_eval', bound: 0.25 }],
  ['1.5', undefined],
  ['coverage=0.5', undefined],
  ['-1', undefined],
  ['', undefined],
])('--fail-under %s', (text, expected) => {
  expect(parseFailUnder(text)).toEqual(expected);
});
