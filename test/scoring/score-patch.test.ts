import { expect, test } from 'vitest';
import { patchMetrics } from '../../src/scoring/patch-score.ts';
import { SourceReader } from '../../src/scoring/source-reader.ts';
import { scorePatch } from '../../src/scoring/score-patch.ts';
import { withTexts } from '../../src/scoring/text-tree.ts';
import { label, library, score, tree } from './trees.ts';

const B = { 'a.py': 'import toml\n\nx = toml.load("f")\nkeep()\n' };
const G = { 'a.py': 'import tomli\n\nx = tomli.load(open("f", "rb"))\nkeep()\n' };
const text = (lines: string): { 'a.py': string } => ({ 'a.py': lines });

test('gold is 1, no-op is 0, and the result fits its schema', () => {
  expect(score(B, G, G)).toMatchObject({ editF1: 1, recall: 1, precision: 1, status: 'scored' });
  expect(score(B, G, B)).toMatchObject({ editF1: 0, precision: 0, recallAdd: 0, recallDel: 0 });
  expect(patchMetrics.parse(score(B, G, B))).toBeTruthy();
});

test.each([
  ['line ends', G['a.py'].replaceAll('\n', '\r\n')],
  ['old line ends', G['a.py'].replaceAll('\n', '\r')],
  ['comments and blank lines', `# c\n\n${G['a.py'].replace('\n\n', ' # d\n\n\n')}`],
  ['quotes and spaces', G['a.py'].replaceAll('"', "'").replace('(', '( ')],
  ['no line end at the end', G['a.py'].trimEnd()],
  ['the order of lines', 'keep()\nx = tomli.load(open("f", "rb"))\nimport tomli\n'],
])('%s cost nothing', (_, candidate) => {
  expect(score(B, G, text(candidate)).editF1).toBe(1);
});

test('parts are counted by hand', () => {
  // Am = `import tomli` (2) + the load line (13 tokens); the candidate has the first and 11 of 14 + 10.
  const half = score(B, G, text('import tomli\n\nx = toml.load("f")\nkeep()\n'));
  expect(half.recallAdd).toBeCloseTo(2 / 15, 12);
  expect(half.recallDel).toBeCloseTo(2 / 10, 12);
  expect(half.recall).toBeCloseTo(Math.sqrt((2 / 15) * (2 / 10)), 12);
  expect(half.precision).toBe(1);
});

test('an unrelated new function costs its own weight and never raises the score', () => {
  const more = score(B, G, text(`${G['a.py']}def f(a):\n    return a\n`));
  expect(more.recall).toBe(1);
  expect(more.precision).toBeCloseTo(25 / (25 + 8), 12);
});

test('a wiped or deleted file earns nothing where lines are to be added', () => {
  expect(score(B, G, text('')).editF1).toBe(0);
  expect(score(B, G, {}).editF1).toBe(0);
});

test('a broken file earns nothing, and says so', () => {
  const broken = score(B, G, text(`${G['a.py']}f(\n`));
  expect(broken.editF1).toBe(0);
  expect(broken.flags.syntax).toBe(true);
  expect(broken.syntax).toEqual([{ path: 'a.py', line: 5, problem: 'bracket never closed' }]);
});

test('where the tree before does not lex all three fall back to physical lines', () => {
  const open = (files: typeof B) => text(`${files['a.py']}'''\n`);
  expect(score(open(B), open(G), open(G)).editF1).toBe(1);
  expect(score(open(B), G, open(G)).editF1).toBeLessThan(1);
  expect(score(open(B), open(G), open(G)).flags.syntax).toBe(false);
});

test('labels pool: recall is over all labelled lines together', () => {
  const labels = [label('a.py', [[1, 1]], [[1, 1]]), label('a.py', [[3, 3]], [[3, 3]])];
  const imports = score(B, G, text(B['a.py'].replace('import toml', 'import tomli')), labels);
  expect(imports.recallAdd).toBeCloseTo(2 / 15, 12);
  expect(imports.changes.map(({ status }) => status)).toEqual(['exact', 'missing']);
});

test('a renamed file is one unit with its old path, and old lines of its label belong to it', () => {
  const common = 'a = 1\nb = 2\nc = f(1, 2)\n';
  const [before, after] = [{ 'old.py': `${B['a.py']}${common}` }, { 'new.py': `${G['a.py']}${common}` }];
  const labels = [label('new.py', [[1, 1]], [[1, 1]])];
  const stayed = score(before, after, { 'old.py': after['new.py'] }, labels);
  expect(stayed).toMatchObject({ editF1: 1, recallDel: 1 });
  const different = { 'new.py': 'print(1)\n' };
  expect(score(before, different, before, [label('new.py', [[1, 1]], [[1, 1]])]).recallDel).toBeNull();
});

test("a candidate's renamed file falls back where the ground truth's does not lex", () => {
  const common = 'a = 1\nb = 2\nc = f(1, 2)\n';
  const before = text(`${B['a.py']}${common}`);
  const after = text(`${G['a.py']}${common}g(\n`);
  const labels = [label('a.py', [[1, 3]], [[1, 3]])];
  expect(score(before, after, { 'moved.py': after['a.py'] }, labels)).toMatchObject({ editF1: 1, recall: 1 });
  const lexing = text(`${G['a.py']}${common}`);
  expect(score(before, lexing, { 'moved.py': after['a.py'] }, labels).editF1).toBe(0);
});

test('manifests and tests count only where labels say', () => {
  const before = { ...B, 'setup.py': 'x = 1\n', 'tests/b.py': 'import toml\n' };
  const after = { ...G, 'setup.py': 'x = 2\n', 'tests/b.py': 'import tomli\n' };
  const none = score(before, after, { ...before, ...G }, [label('a.py', [[1, 3]], [[1, 3]])]);
  expect(none.editF1).toBe(1);
  const both = score(before, after, { ...before, ...G }, [
    label('a.py', [[1, 3]], [[1, 3]]),
    label('tests/b.py', [[1, 1]], [[1, 1]]),
    label('setup.py', [[1, 1]], [[1, 1]]),
  ]);
  expect(both.changes.map(({ status, why }) => [status, why])).toEqual([
    ['exact', null],
    ['unevaluable', 'test'],
    ['missing', null],
  ]);
  const tests = score(before, after, before, [label('tests/b.py', [[1, 1]], [[1, 1]])]);
  expect(tests).toMatchObject({ editF1: 0, labels: { testsMigrated: true, dropped: 0 } });
});

test('equal lines match first, labelled ones before others; then the likest', () => {
  const before = { 'a.py': '' };
  const after = { 'a.py': 'f(a, b, c)\nf(a, b, d)\n' };
  const labels = [label('a.py', [], [[1, 1]])];
  expect(score(before, after, text('f(a, b, d)\n'), labels).recallAdd).toBe(0);
  expect(score(before, after, text('f(a, b, d)\nf(a, b, x)\n'), labels).recallAdd).toBeCloseTo(14 / 16, 12);
});

test('the statuses of a label', () => {
  const labels = [label('a.py', [[3, 3]], [[3, 3]], { targetApis: ['tomli.load', 'open'] })];
  const status = (line: string) =>
    score(B, G, text(`import toml\n\n${line}\nkeep()\n`), labels).changes[0]!.status;
  expect(status('x = tomli.load(open("f", "rb"))')).toBe('exact');
  expect(status('x = tomli.load(open("f", mode="rb"))')).toBe('api');
  expect(status('x = tomli.loads(open("f", "rb"))')).toBe('partial');
  expect(status('x = toml.load("f")')).toBe('missing');
});

test('a label that only adds, without target APIs, is missing where nothing was done', () => {
  const labels = [label('a.py', [], [[3, 3]])];
  expect(score({ 'a.py': '' }, G, { 'a.py': '' }, labels).changes[0]!.status).toBe('missing');
});

test('flags', () => {
  expect(score(B, G, text(B['a.py'].replace('import toml', 'import tomli as toml'))).flags.aliased).toBe(
    true,
  );
  expect(score(B, G, G).flags).toMatchObject({
    aliased: false,
    small: false,
    one_sided: false,
    vacuous: false,
  });
  expect(score(B, G, G, [label('a.py', [], [[1, 1]])]).flags).toMatchObject({ small: true, one_sided: true });
  const dead = `if False:\n    pass\n${G['a.py']}`;
  expect(score(B, G, text(dead)).flags.vacuous).toBe(true);
  expect(score(B, G, text(`if a:\npass\n`)).syntax[0]!.problem).toBe('expected an indented block');
});

const inner = '    import tomli\n    x = tomli.load(open("f", "rb"))\n';
test.each([
  ['under a condition that never holds', `keep()\nif not (True):\n${inner}`, true],
  ['in the other branch of one that always does', `if True:\n    keep()\nelse:\n${inner}`, true],
  ['after what leaves the block', `def f():\n    return keep()\n${inner}`, true],
  ['below a branch that is left', `def f():\n    if a:\n        return\n${inner}`, false],
  ['under a condition that may hold', `keep()\nif not a:\n${inner}`, false],
  ['in the first branch', `if True:\n${inner}else:\n    keep()\n`, false],
])("vacuous: the ground truth's lines %s", (_, candidate, vacuous) => {
  expect(score(B, G, text(candidate)).flags.vacuous).toBe(vacuous);
});

test('what the ground truth itself never reaches is not vacuous', () => {
  const dead = text(`def f():\n    return keep()\n${inner}`);
  expect(score(B, dead, dead).flags.vacuous).toBe(false);
});

test('no score where nothing differs', () => {
  expect(score(B, B, B)).toMatchObject({
    status: 'not_applicable',
    editF1: null,
    why: 'identical by design',
  });
  expect(score(B, G, B, [label('a.py', [[4, 4]], [])])).toMatchObject({
    status: 'unscored',
    why: 'no labelled line differs',
  });
  expect(score({ 'a.py': 'a\n' }, { 'a.py': 'b\n' }, {}, 'derived')).toMatchObject({
    status: 'unscored',
    why: 'nothing derivable',
  });
});

test('trees whose labelled tests differ are not identical by design', () => {
  const [before, after] = [{ 'tests/a.py': 'a\nb\n' }, { 'tests/a.py': 'a\nc\n' }];
  expect(score(before, after, before, [label('tests/a.py', [[1, 1]], [])])).toMatchObject({
    status: 'unscored',
    why: 'no labelled line differs',
  });
});

test('what stands beside the score', () => {
  const before = { ...B, 'requirements.txt': 'toml==1\n', 'doc.md': 'a\n', 'other.py': 'a\n' };
  const after = { ...before, ...G, 'requirements.txt': 'tomli>=2\n' };
  const found = score(before, after, {
    ...before,
    'doc.md': 'b\n',
    'other.py': 'b\n',
    'test_x.py': 'import toml\n',
  });
  expect(found.scope).toEqual({
    tests: ['test_x.py'],
    manifests: [],
    other: ['doc.md'],
    beyond: ['other.py'],
  });
  expect(found.residualA).toMatchObject({ count: 2 });
  expect(found.manifest).toEqual([
    {
      path: 'requirements.txt',
      source: { before: true, after: false, candidate: true },
      target: { before: false, after: true, candidate: false },
    },
  ]);
  expect(found).toMatchObject({ locPrecision: 0, locRecall: 0, churn: { files: 3, added: 3, deleted: 2 } });
});

test('links and binary files are not read, and files alike are never read', () => {
  const read: string[] = [];
  const files = { ...B, 'same.py': 'import toml\n', 'link.py@': 'a.py', 'bin.py': Buffer.from([0, 1]) };
  const view = (more: object) => tree({ ...files, ...more }, (path) => read.push(path));
  const found = scorePatch({
    before: view({}),
    after: view(G),
    candidate: view({ ...G, 'link.py@': 'same.py', 'bin.py': Buffer.from([0, 2]) }),
    labels: 'derived',
    source: library('toml'),
    target: library('tomli'),
    reader: new SourceReader(),
  });
  expect(found.editF1).toBe(1);
  expect(new Set(read)).toEqual(new Set(['a.py', 'bin.py']));
});

test('a link whose text is given becomes a file', () => {
  const base = tree({ 'a.py': 'a\n', 'b.py@': 'a.py' });
  const onlyFiles = {
    ...base,
    read: (path: string): Uint8Array => {
      if (path !== 'a.py') throw new Error(`read ${path}`);
      return base.read(path);
    },
  };
  const made = withTexts(onlyFiles, new Map([['b.py', 'b\n']]));
  expect(new SourceReader().read(made, 'b.py')?.text).toBe('b\n');
});
