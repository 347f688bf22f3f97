import fc from 'fast-check';
import { expect, test } from 'vitest';
import { membersOf, valueOf, withMember } from '../../src/gateway/request-body.ts';
import { SseSplitter } from '../../src/gateway/sse.ts';

const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true });
const indents = fc.constantFrom(0, 1, '\t', 4);
const text = (value: unknown, indent: string | number): Buffer =>
  Buffer.from(`\r\n ${JSON.stringify(value, null, indent)}\t\n`);

test('every member of any object is found, with its value', () => {
  fc.assert(
    fc.property(objects, indents, (value, indent) => {
      const body = text(value, indent);
      const members = membersOf(body)!;
      expect(members.map(({ key }) => key)).toEqual(Object.keys(value));
      for (const key of Object.keys(value)) {
        expect(JSON.stringify(valueOf(body, members, key))).toBe(JSON.stringify(value[key]));
      }
    }),
  );
});

test('a changed or added member leaves every other byte as it is', () => {
  fc.assert(
    fc.property(objects, indents, fc.jsonValue(), (value, indent, model) => {
      const body = text({ ...value, model: 'asked' }, indent);
      const changed = withMember(body, membersOf(body)!, 'model', model);
      const { start, end } = membersOf(body)!.find(({ key }) => key === 'model')!;
      expect(changed.subarray(0, start).equals(body.subarray(0, start))).toBe(true);
      expect(changed.subarray(changed.length - (body.length - end)).equals(body.subarray(end))).toBe(true);
      const added = withMember(body, membersOf(body)!, 'a new one', model);
      const parsed = JSON.parse(added.toString()) as Record<string, unknown>;
      expect(JSON.stringify(parsed['a new one'])).toBe(JSON.stringify(model));
      expect(Object.keys(parsed)).toHaveLength(new Set([...Object.keys(value), 'model', 'a new one']).size);
    }),
  );
  expect(withMember(Buffer.from('{}'), [], 'a', 1).toString()).toBe('{"a":1}');
});

test.each(['', '[]', '"a"', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '{"a":1} x', '{a:1}', '{"a" 1}', 'null'])(
  'no object: %s',
  (body) => {
    expect(membersOf(Buffer.from(body))).toBeUndefined();
  },
);

test('events are cut where they end, in whatever pieces they come', () => {
  const ends = fc.constantFrom('\n\n', '\r\n\r\n', '\r\r');
  const events = fc.array(
    fc.tuple(
      fc.string({ minLength: 1 }).filter((data) => !/[\r\n]/.test(data)),
      ends,
    ),
  );
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 9 }), (list, size) => {
      const bytes = Buffer.from(list.map(([data, end]) => `data: ${data}${end}`).join(''));
      const splitter = new SseSplitter();
      const seen = [];
      for (let at = 0; at < bytes.length; at += size)
        seen.push(...splitter.push(bytes.subarray(at, at + size)));
      seen.push(...splitter.end());
      expect(Buffer.concat(seen.map(({ raw }) => raw)).equals(bytes)).toBe(true);
      expect(seen.map(({ data }) => data)).toEqual(list.map(([data]) => data));
    }),
  );
});
