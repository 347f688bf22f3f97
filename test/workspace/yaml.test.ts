import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml, readStrict, toYaml } from '../../src/workspace/yaml.ts';

const schema = z.strictObject({
  id: z.string().optional(),
  source: z.strictObject({ library: z.string(), version: z.string().optional() }),
  tree: z.union([
    z.strictObject({ sdist: z.string(), version: z.string() }),
    z.strictObject({ git: z.string(), commit: z.string() }),
  ]),
  items: z.array(z.strictObject({ name: z.string(), count: z.number().default(1) })).default([]),
  options: z.record(z.string(), z.strictObject({ level: z.enum(['low', 'high']) })).optional(),
});
const GOOD = 'source: {library: toml}\ntree: {sdist: x, version: "1"}\n';

function failureOf(text: string) {
  const read = readStrict(schema, text, 'm.yaml');
  if (read.ok) throw new Error('was read');
  return read.failure;
}

describe('a strict reading', () => {
  it('gives typed values', () => {
    expect(readStrict(schema, GOOD, 'm.yaml')).toEqual({
      ok: true,
      value: { source: { library: 'toml' }, tree: { sdist: 'x', version: '1' }, items: [] },
    });
  });

  it.each([
    ['an unknown key', `${GOOD}idd: x\n`, { line: 3, column: 1, key: 'idd', nearest: 'id' }],
    [
      'an unknown key inside',
      'source:\n  libary: toml\n  library: toml\ntree: {sdist: x, version: "1"}\n',
      { line: 2, column: 3, key: 'source.libary', nearest: 'library' },
    ],
    [
      'an unknown key in a list',
      `${GOOD}items:\n  - name: a\n  - name: b\n    cuont: 2\n`,
      { line: 6, column: 5, key: 'items.1.cuont', nearest: 'count' },
    ],
    [
      'an unknown key in a union',
      'source: {library: toml}\ntree: {sdist: x, version: "1", sha: y}\n',
      { line: 2, column: 32, key: 'tree.sha' },
    ],
    [
      'an unknown key in a record',
      `${GOOD}options:\n  a:\n    level: low\n    lvel: low\n`,
      { line: 6, column: 5, key: 'options.a.lvel', nearest: 'level' },
    ],
    [
      'a wrong type',
      `${GOOD}items:\n  - name: a\n    count: many\n`,
      { line: 5, column: 5, key: 'items.0.count' },
    ],
    [
      'a missing key',
      'source: {version: "1"}\ntree: {sdist: x, version: "1"}\n',
      { line: 1, column: 1, key: 'source.library' },
    ],
    ['a doubled key', `${GOOD}source: {library: tomli}\n`, { line: 3, column: 1 }],
    ['a tag', `${GOOD}id: !!python/object:os.system x\n`, { line: 3 }],
    ['text that is no YAML', `${GOOD}id: [1, 2\n`, { line: 3 }],
    ['an empty text', '', { key: '' }],
    ['a list at the top', '- 1\n', { line: 1, column: 1, key: '' }],
  ])('names the place of %s', (_what, text, expected) => {
    expect(failureOf(text)).toMatchObject({
      class: 'config',
      reason: 'config-invalid',
      file: 'm.yaml',
      ...expected,
    });
  });

  it('knows no nearest key where none is near', () => {
    expect(failureOf(`${GOOD}somethingelse: 1\n`)).not.toHaveProperty('nearest');
  });
});

describe('a plain parse', () => {
  it('finds the place of keys and items, and of nothing that is not there', () => {
    const parsed = parseYaml('a:\n  - x\n  - y: 1\nb: 2\n', 'f');
    if (!parsed.ok) throw new Error(parsed.failure.problem);
    expect(parsed.value.value).toEqual({ a: ['x', { y: 1 }], b: 2 });
    expect(parsed.value.locate(['b'])).toEqual({ line: 4, column: 1 });
    expect(parsed.value.locate(['a', 0])).toEqual({ line: 2, column: 5 });
    expect(parsed.value.locate(['a', 1, 'y'])).toEqual({ line: 3, column: 5 });
    expect(parsed.value.locate(['c'])).toBeUndefined();
  });

  it('refuses a bomb of aliases', () => {
    const lines = ['a0: &a0 [x, x]'];
    for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}]`);
    expect(parseYaml(lines.join('\n'), 'f').ok).toBe(false);
  });

  it('reads back what was written', () => {
    const value = { text: 'a: b # c\n', list: [1, null, true], long: 'x '.repeat(200) };
    const parsed = parseYaml(toYaml(value), 'f');
    expect(parsed.ok && parsed.value.value).toEqual(value);
  });
});
