import { expect, test } from 'vitest';
import { codingVariant, variantName } from '../../src/model/variant.ts';
import { nearestOf } from '../../src/model/nearest.ts';

const parts = { agent: 'codemod', model: null, parameters: {}, attempt: 1 };

test('a default attempt is the agent alone', () => {
  expect(variantName(parts)).toBe('codemod');
});

test('model, parameters and later attempts each show, in this order', () => {
  const name = variantName({
    ...parts,
    model: 'openai/gpt-4o',
    parameters: { temperature: 0.5 },
    attempt: 2,
  });
  expect(name).toMatch(/^codemod@openai%2Fgpt-4o\+[0-9a-f]{8}#2$/);
});

test('the order of parameters does not matter, their values do', () => {
  const one = variantName({ ...parts, parameters: { a: 1, b: 2 } });
  expect(variantName({ ...parts, parameters: { b: 2, a: 1 } })).toBe(one);
  expect(variantName({ ...parts, parameters: { a: 1, b: 3 } })).not.toBe(one);
});

test('separators inside a part are encoded, so that two variants never share a folder', () => {
  expect(variantName({ ...parts, agent: 'a@b#2' })).toBe('a%40b%232');
});

test('a helper suite of another testing agent is part of the name', () => {
  expect(codingVariant(parts, 'existing', 'existing')).toBe('codemod');
  expect(codingVariant(parts, 'pynguin', 'existing')).toBe('codemod+helper=pynguin');
});

test('nearest names come first and distant ones not at all', () => {
  expect(nearestOf('runtme', ['runtime', 'model', 'agent'])).toEqual(['runtime']);
  expect(nearestOf('zzzzzz', ['runtime', 'model'])).toEqual([]);
});
