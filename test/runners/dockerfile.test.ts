import { expect, test } from 'vitest';
import { pairs, parseDockerfile, substitute, words } from '../../src/runners/dockerfile.ts';

test('instructions keep their first line, continuations are joined, comments belong to none', () => {
  const text = 'ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n\n# words\nrun a \\\n  # inside\n\n  && b\nCMD ["x"]\n';
  const parsed = parseDockerfile(text);
  expect(parsed.ok && parsed.value.map(({ line, name }) => [line, name])).toEqual([
    [1, 'ARG'],
    [2, 'FROM'],
    [5, 'RUN'],
    [9, 'CMD'],
  ]);
  expect(parsed.ok && parsed.value[2]!.rest).toBe('a   && b');
});

test.each([
  ['RUN x', 1, 'before FROM'],
  ['# nothing', 1, 'no FROM'],
  ['FROM a\nFROM b', 2, 'second FROM'],
  ['FROM a AS b', 1, 'alone'],
  ['FROM a\nADD x /', 2, 'ADD is not supported'],
  ['FROM a\nRUN --mount=type=cache x', 2, 'flags of RUN'],
  ['FROM a\nRUN <<EOF\nx\nEOF', 2, 'heredocs'],
  ['FROM a\nCOPY --from=b x /', 2, 'flags of COPY'],
  ['FROM a\n\nENV', 3, 'says nothing'],
])('%j is refused with its line', (text, line, problem) => {
  const parsed = parseDockerfile(text);
  if (parsed.ok) throw new Error('was accepted');
  expect(parsed.failure.line).toBe(line);
  expect(parsed.failure.problem).toContain(problem);
});

test('variables are put in as Docker does', () => {
  expect(substitute('$A ${A}b ${B:-other} ${A:-x} \\$A $NONE.', { A: '1' })).toBe('1 1b other 1 $A .');
});

test('words and pairs know quotes and the JSON form', () => {
  expect(words('a "b c" \'d e\' f"g h"')).toEqual(['a', 'b c', 'd e', 'fg h']);
  expect(words('["a b", "c"]')).toEqual(['a b', 'c']);
  expect(pairs('A=1 B="x y" C=')).toEqual([
    ['A', '1'],
    ['B', 'x y'],
    ['C', ''],
  ]);
  expect(pairs('PATH /a:/b c')).toEqual([['PATH', '/a:/b c']]);
});
