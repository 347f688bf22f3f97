import { followed, type Links } from './links.ts';
import { compiledBecause, obeyedBecause } from './obeyed-files.ts';
import { type ImportRoots, shadowedName } from './shadowing.ts';
import { isProductForTesting, isTestByNameAlone, testFileKind } from './test-files.ts';
import { compareCodePoints, type TreeFile } from './tree-view.ts';

/** Files of a tree by path; ids tell contents apart. */
export type FilesByPath = ReadonlyMap<string, TreeFile>;

/** What of a patch is not run, and why (a code, worded by `report/`). */
export interface DroppedChange {
  readonly path: string;
  readonly why: string;
}

/** All that decides what is taken of a patch. */
export interface TakingRules {
  readonly testPaths: readonly string[];
  /** Test files that are what is migrated: taken whatever they are. */
  readonly migratedTests: ReadonlySet<string>;
  readonly roots: ImportRoots;
  /** Whether a module of the top level is known to belong to others. */
  readonly isOthers: (name: string) => boolean;
}

/** A file that is longer is no part of a migration. */
const LONGEST_FILE = 20 << 20;
/** New content of all files together. */
const MOST_BYTES = 128 << 20;
/** What a file system holds: bytes of one name and of a path. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;

/** What stands in a name for bytes that are no UTF-8: tools and interpreters differ in what they make of them. */
const NO_TEXT = '\uFFFD';

const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * Sifts what a patch changes: the files to run, and the changes that are not taken. Tests, what decides how they
 * run, what runs unseen, and what leads out of the tree are as in the tree before, or absent where it has none.
 *
 * @param content of files that the patch changed; null where it is not at hand
 */
export function takenChanges(
  before: FilesByPath,
  after: FilesByPath,
  candidate: FilesByPath,
  links: Links,
  sizeOf: (path: string) => number,
  content: (path: string) => Uint8Array | null,
  rules: TakingRules,
): { readonly taken: readonly string[]; readonly dropped: readonly DroppedChange[] } {
  const references = [modulePaths(before), modulePaths(after)];
  const known = [...before.keys(), ...after.keys()];
  const shadow = { ...rules, candidate: modulePaths(candidate), references };
  let newBytes = 0;
  const whyNot = (path: string): string | null => {
    const is = candidate.get(path);
    const kind = rules.migratedTests.has(path) ? null : testFileKind(path, rules.testPaths);
    if (is !== undefined) {
      if (path.split('/').some((part) => bytesOf(part) > LONGEST_NAME) || bytesOf(path) > LONGEST_PATH)
        return 'name too long';
      if (path.includes(NO_TEXT)) return 'name that is no text';
      if (path.split('/').some((part) => part.toLowerCase() === '.git')) return 'folder of git';
      if (is.mode === '160000' && !isSame(is, after.get(path))) return 'submodule';
      if (is.mode === '120000' && followed(path, links) === null) return 'link out of the tree';
    }
    const isNew = is !== undefined && !before.has(path) && !after.has(path);
    if (kind === 'config') return 'configuration of tests';
    const isCalledSo =
      isNew && (isTestByNameAlone(path, rules.testPaths) || isProductForTesting(path, known));
    if (kind === 'test' && !isCalledSo) return 'test file';
    // what is taken away can deceive nobody, and what the developers made so is no cheat
    if (is === undefined || isSame(is, after.get(path))) return null;
    const obeyed = obeyedBecause(path);
    if (obeyed !== null) return obeyed;
    if (is.id !== before.get(path)?.id) {
      const compiled = compiledBecause(path, is.mode === '120000' ? null : content(path));
      if (compiled !== null) return compiled;
      if (sizeOf(path) > LONGEST_FILE) return 'too large';
      newBytes += Math.max(sizeOf(path), 0);
      if (newBytes > MOST_BYTES) return 'too large';
    }
    const shadowed = shadowedName(path, shadow);
    return shadowed === null ? null : `hides the module ${shadowed}`;
  };

  const dropped: DroppedChange[] = [];
  const taken: string[] = [];
  for (const path of changedPaths(before, candidate)) {
    const why = whyNot(path);
    if (why === null) taken.push(path);
    else dropped.push({ path, why });
  }
  return { taken, dropped };
}

/** The tree before with only these paths as the candidate has them. */
export function withTaken<T>(
  before: ReadonlyMap<string, T>,
  candidate: ReadonlyMap<string, T>,
  taken: Iterable<string>,
): Map<string, T> {
  const files = new Map(before);
  for (const path of taken) {
    const is = candidate.get(path);
    if (is === undefined) files.delete(path);
    else files.set(path, is);
  }
  return files;
}

/**
 * Paths of the first tree that stand in the way of the second one's: a file or link where the other has a folder, or
 * below what is a file there.
 */
export function inTheWay(product: Iterable<string>, restored: Iterable<string>): Set<string> {
  const files = new Set(restored);
  const folders = new Set<string>();
  for (const path of files) for (const folder of foldersAbove(path)) folders.add(folder);
  const found = new Set<string>();
  for (const path of product) {
    if (files.has(path)) continue;
    if (folders.has(path) || foldersAbove(path).some((folder) => files.has(folder))) found.add(path);
  }
  return found;
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1))
    folders.push(path.slice(0, cut));
  return folders;
}

function isSame(a: TreeFile | undefined, b: TreeFile | undefined): boolean {
  return a?.id === b?.id && a?.mode === b?.mode;
}

function changedPaths(before: FilesByPath, candidate: FilesByPath): string[] {
  return [...new Set([...before.keys(), ...candidate.keys()])]
    .filter((path) => !isSame(before.get(path), candidate.get(path)))
    .sort(compareCodePoints);
}

/** Code, and links, which may stand for packages. */
function modulePaths(files: FilesByPath): ReadonlySet<string> {
  return new Set(
    [...files].filter(([path, { mode }]) => path.endsWith('.py') || mode === '120000').map(([path]) => path),
  );
}
