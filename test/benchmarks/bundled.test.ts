import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { shortSha } from '../../src/benchmarks/manifest-trees.ts';
import { openManifests } from '../../src/benchmarks/manifest.ts';
import { isStandardLibrary } from '../../src/benchmarks/stdlib.ts';
import type { Migration } from '../../src/model/migration.ts';
import { packageRoot } from '../../src/workspace/package-root.ts';
import { parseYaml } from '../../src/workspace/yaml.ts';

async function bundled(name: string): Promise<readonly Migration[]> {
  const dir = path.join(packageRoot(), 'config', 'benchmarks', name);
  const listed = await openManifests({ name, kind: 'manifest', dir }).list();
  if (!listed.ok) throw new Error(listed.failure.reason);
  expect(listed.value.problems).toEqual([]);
  return listed.value.migrations;
}
const examples = await bundled('examples');
const pypi = await bundled('pypi');
const generated = await bundled('generated');
const all = [...examples, ...pypi, ...generated];

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe('the bundled migrations', () => {
  it('have ids that are unique and name their files', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, entry } of all) expect(path.basename(entry.file)).toBe(`${id}.yaml`);
  });

  it('have ids whose digits are those of their trees', () => {
    for (const { entry, sha8, id } of all) {
      const parsed = parseYaml(entry.text, entry.file);
      if (!parsed.ok) throw new Error(parsed.failure.problem);
      const { before, after } = parsed.value.value as Record<'before' | 'after', { path: string }>;
      expect(sha8, id).toBe(shortSha(after, { before, after }));
    }
  });

  it('state interpreter, date and tests, so that nothing has to be looked up', () => {
    for (const { id, repo, python, date, tests, pythonpath } of all) {
      // PyCrypto, which sshpubkeys left, has no release for a newer interpreter
      expect(python, id).toBe(repo === 'sshpubkeys' ? '3.7' : '3.11');
      expect(date, id).toMatch(/^\d{4}-\d\d-\d\dT23:59:59Z$/);
      expect(tests.paths, id).not.toBeNull();
      expect(pythonpath, id).toHaveLength(1);
    }
    for (const { id, tests } of [...examples, ...pypi]) {
      expect(tests.paths?.length, id).toBeGreaterThan(0);
    }
  });
});

describe('the migrations between releases', () => {
  it('are at least thirteen, three of them upgrades', () => {
    expect(pypi.length).toBeGreaterThanOrEqual(13);
    expect(pypi.filter(({ kind }) => kind === 'upgrade').length).toBeGreaterThanOrEqual(3);
  });

  it('pin both archives by hash and both libraries by version', () => {
    for (const { id, before, after, source, target, requirements } of [...pypi, ...generated]) {
      for (const tree of [before, after]) {
        expect(tree.kind === 'sdist' && /^[0-9a-f]{64}$/.test(tree.sha256 ?? ''), id).toBe(true);
      }
      for (const { provenance, version, name } of [...source, ...target]) {
        expect(provenance === 'stdlib' ? isStandardLibrary(name) : version !== null, `${id} ${name}`).toBe(
          true,
        );
      }
      const pins = (side: 'before' | 'after'): string =>
        requirements[side].join(' ').replace(/_/g, '-').toLowerCase();
      for (const { name, version } of source) {
        if (version !== null) expect(pins('before'), id).toContain(`${name}==${version}`);
      }
      for (const { name, version } of target) {
        if (version !== null) expect(pins('after'), id).toContain(`${name}==${version}`);
      }
      expect(
        requirements.both.some((text) => /^pytest==/.test(text)),
        id,
      ).toBe(true);
    }
  });
});

describe('the migrations between releases that need generated tests', () => {
  const repos = (some: readonly Migration[]): string[] => some.map(({ repo }) => repo).sort();

  it('are six whose sources have no tests, and three whose tests do not see the migration', () => {
    const without = generated.filter(({ tests }) => tests.paths?.length === 0);
    expect(repos(without)).toEqual([
      'build',
      'pdfminer.six',
      'pyjwkest',
      'sshpubkeys',
      'translate',
      'xhtml2pdf',
    ]);
    expect(repos(generated.filter((migration) => !without.includes(migration)))).toEqual([
      'doc8',
      'requests',
      'twine',
    ]);
    expect(repos(generated.filter(({ kind }) => kind === 'upgrade'))).toEqual(['requests']);
  });

  it('have labels that are derived, and pin everything that they ask for themselves', () => {
    for (const { id, labels, requirements } of generated) {
      expect(labels, id).toBe('derived');
      for (const asked of [...requirements.both, ...requirements.before, ...requirements.after])
        expect(asked, id).toMatch(/^[\w.-]+==\d[\w.]*$/);
    }
  });
});

describe('the examples', () => {
  it('are at least four, with the standard library on both sides and no requirements', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const { id, source, target, requirements } of examples) {
      for (const { provenance } of [...source, ...target]) expect(provenance, id).toBe('stdlib');
      expect([...requirements.both, ...requirements.before, ...requirements.after], id).toEqual([]);
    }
  });

  it.each(examples.map((migration) => [migration.repo, migration] as const))(
    '%s holds two trees with tests, and uses its old library before and its new one after',
    (_, { before, after, source, target }) => {
      if (before.kind !== 'path' || after.kind !== 'path') throw new Error('not folders');
      for (const { dir } of [before, after]) {
        expect(existsSync(path.join(dir, 'README.md'))).toBe(true);
        const tests = filesBelow(dir).filter((file) => /^tests\/test_\w+\.py$/.test(file));
        const count = tests.flatMap(
          (file) => readFileSync(path.join(dir, file), 'utf8').match(/^def test_/gm) ?? [],
        ).length;
        expect(count).toBeGreaterThanOrEqual(20);
      }
      const code = (dir: string): string =>
        filesBelow(dir)
          .filter((file) => file.endsWith('.py') && !file.startsWith('tests/'))
          .map((file) => readFileSync(path.join(dir, file), 'utf8'))
          .join('\n');
      expect(imports(code(before.dir), source[0].importNames[0] ?? '')).toBe(true);
      expect(imports(code(before.dir), target[0].importNames[0] ?? '')).toBe(false);
      expect(imports(code(after.dir), source[0].importNames[0] ?? '')).toBe(false);
      expect(imports(code(after.dir), target[0].importNames[0] ?? '')).toBe(true);
    },
  );

  it('hold nothing that a tool left behind', () => {
    const dir = path.join(packageRoot(), 'config', 'benchmarks', 'examples');
    for (const file of filesBelow(dir)) {
      expect(file).not.toMatch(/__pycache__|\.pyc$|\.pytest_cache|\.egg-info/);
      expect(statSync(path.join(dir, file)).size).toBeLessThan(20_000);
    }
  });

  it('include one that changes several files, one whose tests mock the old library, one with later tests of its own', () => {
    const changed = (migration: Migration): string[] => {
      const { before, after } = migration;
      if (before.kind !== 'path' || after.kind !== 'path') return [];
      return filesBelow(after.dir).filter((file) => {
        const old = path.join(before.dir, file);
        return !existsSync(old) || !readFileSync(old).equals(readFileSync(path.join(after.dir, file)));
      });
    };
    const product = (migration: Migration): string[] =>
      changed(migration).filter((file) => !file.startsWith('tests/'));
    expect(examples.some((migration) => product(migration).length >= 3)).toBe(true);
    expect(
      examples.some(({ before, source }) => {
        if (before.kind !== 'path') return false;
        return filesBelow(before.dir)
          .filter((file) => file.startsWith('tests/'))
          .some((file) =>
            new RegExp(`mock\\.patch\\("\\w+\\.\\w+\\.${source[0].name}\\.`).test(
              readFileSync(path.join(before.dir, file), 'utf8'),
            ),
          );
      }),
    ).toBe(true);
    expect(
      examples.some(({ before, after }) => {
        if (before.kind !== 'path' || after.kind !== 'path') return false;
        return filesBelow(after.dir).some(
          (file) => file.startsWith('tests/') && !existsSync(path.join(before.dir, file)),
        );
      }),
    ).toBe(true);
  });
});

/** Whether Python code imports a module, dotted or not. */
function imports(code: string, module: string): boolean {
  const dot = module.lastIndexOf('.');
  const name = module.replaceAll('.', '\\.');
  const split =
    dot < 0 ? '' : `|from ${module.slice(0, dot).replaceAll('.', '\\.')} import ${module.slice(dot + 1)}\\b`;
  return new RegExp(`^\\s*(?:import ${name}\\b|from ${name} import\\b${split})`, 'm').test(code);
}
