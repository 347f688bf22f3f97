import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { allowedModels, chooseModel } from '../../src/config/choose-model.ts';
import { loadConfig } from '../../src/config/load.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const local = { form: 'openai', baseUrl: 'http://127.0.0.1:8000/v1/' } as const;
const config = {
  providers: { local },
  models: { small: 'openai/gpt-small', big: 'local/meta/llama-3.1' },
};
const agent = { name: 'a', forms: ['openai'] as const };

test('provider/model, with slashes and dots in the name', () => {
  const chosen = chooseModel('local/meta/llama-3.1', agent, config);
  expect(chosen).toMatchObject({
    ok: true,
    value: {
      model: 'meta/llama-3.1',
      shown: 'local/meta/llama-3.1',
      provider: { name: 'local', baseUrl: 'http://127.0.0.1:8000/v1', keyVariable: null },
    },
  });
});

test('a name below models', () => {
  expect(chooseModel('big', agent, config)).toMatchObject({
    ok: true,
    value: { shown: 'local/meta/llama-3.1' },
  });
});

test.each([
  ['none at all', null, 'agent-needs-model'],
  ['without a provider', 'gpt-small', 'model-unknown'],
  ['of an unknown provider', 'nobody/m', 'model-unknown'],
  ['a provider alone', 'openai/', 'model-unknown'],
  ['of a form that the agent does not speak', 'anthropic/claude', 'model-form'],
])('%s', (_, wanted, reason) => {
  expect(chooseModel(wanted, agent, config)).toMatchObject({
    ok: false,
    failure: { class: 'config', reason },
  });
});

test('a name without a provider is offered with those that the agent can talk to', () => {
  expect(chooseModel('gpt-small', agent, config)).toMatchObject({
    failure: { nearest: ['openai/gpt-small', 'openrouter/gpt-small', 'local/gpt-small'] },
  });
});

test('agents may ask for the chosen model and those below models', () => {
  const chosen = chooseModel('local/m', agent, config);
  expect(chosen.ok && allowedModels(chosen.value, config)).toEqual({
    m: { provider: 'local', model: 'm' },
    small: { provider: 'openai', model: 'gpt-small' },
    big: { provider: 'local', model: 'meta/llama-3.1' },
  });
});

describe('in the configuration', () => {
  const load = (text: string, flags: Record<string, unknown> = {}) => {
    const cwd = scratchFolder();
    mkdirSync(path.join(cwd, 'config'));
    writeFileSync(path.join(cwd, 'config', 'pipeline.yaml'), text);
    return loadConfig({ cwd, variables: {}, flags });
  };

  test('names with dots stay whole', () => {
    const loaded = load(
      'models:\n  gpt-4.1: openai/gpt-4.1\nproviders:\n  vllm:\n    form: openai\n    baseUrl: http://h:1/v1\n',
    );
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        config: {
          models: { 'gpt-4.1': 'openai/gpt-4.1' },
          providers: { vllm: { baseUrl: 'http://h:1/v1' } },
        },
      },
    });
  });

  test('a budget by a flag is laid over one of the file', () => {
    const loaded = load('budgets:\n  attempt:\n    usd: 5\n    calls: 9\n', { 'budgets.attempt.usd': 0.1 });
    expect(loaded.ok && loaded.value.config.budgets.attempt).toEqual({ usd: 0.1, tokens: null, calls: 9 });
  });

  test.each([
    ['providers:\n  x:\n    form: telnet\n    baseUrl: http://h\n', 'providers.x.form', 3],
    ['providers:\n  x:\n    form: openai\n    baseUrl: nowhere\n', 'providers.x.baseUrl', 4],
    ['models:\n  m: noslash\n', 'models.m', 2],
    ['budgets:\n  attempt:\n    usd: -1\n', 'budgets.attempt.usd', 3],
  ])('%j is refused by key and line', (text, key, line) => {
    expect(load(text)).toMatchObject({ ok: false, failure: { reason: 'config-invalid', key, line } });
  });
});
