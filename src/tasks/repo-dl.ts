import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { SourceFailure } from '../model/failures/source.ts';
import { sha } from '../model/ids.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Migration, TreeSource } from '../model/migration.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { folderDigest } from '../sources/folder-source.ts';
import { RECORD_FILE, readRecord, writeRecord } from '../sources/repository-record.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { withoutCredentials } from '../workspace/http.ts';
import type { PackageIndex } from '../workspace/package-index.ts';

export interface RepoDlContext {
  readonly migration: Migration;
  /** `repos/<owner>@<repo>__<sha8>`: becomes the git repository. Shared by migrations of one commit. */
  readonly outputDir: string;
  /** `repo-yamls/...`: the benchmark's own entry is written there. */
  readonly entryFile: string;
  /** Downloads are kept below it. */
  readonly cacheDir: string;
  /** Absolute; looked at before any host. */
  readonly mirrors: readonly string[];
  /** `https://host` of git sources without an address (the benchmark's usual one); null: mirrors alone. */
  readonly host: string | null;
  /** Default: the index that the host's installers are set to. */
  readonly index?: () => Promise<Result<PackageIndex, SourceFailure>>;
}

/** `repo_dl`: both trees of a migration as one git repository, and the benchmark's labels. */
export function defineRepoDl(context: RepoDlContext): Task<RepoArtefact> {
  const { migration } = context;
  const labels = labelsDigest(migration);
  return {
    id: 'repo_dl',
    unit: migration.id,
    variant: null,
    needs: [],
    provides: [
      { name: 'before', visibility: 'public' },
      { name: 'after', visibility: 'hidden' },
      { name: 'labels', visibility: 'hidden' },
    ],
    codeVersion: 1,
    params: {
      before: sourceParam(migration, migration.before),
      after: sourceParam(migration, migration.after),
    },
    acceptsAny: [],
    inputFiles: [],
    knownPorts: { labels },
    outputDir: context.outputDir,
    shared: true,
    run: async (work) => {
      try {
        return await work.limited('git', () => download(context, work, labels));
      } catch (error) {
        return fail(diskFailure(context.outputDir, error));
      }
    },
    load,
  };
}

/**
 * Writes the benchmark's entry as read where it is not so already. The download is shared by migrations of one
 * commit, the entry is each one's own: so this is also for a migration whose download is there already.
 */
export function writeEntry(context: Pick<RepoDlContext, 'migration' | 'entryFile'>): void {
  const { text } = context.migration.entry;
  let written: string | undefined;
  try {
    written = readFileSync(context.entryFile, 'utf8');
  } catch {
    written = undefined;
  }
  if (written !== text) writeAtomically(context.entryFile, text);
}

async function download(
  context: RepoDlContext,
  work: TaskWork,
  labels: Digest,
): Promise<Result<Completion, Failure>> {
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [{ BRANCHES, makeRepository }, { openSources }] = await Promise.all([
    import('../sources/make-repository.ts'),
    import('../sources/open-sources.ts'),
  ]);
  const { migration } = context;
  work.progress(`getting ${migration.owner}/${migration.repo}`);
  const opened = await openSources({
    before: migration.before,
    after: migration.after,
    owner: migration.owner,
    repo: migration.repo,
    needed: labelledPaths(migration),
    mirrors: context.mirrors,
    host: context.host,
    cacheDir: context.cacheDir,
    scratchDir: work.scratchDir,
    signal: work.signal,
    ...(context.index === undefined ? {} : { index: context.index }),
  });
  if (!opened.ok) return failureOf(opened.failure, context, work.signal);
  const { before, after } = opened.value;
  work.progress('making the repository');
  const made = await makeRepository(work.dir, before, after, work.scratchDir, work.signal);
  if (!made.ok) return failureOf(made.failure, context, work.signal);
  writeRecord(work.dir, before, after);
  writeEntry(context);
  const missing = new Set([...before.missing, ...after.missing]);
  if (missing.size > 0) {
    const names = [...missing].slice(0, 5).join(', ');
    const count = missing.size === 1 ? '1 file is' : `${missing.size} files are`;
    work.warn('content-missing', `${count} not in the copy of ${migration.repo} and left out: ${names}`);
  }
  return ok({
    outcome: 'ready',
    ports: {
      before: digestJson(before.tree),
      after: digestJson({ tree: after.tree, date: after.date }),
      labels,
    },
    files: [
      '.git/HEAD',
      `.git/refs/heads/${BRANCHES.before}`,
      `.git/refs/heads/${BRANCHES.after}`,
      RECORD_FILE,
      ...packFiles(work.dir),
    ],
  });
}

/** Indexes name every object. Git touches a pack that holds what is written again, so packs cannot vouch by time. */
function packFiles(dir: string): string[] {
  return readdirSync(path.join(dir, '.git/objects/pack'))
    .filter((name) => name.endsWith('.idx'))
    .sort()
    .map((name) => `.git/objects/pack/${name}`);
}

/** A source that a signal ended is no unreachable one, and a full disk is no fault of git's. */
function failureOf(
  failure: SourceFailure,
  context: RepoDlContext,
  signal: AbortSignal,
): Result<Completion, Failure> {
  if (signal.aborted) return fail({ class: 'cancelled', reason: 'cancelled' });
  if (failure.reason === 'git-failed' && /No space left on device|Disk quota exceeded/.test(failure.detail)) {
    const detail = 'has no space left';
    return fail({ class: 'infra', reason: 'data-folder-unusable', folder: context.outputDir, detail });
  }
  return fail(failure);
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EIO', 'EMFILE']);

/** The one gate for the disk's own errors; whatever else is thrown is a bug and stays one. */
function diskFailure(folder: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (!(error instanceof Error) || code === undefined || !DISK_CODES.has(code)) throw error;
  return { class: 'infra', reason: 'data-folder-unusable', folder, detail: error.message };
}

function load(dir: string): Result<RepoArtefact, string> {
  const record = readRecord(dir);
  if (!record.ok) return record;
  const { before, after } = record.value;
  return ok({
    dir,
    beforeTree: sha(before.tree),
    afterTree: sha(after.tree),
    date: after.date,
    missing: [...new Set([...before.missing, ...after.missing])],
  });
}

/** A source as it enters the key: no path of this machine, no credentials; a folder counts by its content. */
function sourceParam(migration: Migration, source: TreeSource): Json {
  switch (source.kind) {
    case 'git': {
      const { commit, parentOf, url } = source;
      const repository = url === null ? `${migration.owner}/${migration.repo}`.toLowerCase() : address(url);
      return { kind: 'git', repository, commit, parentOf };
    }
    case 'sdist':
      return { kind: 'sdist', name: source.name, version: source.version, sha256: source.sha256 };
    case 'path': {
      const content = folderDigest(source.dir);
      return { kind: 'path', content: content.ok ? content.value : 'unreadable' };
    }
  }
}

/** A repository of this machine counts by its commit alone: it may be moved. */
function address(url: string): string {
  return path.isAbsolute(url) || url.startsWith('file:') ? 'local' : withoutCredentials(url);
}

function labelsDigest(migration: Migration): Digest {
  const names = (side: Migration['source']): Json => side.map(({ importNames }) => [...importNames]);
  return digestJson({
    labels: migration.labels as unknown as Json,
    source: names(migration.source),
    target: names(migration.target),
  });
}

function labelledPaths(migration: Migration): ReadonlySet<string> {
  const { labels } = migration;
  return new Set(typeof labels === 'string' ? [] : labels.map(({ path: file }) => file));
}
