import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfCandidate } from '../../src/scoring/half-candidate.ts';
import { hunkMutants } from '../../src/scoring/hunk-mutants.ts';
import { matchLines } from '../../src/scoring/line-matching.ts';
import { patchMetrics } from '../../src/scoring/patch-score.ts';
import { resolveLabels } from '../../src/scoring/derive-labels.ts';
import { scorePatch } from '../../src/scoring/score-patch.ts';
import { changedRuns } from '../../src/scoring/sequence-matcher.ts';
import { SourceReader } from '../../src/scoring/source-reader.ts';
import { LineLcs } from '../../src/scoring/token-lcs.ts';
import { compareTrees } from '../../src/scoring/units.ts';
import { label, library, score, tree, type Files } from './trees.ts';

/** The long form of every property; edits of any kind, without an exception, are tried 100,000 times by it. */
const FULL = process.env['MIG_TEST_FULL'] === '1';
const numRuns = FULL ? 10_000 : 400;
const manyRuns = FULL ? 100_000 : 600;
const timeout = Math.max(60_000, manyRuns * 20);

const line = fc.oneof(
  fc.constantFrom(
    'import toml',
    'import tomli',
    'from m import a, b',
    'x = toml.load(f)',
    'x = tomli.load(f, "rb")',
  ),
  fc.constantFrom('keep()', 'f(a, b, c)', 'f(a, b, d)', 'y = [1, 2,]', 'return x', 'if a: b; c', '', '# c'),
);
const wild = fc.oneof(
  { weight: 5, arbitrary: line },
  { weight: 1, arbitrary: fc.constantFrom('(', ')', "'''", '"', 'é\\', '\f') },
);
const content = fc.array(line, { maxLength: 12 }).map((lines) => `${lines.join('\n')}\n`);
const wildContent = fc.array(wild, { maxLength: 12 }).map((lines) => lines.join('\n'));
const paths = ['a.py', 'b.py', 'pkg/c.py', 'tests/t.py', 'setup.py', 'run'];
const files = (text: fc.Arbitrary<string>): fc.Arbitrary<Files> =>
  fc.dictionary(fc.constantFrom(...paths), text, { maxKeys: 4, noNullPrototype: true });
const labels = fc.constantFrom('all' as const, 'derived' as const);
const check = (property: fc.IProperty<never> | fc.IProperty<unknown>, runs = numRuns): void => {
  fc.assert(property as fc.IProperty<unknown>, { numRuns: runs });
};

/** Any bytes that a file may hold: other encodings, marks, line ends, links and binary content too. */
const bytes = wildContent.chain((text) =>
  fc.constantFrom<string | Buffer>(
    text,
    text.replaceAll('\n', '\r\n'),
    text.replaceAll('\n', '\r'),
    `\ufeff${text}`,
    Buffer.from(text, 'latin1'),
    Buffer.from(`${text}\0`),
  ),
);
const anyFiles = fc.dictionary(fc.constantFrom(...paths, 'link.py@', 'old/c.py', 'x.html'), bytes, {
  maxKeys: 5,
  noNullPrototype: true,
});
const side = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(4)).map(([from, more]) => [from, from + more] as const),
  { maxLength: 2 },
);
const givenLabels = fc.array(
  fc
    .tuple(fc.constantFrom(...paths, 'x.html', 'nowhere.py'), side, side)
    .map(([path, before, after]) => label(path, before, after)),
  { maxLength: 4 },
);
const libraries = { source: library('toml'), target: library('tomli') };

test('any three trees get a score in [0, 1] or none, without an exception', { timeout }, () => {
  check(
    fc.property(anyFiles, anyFiles, anyFiles, fc.oneof(labels, givenLabels), (b, g, c, which) => {
      const found = score(b, g, c, which);
      patchMetrics.parse(found);
      expect(found.editF1 === null).toBe(found.status !== 'scored');
    }),
    manyRuns,
  );
});

test(
  'half a migration is made of fewer groups than there are or refused, and scored, whatever the edits',
  { timeout },
  () => {
    check(
      fc.property(files(content), files(content), fc.oneof(labels, givenLabels), (b, g, which) => {
        const [before, after] = [tree(b), tree(g)];
        const resolved = resolveLabels(which, { before, after, ...libraries });
        const half = halfCandidate(before, after, resolved.labels);
        fc.pre(half.kind === 'half');
        const { editF1 } = scorePatch({
          before,
          after,
          candidate: half.tree,
          labels: which,
          resolved,
          ...libraries,
        });
        expect(editF1).toBeGreaterThanOrEqual(0);
        expect(editF1).toBeLessThanOrEqual(1);
        expect(half.takenGroups).toBeLessThan(half.groups);
      }),
    );
  },
);

test(
  'mutants are neither the code before nor the ground truth, differ, and are the same ones each time',
  { timeout },
  () => {
    check(
      fc.property(anyFiles, anyFiles, fc.oneof(labels, givenLabels), (b, g, which) => {
        const [before, after] = [tree(b), tree(g)];
        const resolved = resolveLabels(which, { before, after, ...libraries });
        const mutants = hunkMutants(before, after, resolved.labels);
        const again = hunkMutants(before, after, resolved.labels);
        expect(again.map(({ name }) => name)).toEqual(mutants.map(({ name }) => name));
        expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
        const ids = mutants.map((mutant) => JSON.stringify([...mutant.tree.entries].sort()));
        expect(new Set(ids).size).toBe(mutants.length);
        const reader = new SourceReader();
        for (const mutant of mutants) {
          const { units } = compareTrees(reader, before, after, mutant.tree, resolved.labels);
          const is = (edits: readonly ('dc' | 'ac' | 'dg' | 'ag')[]): string =>
            JSON.stringify(units.map((unit) => edits.map((kind) => [...unit.edits[kind]].sort())));
          expect(is(['dc', 'ac'])).not.toBe(is(['dg', 'ag']));
        }
      }),
    );
  },
);

test('the ground truth scores 1 and an untouched tree 0', { timeout }, () => {
  check(
    fc.property(files(wildContent), files(wildContent), labels, (b, g, which) => {
      const gold = score(b, g, g, which);
      fc.pre(gold.editF1 !== null);
      expect(gold.editF1).toBe(1);
      expect(gold.changes.every(({ status }) => status === 'exact' || status === 'unevaluable')).toBe(true);
      expect(score(b, g, b, which).editF1).toBe(0);
    }),
  );
});

test('neither the order of files nor line ends matter', { timeout }, () => {
  check(
    fc.property(files(content), files(content), files(content), (b, g, c) => {
      const turned = Object.fromEntries(Object.entries(c).reverse());
      const crlf = Object.fromEntries(
        Object.entries(c).map(([path, text]) => [path, (text as string).replaceAll('\n', '\r\n')]),
      );
      expect(score(b, g, turned)).toEqual(score(b, g, c));
      expect(score(b, g, crlf).editF1).toBe(score(b, g, c).editF1);
    }),
  );
});

test('comments, blank lines, blanks, quotes and the order of lines cost nothing', { timeout }, () => {
  const lines = fc.array(
    line.filter((text) => /^\w/.test(text) && !/[:;]/.test(text)),
    { maxLength: 12 },
  );
  check(
    fc.property(lines, lines, lines, fc.infiniteStream(fc.nat(5)), (b, g, c, noise) => {
      const at = (): number => noise.next().value as number;
      const noisy = [...c]
        .sort(() => at() - 2.5)
        .map((text) => {
          const other = [
            text,
            `${text}  # c`,
            text.replaceAll(', ', ' ,  '),
            `\n# c\n${text}`,
            text.replaceAll('"', "'"),
          ];
          return other[at()] ?? `${text}\\\n`;
        });
      const of = (list: readonly string[]): Files => ({ 'a.py': `${list.join('\n')}\n` });
      expect(score(of(b), of(g), of(noisy)).editF1).toBe(score(of(b), of(g), of(c)).editF1);
    }),
  );
});

test('a wiped or deleted file earns nothing where lines are to be added', { timeout }, () => {
  check(
    fc.property(content, content, labels, fc.boolean(), (b, g, which, wiped) => {
      const found = score({ 'a.py': b }, { 'a.py': g }, wiped ? { 'a.py': '' } : {}, which);
      fc.pre(found.recallAdd !== null);
      expect(found.editF1).toBe(0);
    }),
  );
});

test('a new file that resembles no removed one never raises the score', { timeout }, () => {
  check(
    fc.property(files(content), files(content), files(content), content, (b, g, c, own) => {
      const plain = score(b, g, c).editF1;
      fc.pre(plain !== null);
      const text = own.replaceAll(/^(?=.)/gm, 'own.');
      expect(score(b, g, { ...c, 'own.py': text }).editF1!).toBeLessThanOrEqual(plain + 1e-12);
    }),
  );
});

test("undoing one of the ground truth's own edits never raises the score", { timeout }, () => {
  const lines = fc.array(
    line.filter((text) => /^\w/.test(text) && !text.includes(';')),
    { maxLength: 12 },
  );
  check(
    fc.property(
      lines,
      lines,
      fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
      fc.nat(),
      (b, g, keep, pick) => {
        // Every edit by itself, as multisets: a deletion or an addition that a candidate makes or leaves.
        const rest = [...g];
        const deletions = b.filter((text) => {
          const at = rest.indexOf(text);
          if (at !== -1) rest.splice(at, 1);
          return at === -1;
        });
        const edits = [
          ...deletions.map((text) => ({ text, kind: 'delete' })),
          ...rest.map((text) => ({ text, kind: 'add' })),
        ];
        const make = (chosen: typeof edits): Files => {
          const now = [...b];
          for (const { text, kind } of chosen) {
            if (kind === 'add') now.push(text);
            else now.splice(now.indexOf(text), 1);
          }
          return { 'a.py': now.join('\n') };
        };
        const chosen = edits.filter((_, index) => keep[index]);
        fc.pre(chosen.length > 0);
        const fewer = chosen.filter((_, index) => index !== pick % chosen.length);
        const [before, after] = [{ 'a.py': b.join('\n') }, { 'a.py': g.join('\n') }];
        const [more, less] = [
          score(before, after, make(chosen)).editF1!,
          score(before, after, make(fewer)).editF1!,
        ];
        expect(less).toBeLessThanOrEqual(more + 1e-12);
      },
    ),
  );
});

test('an edit where neither side has touched anything never raises the score', { timeout }, () => {
  check(
    fc.property(files(content), files(content), files(content), content, content, (b, g, c, old, now) => {
      const plain = score({ ...b, 'own.py': old }, { ...g, 'own.py': old }, { ...c, 'own.py': old }).editF1;
      fc.pre(plain !== null);
      const edited = score({ ...b, 'own.py': old }, { ...g, 'own.py': old }, { ...c, 'own.py': now }).editF1!;
      expect(edited).toBeLessThanOrEqual(plain + 1e-12);
    }),
  );
});

const tokens = fc.array(fc.nat(6), { maxLength: 90 }).map((list) => Int32Array.from(list));

test('the bit-parallel LCS is the LCS, and its bound is above it', () => {
  check(
    fc.property(tokens, tokens, (a, b) => {
      let row: number[] = Array.from({ length: b.length + 1 }, () => 0);
      for (const left of a) {
        const next = [0];
        b.forEach((right, j) => next.push(left === right ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)));
        row = next;
      }
      const lcs = new LineLcs(a);
      expect(lcs.length(b)).toBe(row.at(-1));
      expect(lcs.upperBound(b)).toBeGreaterThanOrEqual(row.at(-1)!);
      const spread = lcs.spread(new Int32Array(8));
      if (spread !== null) expect(lcs.lengthBy(spread, b)).toBe(row.at(-1));
    }),
  );
});

test('long lines are matched as short ones are', () => {
  const long = (word: string): string => Array.from({ length: 2500 }, (_, n) => `${word}${n % 7}`).join('\0');
  const wanted = new Map([
    [`a\0${long('x')}`, 1],
    [`b\0${long('x')}`, 1],
  ]);
  const found = new Map([
    [`b\0${long('x')}\0c`, 1],
    [`a\0${long('x')}\0c`, 1],
  ]);
  expect(
    matchLines(wanted, wanted, found).map((match) => [match.wanted[0], match.found[0], match.likeness]),
  ).toEqual([
    ['a', 'a', 5002 / 5003],
    ['b', 'b', 5002 / 5003],
  ]);
});

test('changed runs leave equal lines alone and cover the rest', () => {
  check(
    fc.property(fc.array(line), fc.array(line), (a, b) => {
      const rebuilt = [...a];
      for (const run of changedRuns(a, b).reverse()) {
        rebuilt.splice(run.aFrom, run.aTo - run.aFrom, ...b.slice(run.bFrom, run.bTo));
      }
      expect(rebuilt).toEqual(b);
    }),
  );
});
