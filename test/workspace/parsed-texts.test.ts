import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { ParsedTexts } from '../../src/workspace/parsed-texts.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const TEXT = 'name: one\n';
const dir = scratchFolder();

/** A schema that counts how often it is asked. */
function counting(): { schema: z.ZodType<{ name: string }>; asked: () => number } {
  const seen = vi.fn();
  const schema = z.strictObject({ name: z.string() }).transform((value) => {
    seen();
    return value;
  });
  return { schema, asked: () => seen.mock.calls.length };
}

/** Reads a text as a new process would; answers its value and whether the schema was asked. */
function read(folder: string, text = TEXT, program: string | null = 'p1', kind = 'form') {
  const { schema, asked } = counting();
  const texts = new ParsedTexts(folder, program);
  const result = texts.read(kind, schema, text, 'a.yaml');
  return { result, anew: asked() > 0, keep: () => texts.keep() };
}

function kept(name: string): { folder: string; file: string } {
  const folder = path.join(dir, name);
  read(folder).keep();
  const [only] = readdirSync(folder);
  return { folder, file: path.join(folder, only!) };
}

test('what was kept is answered without the schema, and nothing is written before', () => {
  const folder = path.join(dir, 'plain');
  const first = read(folder);
  expect(first).toMatchObject({ anew: true, result: { ok: true, value: { name: 'one' } } });
  expect(read(folder).anew).toBe(true);
  first.keep();
  expect(read(folder)).toMatchObject({ anew: false, result: { ok: true, value: { name: 'one' } } });
});

test('one changed byte, another kind and another program are read anew', () => {
  const { folder } = kept('changed');
  expect(read(folder, 'name: onf\n')).toMatchObject({ anew: true, result: { value: { name: 'onf' } } });
  expect(read(folder, TEXT, 'p1', 'other').anew).toBe(true);
  expect(read(folder, TEXT, 'p2').anew).toBe(true);
  expect(read(folder, TEXT, null).anew).toBe(true);
  expect(read(folder).anew).toBe(false);
});

test('a damaged file is as good as absent, whichever byte it is', () => {
  const { folder, file } = kept('damaged');
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    writeFileSync(file, damaged);
    expect(read(folder), String(at)).toMatchObject({
      anew: true,
      result: { ok: true, value: { name: 'one' } },
    });
    writeFileSync(file, whole.subarray(0, at));
    expect(read(folder).anew, `cut at ${at}`).toBe(true);
  }
});

test('a text that fails is not kept, and a folder that cannot be written is left alone', () => {
  const folder = path.join(dir, 'failing');
  const failed = read(folder, 'nam: one\n');
  expect(failed.result).toMatchObject({ ok: false, failure: { reason: 'config-invalid', file: 'a.yaml' } });
  mkdirSync(folder);
  failed.keep();
  expect(readdirSync(folder)).toEqual([]);
  const blocked = path.join(dir, 'blocked');
  writeFileSync(blocked, '');
  read(blocked).keep();
  expect(read(blocked).anew).toBe(true);
});

test('a program without a name keeps nothing', () => {
  const folder = path.join(dir, 'nameless');
  read(folder, TEXT, null).keep();
  expect(() => readdirSync(folder)).toThrow();
});
