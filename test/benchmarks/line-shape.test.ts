import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLineShape } from '../../src/benchmarks/line-shape.ts';

/** Every shape that occurs in PyMigBench, N standing for a number. */
const SHAPES = [
  'N:N N: :N N-N:N-N N-N:N N:N-N N-N: N:N,N N-N,N:N N,N:N N-N:N-N,N-N N-N:N,N-N N-N:N,N N:N-N,N N:N,N-N',
  'N-N:N-N,N N-N,N:N-N N,N:N-N N,N-N:N-N :N-N N:N-N,N,N N-N:N-N,N,N,N N-N,N-N:N-N,N-N N,N:N,N,N N,N:N,N',
  'N,N,N:N N,N,N-N:N-N N,N,N,N:N-N',
]
  .join(' ')
  .split(' ');

/** Numbers that rise by one from left to right. */
function filled(shape: string): string {
  let next = 0;
  return shape.replace(/N/g, () => String(++next));
}

describe('the lines of a code change', () => {
  it('has 28 shapes in the data, and all are read', () => {
    expect(SHAPES).toHaveLength(28);
    for (const shape of SHAPES) {
      const text = filled(shape);
      const read = parseLineShape(text);
      expect(read.ok, text).toBe(true);
      if (!read.ok) continue;
      const again = [read.value.before, read.value.after]
        .map((side) => side.map(([a, b]) => (a === b ? String(a) : `${a}-${b}`)).join(','))
        .join(':');
      expect(again).toBe(text);
    }
  });

  it('are two sets of ranges, in the order written', () => {
    expect(parseLineShape('9,3-5:7')).toEqual({
      ok: true,
      value: {
        before: [
          [9, 9],
          [3, 5],
        ],
        after: [[7, 7]],
      },
    });
  });

  it('may have blanks around a part, and nowhere else', () => {
    expect(parseLineShape(' 1 , 2-3 : 4 ').ok).toBe(true);
    for (const text of ['1 -2:3', '1- 2:3', '1 2:3']) expect(parseLineShape(text).ok, text).toBe(false);
  });

  it.each([
    [':', 'no line on either side'],
    ['', 'is not'],
    ['5', 'is not'],
    ['1:2:3', 'is not'],
    ['0:1', 'count from 1'],
    ['5-3:1', 'ends before it begins'],
    ['1,:2', 'neither a line'],
    ['-3:1', 'neither a line'],
    ['a:1', 'neither a line'],
    ['1.5:1', 'neither a line'],
    ['٣:1', 'neither a line'],
    ['1\n:1', 'neither a line'],
    ['99999999999:1', 'neither a line'],
    [' :1', 'neither a line'],
  ])('%j is refused: %s', (text, why) => {
    const read = parseLineShape(text);
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.failure).toContain(why);
  });

  it('never throws, and never gives a range that runs backwards', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '1', '2', '9', '-', ',', ':', ' ', '\t') }),
        (text) => {
          const read = parseLineShape(text);
          if (!read.ok) return;
          for (const [first, last] of [...read.value.before, ...read.value.after]) {
            expect(first).toBeGreaterThanOrEqual(1);
            expect(last).toBeGreaterThanOrEqual(first);
          }
        },
      ),
    );
  });
});
