import { expect, test } from 'vitest';
import { fitsPlainly } from '../../src/config/fits-plainly.ts';
import { layerSchema } from '../../src/config/schema.ts';

const VALUES = ['', 'x', 'auto', 'docker', 'local', true, false, 0, 1, null, [], ['x'], ['x', ''], [1], {}];

test.each(Object.keys(layerSchema.shape))('what fits plainly as %s fits the schema', (key) => {
  for (const value of VALUES) {
    if (fitsPlainly(key, value)) expect(layerSchema.safeParse({ [key]: value }).success).toBe(true);
  }
});

test('usual flags fit, unknown keys and wrong values do not', () => {
  expect(fitsPlainly('agent', 'codemod')).toBe(true);
  expect(fitsPlainly('runtime', 'local')).toBe(true);
  expect(fitsPlainly('mirrors', ['/a'])).toBe(true);
  expect(fitsPlainly('runtime', 'podman')).toBe(false);
  expect(fitsPlainly('agent', '')).toBe(false);
  expect(fitsPlainly('agnt', 'codemod')).toBe(false);
  expect(fitsPlainly('toString', 'codemod')).toBe(false);
});
