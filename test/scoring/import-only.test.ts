import { describe, expect, test } from 'vitest';
import { importOnlyCandidate } from '../../src/scoring/import-only.ts';
import { labelEveryChange } from '../../src/scoring/derive-labels.ts';
import { tree, type Files } from './trees.ts';

function candidate(before: Files, after: Files): Record<string, string> | null {
  const [b, g] = [tree(before), tree(after)];
  const made = importOnlyCandidate(b, g, labelEveryChange(b, g));
  if (made === null) return null;
  return Object.fromEntries([...made.entries.keys()].map((path) => [path, Buffer.from(made.read(path)).toString()]));
} // prettier-ignore

describe('the control that changes the imports alone', () => {
  test('has the imports of the ground truth and the calls of the tree before', () => {
    expect(
      candidate(
        { 'a.py': 'import toml\n\nx = 1\n\n\ndef f(t):\n    return toml.loads(t)\n' },
        { 'a.py': 'import tomli\n\nx = 1\n\n\ndef f(t):\n    return tomli.loads(t)\n' },
      ),
    ).toEqual({ 'a.py': 'import tomli\n\nx = 1\n\n\ndef f(t):\n    return toml.loads(t)\n' });
  });

  test('is none where the migration is nothing but imports: it would be the ground truth', () => {
    expect(candidate({ 'a.py': 'import toml as t\nt.loads\n' }, { 'a.py': 'import tomli as t\nt.loads\n' })).toBeNull();
  });

  test('is none where no import changes', () => {
    expect(candidate({ 'a.py': 'import x\nx.old()\n' }, { 'a.py': 'import x\nx.new()\n' })).toBeNull();
  });
}); // prettier-ignore
