import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deriveLabels, labelEveryChange } from '../../src/scoring/derive-labels.ts';
import { hunkMutants, type HunkMutant } from '../../src/scoring/hunk-mutants.ts';
import { SourceReader } from '../../src/scoring/source-reader.ts';
import type { TreeView } from '../../src/scoring/tree-view.ts';
import { compareTrees } from '../../src/scoring/units.ts';
import { label, library, tree, type Files } from './trees.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'hunk-mutants-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function derived(before: Files, after: Files, source = 'toml', target = 'tomli'): readonly HunkMutant[] {
  const [b, g] = [tree(before), tree(after)];
  return hunkMutants(
    b,
    g,
    deriveLabels({ before: b, after: g, source: library(source), target: library(target) }),
  );
}

function allChanged(before: Files, after: Files): readonly HunkMutant[] {
  const [b, g] = [tree(before), tree(after)];
  return hunkMutants(b, g, labelEveryChange(b, g));
}

const text = (mutant: HunkMutant | undefined, file = 'a.py'): string =>
  Buffer.from(mutant!.tree.read(file)).toString('utf8');
const names = (mutants: readonly HunkMutant[]): string[] =>
  mutants.map(({ kind, name }) => `${kind} ${name}`);

/** What Python prints for a command in a folder with the files; libraries are modules beside them. */
function python(view: TreeView, command: string): string {
  const folder = mkdtempSync(path.join(scratch, 'tree-'));
  for (const file of view.entries.keys()) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), view.read(file));
  }
  const run = spawnSync('python3', ['-B', '-c', command], { cwd: folder, encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : (run.stderr.trim().split('\n').at(-1) ?? '');
}

const uses = (name: string): string =>
  `"""Docs."""\nimport ${name}\n\ndef one(s):\n    return ${name}.loads(s)\n\ndef two(s):\n    return ${name}.dumps(s)\n`;

describe('statements', () => {
  test('each is taken back alone, beside the imports of the ground truth, and fails when it is reached', () => {
    const before = { 'a.py': uses('toml') };
    const after = { 'a.py': uses('tomli'), 'tomli.py': 'loads = dumps = repr\n' };
    const found = derived(before, after);
    expect(names(found)).toEqual(['code a.py:5:5', 'code a.py:8:8']);
    expect(found.map(({ hunks }) => hunks)).toEqual([
      [{ path: 'a.py', before: [5, 5], after: [5, 5] }],
      [{ path: 'a.py', before: [8, 8], after: [8, 8] }],
    ]);
    expect(text(found[1])).toBe(
      '"""Docs."""\ntry:\n    import toml\nexcept ImportError:\n    pass\nimport tomli\n\ndef one(s):\n' +
        '    return tomli.loads(s)\n\ndef two(s):\n    return toml.dumps(s)\n',
    );
    expect(python(found[1]!.tree, 'import a; print(a.one(1))')).toBe('1');
    expect(python(found[1]!.tree, 'import a; print(a.two(1))')).toContain(
      "NameError: name 'toml' is not defined",
    );
  });

  test('in an upgrade the old statement does what it does, with what only it imports', () => {
    const before = { 'a.py': 'import os.path as p\nimport json\n\ndef f():\n    return p.join("a", "b")\n' };
    const after = { 'a.py': 'import json\n\ndef f():\n    return json.dumps("a")\n' };
    const [mutant, ...others] = allChanged(before, after);
    expect(others).toEqual([]);
    expect(text(mutant)).toContain(
      'try:\n    import os.path as p\nexcept ImportError:\n    pass\nimport json\n',
    );
    expect(python(mutant!.tree, 'import a; print(a.f())')).toBe('a/b');
  });

  test('an import in a function is a statement: it fails when the function is called', () => {
    const of = (name: string): string =>
      `def f():\n    import ${name}\n    return 1\n\ndef g():\n    return 2\nX = ${name === 'toml' ? 1 : 2}\n`;
    const found = derived({ 'a.py': of('toml') }, { 'a.py': of('tomli') });
    expect(names(found)).toEqual(['code a.py:2:2']);
    expect(python(found[0]!.tree, 'import a; print(a.g())')).toBe('2');
    expect(python(found[0]!.tree, 'import a; a.f()')).toBe("ModuleNotFoundError: No module named 'toml'");
  });

  test('a hunk with imports and statements gives back the statements alone', () => {
    const of = (name: string): string => `import ${name}\nX = ${name}.loads("")\n\ndef f():\n    return X\n`;
    const found = derived({ 'a.py': of('toml') }, { 'a.py': of('tomli') });
    expect(text(found[0])).toBe(
      'try:\n    import toml\nexcept ImportError:\n    pass\nimport tomli\nX = toml.loads("")\n\ndef f():\n    return X\n',
    );
  });

  test('a guarded import of the ground truth stays whole', () => {
    const guarded = 'try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n';
    const found = derived(
      { 'a.py': 'import toml\nX = toml.loads("")\n' },
      { 'a.py': `${guarded}X = tomllib.loads("")\n` },
      'toml',
      'tomllib',
    );
    expect(text(found[0])).toContain(`${guarded}X = toml.loads("")\n`);
  });

  test('where one alone no longer fits, the smallest set that does is taken back, and appears once', () => {
    const of = (first: string, second: string, last: string): string =>
      `${first}\n    keep()\n${second}\n    no()\nmore()\n${last}\n`;
    const before = { 'a.py': of('try:', 'except ValueError:', 'x = 1') };
    const after = { 'a.py': of('if ready():', 'else:', 'x = 2') };
    const found = allChanged(before, after);
    expect(names(found)).toEqual(['code a.py:1:1+3:3', 'code a.py:6:6']);
    expect(text(found[0])).toBe(of('try:', 'except ValueError:', 'x = 2'));
  });

  test('an unclosed bracket is closed by taking back the group that holds it', () => {
    const before = { 'a.py': 'x = 1\ny = 2\nz = 3\n' };
    const after = { 'a.py': 'x = (1,\ny.z\n)\nz = 4\n' };
    for (const mutant of allChanged(before, after))
      expect(python(mutant.tree, 'compile(open("a.py").read(), "a", "exec"); print("ok")')).toBe('ok');
  });
});

describe('imports', () => {
  const calls = 'def f(s):\n    return load(s)\n';

  test('a file that changes imports alone fails where their names are used, not where it is loaded', () => {
    const before = { 'a.py': `from toml import (\n    dump,\n    load,\n)\n${calls}` };
    const after = { 'a.py': `from tomli import dump, load\n${calls}` };
    const found = derived(before, after);
    expect(names(found)).toEqual(['import a.py:1-4:1']);
    expect(text(found[0])).toBe(
      `try:\n    from toml import (\n        dump,\n        load,\n    )\nexcept ImportError:\n    pass\n${calls}`,
    );
    expect(python(found[0]!.tree, 'import a; print(2)')).toBe('2');
    expect(python(found[0]!.tree, 'import a; a.f(1)')).toContain("NameError: name 'load' is not defined");
  });

  test('imports and statements that use them are not counted twice, other uses are', () => {
    const of = (name: string, more: string): string =>
      `from ${name} import load\n\ndef f(s):\n    return load(s, "${name}")\n${more}`;
    const both = (more: string): string[] =>
      names(derived({ 'a.py': of('toml', more) }, { 'a.py': of('tomli', more) }));
    expect(both('')).toEqual(['code a.py:4:4']);
    expect(both('\ndef g(s):\n    return load(s)\n')).toEqual(['code a.py:4:4', 'import a.py:1:1']);
  });

  test('imports for other modules come back as they were', () => {
    const found = derived(
      { 'a.py': 'import os\nfrom toml import load\n' },
      { 'a.py': 'import os\nfrom tomli import load\n' },
    );
    expect(names(found)).toEqual([]);
    const more = derived(
      { 'a.py': 'from toml import load\n', 'b.py': 'from a import load\nload(1)\n' },
      { 'a.py': 'from tomli import load\n', 'b.py': 'from a import load\nload(2)\n' },
    );
    expect(names(more)).toEqual(['import a.py:1:1', 'code b.py:2:2']);
    expect(text(more[0])).toBe('from toml import load\n');
  });

  test('an import that only goes away leaves nothing to take back', () => {
    const before = {
      'a.py': 'try:\n    import toml\nexcept ImportError:\n    toml = None\nimport tomli\ntomli.x()\n',
    };
    expect(derived(before, { 'a.py': 'import tomli\ntomli.x()\n' })).toEqual([]);
  });
});

describe('trees', () => {
  test('a renamed file is taken back at its new path', () => {
    const rest = 'a = f(1, 2)\nb = f(2, 3)\nc = f(3, 4)\n';
    const found = derived(
      { 'old.py': `import toml\n${rest}x = toml.load(1)\n` },
      { 'new.py': `import tomli\n${rest}x = tomli.load(1)\n` },
    );
    expect(names(found)).toEqual(['code new.py:5:5']);
    expect([...found[0]!.tree.entries.keys()]).toEqual(['new.py']);
    expect(text(found[0], 'new.py')).toContain(`import tomli\n${rest}x = toml.load(1)\n`);
  });

  test('what leaves the code of B or of the ground truth is no mutant, nor is a file that the ground truth took away', () => {
    expect(allChanged({ 'a.py': 'x = 1\n' }, { 'a.py': 'x = 2\n' })).toEqual([]);
    expect(allChanged({ 'a.py': 'x = 1\n', 'b.py': 'y = 1\n' }, { 'a.py': 'x = 1\n' })).toEqual([]);
    expect(names(allChanged({ 'a.py': 'x = 1\n' }, { 'a.py': 'x = 2\n', 'b.py': 'y = 1\n' }))).toEqual([
      'code a.py:1:1',
      'code b.py::1',
    ]);
  });

  test("a file of the ground truth's own goes, if nothing of it is left", () => {
    const found = allChanged({ 'a.py': 'x = 1\n' }, { 'a.py': 'x = 2\n', 'b.py': 'y = 1\n' });
    expect(found[1]!.tree.entries.has('b.py')).toBe(false);
  });

  test('templates are taken back by their lines', () => {
    const of = (name: string): string => `import ${name}\n{% if x %}((\nx = ${name}.load(1)\n`;
    const [b, g] = [tree({ 'a.py': of('toml') }), tree({ 'a.py': of('tomli') })];
    const found = hunkMutants(b, g, [
      label('a.py', [[1, 1]], [[1, 1]]),
      ...[label('a.py', [[3, 3]], [[3, 3]])],
    ]);
    expect(names(found)).toEqual(['code a.py:1:1', 'code a.py:3:3']);
  });

  test('a file keeps its encoding, its mode and the other files', () => {
    const latin = (name: string): Buffer =>
      Buffer.from(
        `# coding: latin-1\nimport ${name}\nx = "\u00e9"\n\ny = ${name}.load("\u00fc")\n`,
        'latin1',
      );
    const found = derived({ 'a.py': latin('toml'), 'd.md': 'd' }, { 'a.py': latin('tomli'), 'd.md': 'd' });
    expect(found).toHaveLength(1);
    expect(Buffer.from(found[0]!.tree.read('a.py')).toString('latin1')).toContain('y = toml.load("\u00fc")');
    expect(found[0]!.tree.entries.get('a.py')!.mode).toBe('100644');
    expect(Buffer.from(found[0]!.tree.read('d.md')).toString()).toBe('d');
  });
});

const examples = path.join(import.meta.dirname, '../../config/benchmarks/examples');
const libraries: Readonly<Record<string, readonly [string, string]>> = {
  feedshelf: ['xml.dom.minidom', 'xml.etree.ElementTree'],
  jobcache: ['pickle', 'json'],
  logslice: ['getopt', 'argparse'],
  passmint: ['random', 'secrets'],
  wordtally: ['optparse', 'argparse'],
};

function folder(name: string): TreeView {
  const root = path.join(examples, name);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return tree(
    Object.fromEntries(
      files.map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(root, file).replaceAll(path.sep, '/'), readFileSync(file)];
      }),
    ),
  );
}

describe.each(Object.entries(libraries))('%s', (name, [source, target]) => {
  const [before, after] = [folder(`${name}/before`), folder(`${name}/after`)];
  const labels = deriveLabels({ before, after, source: library(source), target: library(target) });
  const found = hunkMutants(before, after, labels);

  test('has mutants, all different, the same ones each time', () => {
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((mutant) => mutant.name)).size).toBe(found.length);
    expect(names(hunkMutants(before, after, labels))).toEqual(names(found));
    const ids = found.map(({ tree: { entries } }) => JSON.stringify([...entries]));
    expect(new Set(ids).size).toBe(found.length);
  });

  test("none has B's or the ground truth's code, and Python compiles each", () => {
    const reader = new SourceReader();
    const isSame = (known: TreeView, mutant: TreeView): boolean =>
      compareTrees(reader, known, after, mutant, []).units.every(
        ({ edits }) => edits.dc.size + edits.ac.size === 0,
      );
    for (const mutant of found)
      expect([isSame(before, mutant.tree), isSame(after, mutant.tree)]).toEqual([false, false]);
    const files = found.flatMap(({ tree: view, hunks }) =>
      [...new Set(hunks.map((hunk) => hunk.path))]
        .filter((file) => view.entries.has(file))
        .map((file) => Buffer.from(view.read(file)).toString('utf8')),
    );
    const command = 'import json, sys\nfor text in json.load(sys.stdin): compile(text, "mutant", "exec")';
    const run = spawnSync('python3', ['-c', command], { input: JSON.stringify(files) });
    expect(run.stderr.toString()).toBe('');
  });
});
