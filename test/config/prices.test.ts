import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadPrices } from '../../src/config/prices.ts';
import { costOf, priceOf } from '../../src/gateway/money.ts';
import type { Price } from '../../src/model/model-calls.ts';
import { scratchFolder } from '../rigs/scratch.ts';

function withPrices(text: string): ReturnType<typeof loadPrices> {
  const dir = scratchFolder();
  mkdirSync(path.join(dir, 'config'));
  writeFileSync(path.join(dir, 'config', 'prices.yaml'), text);
  return loadPrices(dir);
}

function packaged(): readonly Price[] {
  const read = loadPrices(scratchFolder());
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  return read.value;
}

test('prices come with the package, and none of them is absurd', () => {
  const prices = packaged();
  expect(new Set(prices.map(({ provider }) => provider))).toEqual(new Set(['openai', 'anthropic', 'gemini']));
  for (const { input, output, cachedInput = input, cacheWrite = input } of prices) {
    expect(output).toBeGreaterThan(input);
    expect(cachedInput).toBeLessThanOrEqual(input);
    expect(cacheWrite).toBeGreaterThanOrEqual(input);
  }
});

test('prices of the working folder are laid over them', () => {
  const text = `schema: 1
providers:
  openai:
    - {model: gpt-5, from: 2025-08-07, input: 1, output: 2}
  mine:
    - {model: "llama*", from: 2026-01-01, input: 0, output: 0}
`;
  const read = withPrices(text);
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  expect(read.value).toHaveLength(packaged().length + 1);
  expect(priceOf(read.value, 'openai', 'gpt-5', '2026-01-01')).toEqual({
    provider: 'openai', model: 'gpt-5', from: '2025-08-07', input: 1, output: 2,
  }); // prettier-ignore
  expect(priceOf(read.value, 'mine', 'llama-3-8b', '2026-01-01')?.output).toBe(0);
  expect(priceOf(read.value, 'other', 'llama-3-8b', '2026-01-01')).toBeUndefined();
});

test.each([
  [
    'an unknown key',
    '{model: a, from: 2026-01-01, input: 1, ouput: 2, output: 2}',
    'providers.x.0.ouput',
    'unknown key',
  ],
  [
    'a day that is none',
    '{model: a, from: soon, input: 1, output: 2}',
    'providers.x.0.from',
    'must be a day, YYYY-MM-DD',
  ],
  [
    'a price below zero',
    '{model: a, from: 2026-01-01, input: -1, output: 2}',
    'providers.x.0.input',
    'Too small',
  ],
])('%s is named with file, line and key', (_name, line, key, problem) => {
  const read = withPrices(`schema: 1\nproviders:\n  x:\n    - ${line}\n`);
  expect(read).toMatchObject({ ok: false, failure: { reason: 'config-invalid', line: 4, key } });
  expect(JSON.stringify(read)).toContain(problem);
  expect(JSON.stringify(read)).toContain('prices.yaml');
});

test('two prices of one model from the same day are a mistake', () => {
  const line = '    - {model: a, from: 2026-01-01, input: 1, output: 2}\n';
  expect(withPrices(`schema: 1\nproviders:\n  x:\n${line}${line}`)).toMatchObject({
    ok: false,
    failure: { line: 5, key: 'providers.x.1.model' },
  });
});

const PRICES: Price[] = [
  { provider: 'p', model: '*', from: '2025-01-01', input: 9, output: 9 },
  { provider: 'p', model: 'big-*', from: '2025-01-01', input: 1, output: 1 },
  { provider: 'p', model: 'big-*', from: '2025-06-01', input: 2, output: 2 },
  { provider: 'p', model: 'big-1', from: '2025-09-01', input: 3, output: 3 },
];

test.each([
  ['big-1', '2025-10-01', 3],
  ['big-1', '2025-08-31', 2],
  ['big-2', '2025-05-31', 1],
  ['small', '2025-01-01', 9],
  ['small', '2024-12-31', undefined],
])('%s on %s', (model, day, input) => {
  expect(priceOf(PRICES, 'p', model, day)?.input).toBe(input);
});

test('each kind of token costs its own', () => {
  const price = {
    provider: 'p',
    model: 'm',
    from: '',
    input: 3,
    cachedInput: 0.3,
    cacheWrite: 3.75,
    output: 15,
  };
  const usage = {
    inputTokens: 1000,
    cachedTokens: 600,
    cacheWriteTokens: 100,
    outputTokens: 10,
    reasoningTokens: 5,
  };
  expect(costOf(price, usage)).toBeCloseTo((300 * 3 + 600 * 0.3 + 100 * 3.75 + 10 * 15) / 1e6, 12);
  const plain = { provider: 'p', model: 'm', from: '', input: 3, output: 15 };
  expect(costOf(plain, usage)).toBeCloseTo((1000 * 3 + 10 * 15) / 1e6, 12);
});
