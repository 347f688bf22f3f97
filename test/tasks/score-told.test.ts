import { expect, test } from 'vitest';
import type { Score } from '../../src/model/events.ts';
import type { Json } from '../../src/model/json.ts';
import { scoreTold, tellScore } from '../../src/tasks/score-told.ts';

test.each<Score>([
  { status: 'scored', value: 0.5, resolved: true, counts: { passed: 3, preserved: 4 }, marks: ['small'] },
  { status: 'unscored', why: 'oracle: none' },
  { status: 'not_applicable', why: 'no labelled line differs' },
])('a score that a stamp tells is read back: %j', (score) => {
  expect(scoreTold(JSON.parse(JSON.stringify(tellScore(score))) as Json)).toEqual(score);
});

test('usage of another form tells no score', () => {
  const others = [undefined, null, {}, { seconds: 1 }, { score: null }, { score: { status: 'scored' } }];
  for (const usage of [...others, { score: { status: 'unscored' } }, { score: { status: 'odd', why: '' } }]) {
    expect(scoreTold(usage)).toBeUndefined();
  }
});
