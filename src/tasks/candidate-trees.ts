import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { TestOrigin } from '../model/tests.ts';
import { weakenedTests } from '../scoring/assertions.ts';
import { imports, stillKept } from '../scoring/kept-imports.ts';
import { importRoot, rootsOfTests } from '../scoring/shadowing.ts';
import { SourceReader } from '../scoring/source-reader.ts';
import { isStandardModule } from '../scoring/standard-modules.ts';
import {
  type DroppedChange,
  inTheWay,
  takenChanges,
  type TakingRules,
  withTaken,
} from '../scoring/taken-changes.ts';
import { testFileKind, withTestsOf } from '../scoring/test-files.ts';
import { compareCodePoints, type TreeView } from '../scoring/tree-view.ts';
import { type WatchedCode, watchedCode } from '../scoring/watched-code.ts';
import { lsTree, readBlobs, treeOfFolder, type TreeEntry } from '../workspace/git.ts';
import { applyPatch } from '../workspace/patch.ts';
import { type Entries, entriesOf, exportEntries } from './composed-tree.ts';
import { type EvalSuite, GENERATED, TESTS_AFTER } from './eval-suite.ts';
import type { LaidTree } from './eval-trees.ts';
import type { ReadyRecord } from './suite-runs.ts';
import { openTrees, readWhatIsNeeded } from './tree-views.ts';

/** A candidate laid out to be judged by the tests of each origin. */
export interface Candidate {
  /** By origin; absent where the suite has no test of that origin. */
  readonly trees: Readonly<Partial<Record<TestOrigin, LaidTree>>>;
  /** Files that are called tests and are taken from the patch: what is migrated, and new ones by their name alone. */
  readonly ownTests: readonly string[];
  /** Paths of the tree before. */
  readonly before: readonly string[];
  /** Files that may import A because the ground truth does, and that import no more of it than the developers. */
  readonly kept: readonly string[];
  /** Migrated test files that assert less than the developers' do. */
  readonly weakened: readonly string[];
  readonly apply: string;
  readonly dropped: readonly DroppedChange[];
  readonly code: WatchedCode;
  /** Files of product code that still import A and of which the ground truth does not keep that. */
  readonly residual: readonly string[];
}

export interface CandidateRequest {
  readonly repo: RepoArtefact;
  readonly patch: Buffer;
  readonly environment: Pick<EnvironmentArtefact, 'dir'>;
  readonly record: ReadyRecord;
  readonly suite: EvalSuite;
  readonly suiteDir: string;
  readonly scratchDir: string;
}

/**
 * Applies the patch to the tree before and lays the result out once for each origin of tests, with that origin's
 * tests and configuration. What the patch does to tests, to what Python or pytest obeys, what runs unseen and what
 * leads out of the tree is dropped and named. A patch that cannot go on changes nothing.
 */
export async function layCandidate(given: CandidateRequest): Promise<Result<Candidate, Failure>> {
  const { repo, record, suite, scratchDir } = given;
  const git = path.join(scratchDir, 'git');
  const applied = await applyPatch(repo.dir, repo.beforeTree, given.patch, git);
  if (!applied.ok && applied.failure.reason === 'git-failed') return fail(applied.failure);
  const apply = applied.ok ? applied.value.how : applied.failure.reason;
  const patched = applied.ok ? applied : await applyPatch(repo.dir, repo.beforeTree, Buffer.alloc(0), git);
  if (!patched.ok) {
    if (patched.failure.reason === 'git-failed') return fail(patched.failure);
    throw new Error(`an empty patch is ${patched.failure.reason}`);
  }
  const { objects, tree } = patched.value;
  const testsOf = await testsByOrigin(objects, repo, suite, given.suiteDir);
  if (!testsOf.ok) return testsOf;
  const opened = await openTrees(objects, repo.beforeTree, repo.afterTree, tree);
  if (!opened.ok) return opened;
  const [before, , patchedFiles] = opened.value.listings.map(entriesOf) as [Entries, Entries, Entries];
  const links = await linksOf(objects, patchedFiles);
  if (!links.ok) return links;

  const rules: TakingRules = {
    testPaths: record.testPaths,
    migratedTests: new Set(suite.migratedTests),
    roots: rootsOf(record, before, [...testsOf.value.values()]),
    isOthers: namesOfOthers(given.environment.dir, record),
  };
  const names = record.source.flatMap(({ importNames }) => importNames);
  const sifted = await readWhatIsNeeded(opened.value, ([b, g, c]) => {
    const { taken, dropped } = takenChanges(
      b.entries,
      g.entries,
      c.entries,
      links.value,
      (file) => patchedFiles.get(file)?.size ?? 0,
      (file) => c.read(file),
      rules,
    );
    const entries = withTaken(b.entries, c.entries, taken);
    const files = new Set(taken);
    const view: TreeView = { entries, read: (file) => (files.has(file) ? c : b).read(file) };
    const reader = new SourceReader();
    const isProduct = (file: string): boolean =>
      files.has(file) || testFileKind(file, record.testPaths) === null;
    return {
      taken,
      dropped,
      code: watchedCode(b, g, view, isProduct, reader),
      weakened: weakenedTests(suite.migratedTests, view, g, reader),
      kept: stillKept(suite.kept, view, [b, g], names, reader),
      residual: residualOf(view, b, g, isProduct, names, suite.kept, reader),
    };
  });
  if (!sifted.ok) return sifted;
  const { taken, code, kept, weakened, residual } = sifted.value;
  const dropped = [...sifted.value.dropped];
  const product = withTaken(before, patchedFiles, taken);
  const named = taken.filter((file) => testFileKind(file, record.testPaths) === 'test');
  const ownTests = [...new Set([...suite.migratedTests, ...named])];

  const trees: Partial<Record<TestOrigin, LaidTree>> = {};
  for (const [origin, tests] of testsOf.value) {
    const whole = withTestsOf(product, tests, record.testPaths, new Set(ownTests));
    for (const [file, entry] of origin === 'generated' ? tests : []) whole.set(file, entry);
    const obstacles = inTheWay(whole.keys(), tests.keys());
    for (const file of obstacles) {
      whole.delete(file);
      if (!dropped.some((one) => one.path === file))
        dropped.push({ path: file, why: 'in the place of a test file' });
    }
    const dir = path.join(scratchDir, `candidate-${origin}`);
    mkdirSync(dir, { recursive: true });
    const exported = await exportEntries(objects, whole, dir);
    if (!exported.ok) return exported;
    trees[origin] = { dir, paths: [...whole.keys()] };
  }
  dropped.sort((a, b) => compareCodePoints(a.path, b.path));
  return ok({ trees, ownTests, before: [...before.keys()], kept, weakened, apply, dropped, code, residual });
}

/** The files that tests of each origin come with; the tree before has its own. */
async function testsByOrigin(
  objects: string,
  repo: RepoArtefact,
  suite: EvalSuite,
  suiteDir: string,
): Promise<Result<Map<TestOrigin, Entries>, Failure>> {
  const found = new Map<TestOrigin, Entries>();
  for (const origin of new Set(suite.tests.map((test) => test.origin))) {
    let tree = repo.beforeTree;
    if (origin !== 'developers-before') {
      const made = await treeOfFolder(
        objects,
        path.join(suiteDir, origin === 'generated' ? GENERATED : TESTS_AFTER),
      );
      if (!made.ok) return made;
      tree = made.value;
    }
    const listed = await lsTree(objects, tree);
    if (!listed.ok) return listed;
    found.set(origin, entriesOf(listed.value));
  }
  return ok(found);
}

async function linksOf(objects: string, files: Entries): Promise<Result<Map<string, string>, Failure>> {
  const links = [...files.values()].filter((entry: TreeEntry) => entry.mode === '120000');
  const targets = await readBlobs(
    objects,
    links.map(({ id }) => id),
  );
  if (!targets.ok) return targets;
  return ok(new Map(links.map(({ path: file, id }) => [file, targets.value.get(id)?.toString() ?? '/'])));
}

/** Folders in which modules of the top level are looked for while the tests run. */
function rootsOf(record: ReadyRecord, before: Entries, tests: readonly Entries[]): string[] {
  const roots = new Set(['', importRoot(record.testsCwd), ...record.pythonpath.map(importRoot)]);
  for (const files of tests) {
    const paths = new Set([...before.keys(), ...files.keys()]);
    const own = [...files.keys()].filter((file) => testFileKind(file, record.testPaths) === 'test');
    for (const root of rootsOfTests(own, paths)) roots.add(root);
  }
  return [...roots];
}

/** Names of modules that belong to the interpreter, to installed packages, to the runner, to A or B. */
function namesOfOthers(environmentDir: string, record: ReadyRecord): (name: string) => boolean {
  const installed = new Set(['pytest', '_pytest', 'py', 'pluggy', 'iniconfig', 'run_tests', 'conftest']);
  for (const folder of new Set(Object.values(record.roles)))
    for (const name of packagesOf(path.join(environmentDir, folder))) installed.add(name);
  for (const { importNames } of [...record.source, ...record.target])
    for (const name of importNames) installed.add(name.split('.', 1)[0] ?? name);
  const version = record.interpreter?.version ?? '3.11';
  return (name) => installed.has(name) || name.startsWith('mig_') || isStandardModule(name, version);
}

/** Modules of the top level that are installed in a virtual environment. */
function packagesOf(environment: string): string[] {
  const lib = path.join(environment, 'lib');
  const pythons = existsSync(lib) ? readdirSync(lib) : [];
  return pythons
    .map((name) => path.join(lib, name, 'site-packages'))
    .filter((dir) => existsSync(dir))
    .flatMap((dir) => readdirSync(dir))
    .filter((name) => !/\.(?:dist-info|egg-info|pth|egg-link)$|^__pycache__$/.test(name))
    .map((name) => name.split('.', 1)[0] ?? name);
}

/** Product code that imports A, kept neither by the ground truth nor optional there. */
function residualOf(
  candidate: TreeView,
  before: TreeView,
  after: TreeView,
  isProduct: (path: string) => boolean,
  names: readonly string[],
  kept: readonly string[],
  reader: SourceReader,
): string[] {
  const differs = (file: string): boolean =>
    [before, after].some((tree) => tree.entries.get(file)?.id !== candidate.entries.get(file)?.id);
  return [...candidate.entries.keys()]
    .filter((file) => differs(file) && isProduct(file) && !kept.includes(file))
    .filter((file) => reader.isCode(file, candidate))
    .filter((file) => {
      const source = reader.read(candidate, file);
      if (source === null) return false;
      const count = (of: typeof source): number =>
        (of.lexed.ok ? of.lexed.lines : of.fallBack).filter(({ tokens }) => imports(tokens, names)).length;
      const gold = reader.read(after, file);
      return count(source) > (gold === null ? 0 : count(gold));
    })
    .sort(compareCodePoints);
}
