import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import type { Sha } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { isTest } from '../scoring/file-kinds.ts';
import { lsTree, readBlobs, type TreeEntry } from '../workspace/git.ts';
import { sha256 } from '../workspace/disk.ts';
import { blobId, type IdFormat } from './blob-id.ts';
import { type AnswerLine, soughtIn, type SoughtSource } from './sought.ts';
import { projectOf, type Project } from './project.ts';

/** What the evaluation side knows of a migration. Comes from its side alone: it is in no key of an agent's task. */
export interface HiddenKnowledge {
  /** Tree after, in the repository of the tree before; null: nothing is hidden (tests of the sandbox alone). */
  readonly after: Sha | null;
  /** Folder of the hidden suite, looked at where it is there already; null: none. */
  readonly evalTests: string | null;
  /** Folder of the public suite: what hidden tests share with it is not hidden. */
  readonly helperTests: string | null;
  /** Full ids of the commits of the migration. */
  readonly commits: readonly string[];
  /** `owner/repo` as links name it; null: it is no hosted repository. */
  readonly repository: string | null;
  /** What the migrated package is called, besides what its trees say, and its versions as far as known. */
  readonly project: Project;
  /** Distributions of A and B, and their import names. */
  readonly libraries: readonly string[];
}

/** What must not be found in anything that an agent is given, in a form that is quick to look for. */
export interface Answer {
  /** Equal for equal answers. */
  readonly id: string;
  readonly format: IdFormat;
  readonly beforeTree: Sha;
  /** Blob ids and sizes of the tree before: such content gives nothing away. Paths as they stand there. */
  readonly before: ReadonlySet<string>;
  readonly beforeSizes: ReadonlySet<number>;
  readonly beforePaths: ReadonlyMap<string, string>;
  /** Whole files that only the answer has, by blob id, with all their sizes. */
  readonly files: ReadonlyMap<string, { readonly path: string; readonly test: boolean }>;
  readonly fileSizes: ReadonlySet<number>;
  /** Paths of hidden tests that the tree before does not have. */
  readonly testPaths: ReadonlySet<string>;
  /** Words that look made up and that only the answer has; true: the name of a hidden test. */
  readonly words: ReadonlyMap<string, boolean>;
  readonly lines: ReadonlyMap<string, AnswerLine>;
  /** How many lines each file of the answer has of `lines`. */
  readonly lineCounts: readonly number[];
  readonly commits: readonly string[];
  readonly repository: string | null;
  readonly project: Project;
  readonly libraries: ReadonlySet<string>;
}

/** Larger ones are known by their digest alone. */
const TEXT_BYTES = 2 << 20;
/** Content of fewer visible bytes is found everywhere. */
const SMALLEST_FILE = 40;
const COMMON_FILE = /(?:^|\/)(?:licen[cs]e|copying|notice|authors|code_of_conduct|py\.typed)[^/]*$/i;
export const isPython = (file: string): boolean => /\.(?:py|pyi|pyx|pyw)$/.test(file);

/** Nothing is hidden from whoever has this: tests of sandboxes, and testing agents in mode `eval`. */
export const NOTHING_HIDDEN: HiddenKnowledge = {
  after: null,
  evalTests: null,
  helperTests: null,
  commits: [],
  repository: null,
  project: { names: [], before: null, after: null },
  libraries: [],
};

/** What `hidden` adds to the tree before. Fails where git does. */
export async function answerOf(
  repo: string,
  beforeTree: Sha,
  hidden: HiddenKnowledge,
): Promise<Result<Answer, GitFailure>> {
  const [listed, later] = await Promise.all([
    lsTree(repo, beforeTree),
    hidden.after === null ? ok([]) : lsTree(repo, hidden.after),
  ]);
  if (!listed.ok) return listed;
  if (!later.ok) return later;
  const beforePaths = new Map(listed.value.map((entry) => [entry.path, entry.id]));
  const before = new Set(beforePaths.values());
  const added = later.value.filter(({ id, type }) => type === 'blob' && !before.has(id));
  const readable = (entry: TreeEntry): boolean => entry.type === 'blob' && entry.size >= 0;
  const known = added.length === 0 ? [] : listed.value;
  const blobs = await readBlobs(
    repo,
    [...known.filter((entry) => entry.size <= TEXT_BYTES), ...added].filter(readable).map(({ id }) => id),
  );
  if (!blobs.ok) return blobs;
  const format = beforeTree.length === 64 ? 'sha256' : 'sha1';
  const files = new Map<string, { path: string; test: boolean }>();
  const sizes = new Set<number>();
  const sources: SoughtSource[] = [];
  const testPaths = new Set<string>();
  const add = (name: string, id: string, content: Buffer, test: boolean, generated: boolean): void => {
    if (test && name.endsWith('.py') && !beforePaths.has(name)) testPaths.add(name);
    if (isPython(name) && content.length <= TEXT_BYTES)
      sources.push({ path: name, content, test, generated, isNew: !beforePaths.has(name) });
    if (COMMON_FILE.test(name) || visible(content) < SMALLEST_FILE) return;
    files.set(id, { path: name, test });
    sizes.add(content.length);
  };
  for (const { path: name, id } of added) {
    const content = blobs.value.get(id);
    if (content !== undefined) add(name, id, content, isTest(name), false);
  }
  for (const [name, content] of generatedTests(hidden.evalTests)) {
    const id = blobId(content, format);
    if (!before.has(id) && !files.has(id)) add(name, id, content, true, true);
  }
  const contents = known.flatMap(({ id }) => blobs.value.get(id) ?? []);
  const libraries = new Set(hidden.libraries.map(normalName));
  const sought = soughtIn(sources, {
    before: contents,
    publicTests: [...filesBelow(hidden.helperTests)].map(([, content]) => content),
    ordinary: (word) => libraries.has(normalName(word)),
  });
  const id = sha256(JSON.stringify([beforeTree, [...files.keys()].sort(), [...sought.lines.keys()].sort(), [...sought.words.keys()].sort(), [...testPaths].sort(), hidden.commits, hidden.repository, hidden.project, hidden.libraries]));
  return ok({
    id,
    format,
    beforeTree,
    before,
    beforeSizes: new Set(listed.value.map(({ size }) => size)),
    beforePaths,
    files,
    fileSizes: sizes,
    testPaths,
    ...sought,
    commits: hidden.commits,
    repository: hidden.repository,
    project: projectOf(hidden.project, { before: listed.value, after: later.value, content: blobs.value }),
    libraries,
  });
} // prettier-ignore

/** A distribution's name as indexes compare it. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function visible(content: Buffer): number {
  let count = 0;
  for (const code of content) if (code > 32 && ++count >= SMALLEST_FILE) break;
  return count;
}

/** Test files that a testing agent wrote for evaluation. The developers' own are in the tree after. */
function generatedTests(dir: string | null): [string, Buffer][] {
  try {
    const all = [...filesBelow(dir === null ? null : path.join(dir, 'generated'))];
    return all.filter(([name]) => name.includes('mig_generated/'));
  } catch (error) {
    // it is being made anew beside this start: then it is not there already
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function* filesBelow(dir: string | null): Generator<[string, Buffer]> {
  if (dir === null || !existsSync(dir)) return;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    yield [path.relative(dir, file), readFileSync(file)];
  }
}
