import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { lsTree, readBlobs } from '../workspace/git.ts';
import type { SyntaxFacts } from './choose-interpreter.ts';
import { declaredPython, type DeclaredPython } from './declared-python.ts';
import { generatedModules, hasOwnExtensions, type GeneratedModule } from './generated.ts';
import type { Interpreter } from './interpreters.ts';
import type { ManifestFacts } from './manifests/facts.ts';
import { isDeclaring, readTree } from './manifests/read.ts';
import { hasOwnMetadata } from './metadata.ts';
import { readSources } from './read-sources.ts';
import {
  importPath,
  isTestPath,
  projectRoot,
  selectTests,
  testedRoot,
  type TestSelection,
} from './selection.ts';

/** Everything that the two trees say about their environment; nothing of them was run. */
export interface Survey {
  readonly root: string;
  readonly before: ManifestFacts;
  readonly after: ManifestFacts;
  readonly declared: DeclaredPython;
  readonly syntax: SyntaxFacts;
  readonly pythonpath: readonly string[];
  readonly ownMetadata: boolean;
  /** Version modules that the tree before imports and lacks. */
  readonly generated: readonly GeneratedModule[];
  /** The tree before is built with extensions of its own, which are not built here. */
  readonly ownExtensions: boolean;
  readonly tests: TestSelection;
  /** Modules that test files of either tree import or name in texts. */
  readonly testNames: ReadonlySet<string>;
  /** Top-level modules that any file of the tree before imports. */
  readonly imported: ReadonlySet<string>;
  readonly files: readonly string[];
}

const MOST_SOURCES = 1500;
const MOST_BYTES = 400_000;
/** What tests do not run, and is often left in an older Python. */
const BESIDE = /(^|\/)(docs?|demos?|examples?|samples?|scripts?|vendor|third_party)\//i;
const PYTHON2_MODULES = [
  'urllib2',
  'ConfigParser',
  'StringIO',
  'cStringIO',
  'httplib',
  'urlparse',
  'Queue',
  '__builtin__',
];

interface Tree {
  readonly paths: ReadonlySet<string>;
  readonly declaring: ReadonlyMap<string, string>;
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads manifests, CI files and Python sources of both trees out of git. */
export async function surveyTrees(
  repo: string,
  trees: { readonly before: string; readonly after: string },
  migration: Migration,
  interpreters: readonly Interpreter[],
): Promise<Result<Survey, Failure>> {
  const before = await readTreeFiles(repo, trees.before);
  if (!before.ok) return before;
  const after = await readTreeFiles(repo, trees.after);
  if (!after.ok) return after;
  const labelled = typeof migration.labels === 'string' ? [] : migration.labels.map((file) => file.path);
  const product = labelled.filter((file) => !isTestPath(file) && before.value.paths.has(file));
  const tested = withTests(before.value.sources);
  const root = testedRoot(projectRoot(product, before.value.paths), before.value.paths, tested);
  const setupsOf = (tree: Tree): Map<string, string> =>
    new Map([...tree.declaring].filter(([file]) => path.posix.basename(file) === 'setup.py'));
  const factsBefore = await readSources(interpreters, setupsOf(before.value), before.value.sources);
  const changed = new Map(
    [...after.value.sources].filter(
      ([file, text]) => isTestPath(file) && before.value.sources.get(file) !== text,
    ),
  );
  const factsAfter = await readSources(interpreters, setupsOf(after.value), changed);
  const asksBefore = readTree(before.value.declaring, factsBefore.setups, root);
  const asksAfter = readTree(after.value.declaring, factsAfter.setups, root);
  const python2 = new Set(factsBefore.python2);
  const counted = [...before.value.sources.keys()].filter((file) => !BESIDE.test(file));
  const modules = new Set(
    [...factsBefore.imports]
      .filter(([file]) => path.posix.basename(file) !== 'setup.py')
      .flatMap(([, names]) => names.map((name) => name.split('.')[0] ?? name)),
  );
  const guarded = modules.has('six') || modules.has('future') || modules.has('urllib.request');
  const pythonpath = migration.pythonpath ?? importPath(root, before.value.paths);
  return ok({
    root,
    before: asksBefore.facts,
    after: asksAfter.facts,
    declared: declaredPython(before.value.declaring, {
      classifiers: asksBefore.facts.classifiers,
      ranges: asksBefore.facts.pythonRanges,
      exact: asksBefore.facts.exactPython,
    }),
    syntax: {
      labelledPython2: labelled.some((file) => python2.has(file)),
      sharePython2:
        counted.length === 0 ? 0 : counted.filter((file) => python2.has(file)).length / counted.length,
      python2Modules: !guarded && PYTHON2_MODULES.some((name) => modules.has(name)),
    },
    pythonpath,
    ownMetadata: hasOwnMetadata([...before.value.paths], pythonpath),
    generated: generatedModules(before.value.paths, before.value.declaring, before.value.sources, pythonpath),
    ownExtensions: hasOwnExtensions(before.value.declaring, root),
    tests: selectTests(root, before.value.declaring, [...before.value.paths], tested),
    testNames: namesInTests([before.value.sources, changed], [factsBefore.imports, factsAfter.imports]),
    imported: modules,
    files: asksBefore.files,
  });
}

async function readTreeFiles(repo: string, tree: string): Promise<Result<Tree, Failure>> {
  const listed = await lsTree(repo, tree);
  if (!listed.ok) return listed;
  const files = listed.value.filter((entry) => entry.type === 'blob' && entry.mode !== '120000');
  const small = files.filter((entry) => entry.size <= MOST_BYTES);
  const declaring = small.filter((entry) => isDeclaring(entry.path));
  const sources = small.filter((entry) => entry.path.endsWith('.py')).slice(0, MOST_SOURCES);
  const blobs = await readBlobs(repo, [...new Set([...declaring, ...sources].map((entry) => entry.id))]);
  if (!blobs.ok) return blobs;
  const textOf = (entries: typeof files): Map<string, string> =>
    new Map(
      entries.flatMap(({ path: file, id }) => {
        const bytes = blobs.value.get(id);
        return bytes === undefined ? [] : [[file, bytes.toString('utf8')] as const];
      }),
    );
  return ok({
    paths: new Set(files.map((entry) => entry.path)),
    declaring: textOf(declaring),
    sources: textOf(sources),
  });
}

function withTests(sources: ReadonlyMap<string, string>): Set<string> {
  const found = [...sources].filter(([, text]) => /^\s*(async\s+)?def test|TestCase\b/m.test(text));
  return new Set(found.map(([file]) => file));
}

/** Imported modules with their parents, and dotted names that stand as texts (targets of mocks, importorskip). */
function namesInTests(
  sources: readonly ReadonlyMap<string, string>[],
  imports: readonly ReadonlyMap<string, readonly string[]>[],
): Set<string> {
  const names = new Set<string>();
  const add = (dotted: string): void => {
    const parts = dotted.split('.');
    for (let count = 1; count <= parts.length; count++) names.add(parts.slice(0, count).join('.'));
  };
  for (const side of imports) {
    for (const [file, modules] of side) if (isTestPath(file)) modules.forEach(add);
  }
  for (const side of sources) {
    for (const [file, text] of side) {
      if (!isTestPath(file)) continue;
      for (const quoted of text.matchAll(/(['"])([A-Za-z_][\w.]{0,80})\1/g)) add(quoted[2] ?? '');
    }
  }
  return names;
}
