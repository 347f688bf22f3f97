import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  canonicalJson,
  digestJson,
  removeTree,
  sha256,
  sha256File,
  writeAtomically,
} from '../../src/workspace/disk.ts';
import type { Json } from '../../src/model/json.ts';
import { scratchFolder } from '../rigs/scratch.ts';

it('a file is written whole, in a folder that was not there, and leaves no other file', () => {
  const dir = scratchFolder();
  const file = path.join(dir, 'a/b/c.txt');
  writeAtomically(file, 'one');
  writeAtomically(file, 'zwei ü');
  expect(readFileSync(file, 'utf8')).toBe('zwei ü');
  expect(readdirSync(path.dirname(file))).toEqual(['c.txt']);
});

it('a write that fails keeps the old content and leaves no other file', () => {
  const dir = scratchFolder();
  mkdirSync(path.join(dir, 'taken/inside'), { recursive: true });
  expect(() => writeAtomically(path.join(dir, 'taken'), 'x')).toThrow();
  expect(readdirSync(dir)).toEqual(['taken']);
});

it('the digest of a file is that of its bytes', () => {
  const dir = scratchFolder();
  const bytes = Buffer.alloc(200_000, 'ab');
  writeFileSync(path.join(dir, 'f'), bytes);
  expect(sha256File(path.join(dir, 'f'))).toBe(sha256(bytes));
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

it('a folder goes with read-only folders in it, and what its links name stays', () => {
  const dir = scratchFolder();
  const tree = path.join(dir, 'tree');
  mkdirSync(path.join(tree, 'ro/deep'), { recursive: true });
  writeFileSync(path.join(dir, 'kept'), 'x');
  writeFileSync(path.join(tree, 'ro/deep/f'), 'x');
  symlinkSync(path.join(dir, 'kept'), path.join(tree, 'ro/link'));
  symlinkSync(dir, path.join(tree, 'ro/folder-link'));
  chmodSync(path.join(tree, 'ro/deep'), 0o500);
  chmodSync(path.join(tree, 'ro'), 0o500);
  removeTree(tree);
  removeTree(path.join(dir, 'never-there'));
  expect(existsSync(tree)).toBe(false);
  expect(existsSync(path.join(dir, 'kept'))).toBe(true);
});

it('equal values have equal texts whatever the order of their keys, and the text is JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      const turned: unknown = JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
        inner !== null && typeof inner === 'object' && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).reverse())
          : inner,
      );
      expect(canonicalJson(turned as Json)).toBe(text);
    }),
  );
  expect(digestJson({ b: 1, a: [2, { d: null, c: 'x' }] })).toBe(
    digestJson({ a: [2, { c: 'x', d: null }], b: 1 }),
  );
  expect(digestJson(['1'])).not.toBe(digestJson([1]));
});
