import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { SourceFailure } from '../model/failures/source.ts';
import type { TreeSource } from '../model/migration.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { sha256File, writeAtomically } from '../workspace/disk.ts';
import { initRepository, treeOfFolder } from '../workspace/git.ts';
import type { IndexFile, PackageIndex } from '../workspace/package-index.ts';
import type { OpenedTree } from './opened-tree.ts';
import { readSdistName, versionKey } from './sdist-name.ts';
import { ARCHIVE_ENDINGS, unpackArchive } from './unpack.ts';

export type SdistTreeSource = Extract<TreeSource, { kind: 'sdist' }>;

export interface SdistOptions {
  /** Asked only when the file is not in the cache. */
  readonly index: () => Promise<Result<PackageIndex, SourceFailure>>;
  /** Downloads are kept below it, by hash. */
  readonly cacheDir: string;
  /** Empty folder for the archive, its content and git's objects. */
  readonly scratchDir: string;
}

/**
 * Opens a release's source distribution: found on the index's own page, checked by every hash that is known
 * (`hash-differs`), unpacked without running anything of it. A file whose hash the source states is taken from
 * the cache.
 */
export async function openSdist(
  source: SdistTreeSource,
  options: SdistOptions,
): Promise<Result<OpenedTree, SourceFailure>> {
  const kept = source.sha256 === null ? undefined : fromCache(options.cacheDir, source.sha256);
  const archive = kept === undefined ? await fromIndex(source, options) : ok(kept);
  if (!archive.ok) return archive;
  const { file, sha256, uploadTime } = archive.value;
  const unpacked = await unpackArchive(file, path.join(options.scratchDir, 'unpacked'));
  if (!unpacked.ok) return unpacked;
  const store = path.join(options.scratchDir, 'sdist.git');
  const made = await initRepository(store);
  if (!made.ok) return made;
  const tree = await treeOfFolder(store, unpacked.value);
  if (!tree.ok) return tree;
  return ok({
    store,
    tree: tree.value,
    date: uploadTime,
    missing: [],
    facts: { kind: 'sdist', name: source.name, version: source.version, file: path.basename(file), sha256 },
  });
}

interface Archive {
  readonly file: string;
  readonly sha256: string;
  readonly uploadTime: string | null;
}

const keptFacts = z.strictObject({
  filename: z.string().regex(/^[^/]+$/),
  uploadTime: z.string().nullable(),
});

function factsFile(cacheDir: string, sha256: string): string {
  return path.join(cacheDir, 'sdists', sha256, 'facts.json');
}

/** A download of an earlier run; one whose content is not what it was is passed over. */
function fromCache(cacheDir: string, sha256: string): Archive | undefined {
  const facts = factsFile(cacheDir, sha256);
  try {
    const { filename, uploadTime } = keptFacts.parse(JSON.parse(readFileSync(facts, 'utf8')));
    const file = path.join(path.dirname(facts), filename);
    return existsSync(file) && sha256File(file) === sha256 ? { file, sha256, uploadTime } : undefined;
  } catch {
    return undefined;
  }
}

async function fromIndex(
  source: SdistTreeSource,
  options: SdistOptions,
): Promise<Result<Archive, SourceFailure>> {
  const index = await options.index();
  if (!index.ok) return index;
  const listed = await index.value.files(source.name);
  if (!listed.ok) return listed;
  const chosen = chooseSdist(listed.value, source);
  if (!chosen.ok) {
    const { name: project, version } = source;
    const indexes = index.value.addresses;
    return fail({
      class: 'infra',
      reason: 'release-missing',
      project,
      version,
      detail: chosen.failure,
      indexes,
    });
  }
  const { filename, uploadTime } = chosen.value;
  const downloaded = path.join(options.scratchDir, filename);
  const written = await index.value.download(chosen.value, downloaded, source.sha256);
  if (!written.ok) return written;
  const { sha256 } = written.value;
  const facts = factsFile(options.cacheDir, sha256);
  writeAtomically(path.join(path.dirname(facts), filename), readFileSync(downloaded));
  writeAtomically(facts, `${JSON.stringify({ filename, uploadTime })}\n`);
  return ok({ file: downloaded, sha256, uploadTime });
}

/** The release's source distribution; of several kinds the first of `ARCHIVE_ENDINGS`. Else why there is none. */
export function chooseSdist(files: readonly IndexFile[], source: SdistTreeSource): Result<IndexFile, string> {
  if (files.length === 0) return fail('no index has the project');
  const wanted = versionKey(source.version);
  const candidates: { file: IndexFile; rank: number }[] = [];
  const others = new Set<string>();
  for (const file of files) {
    if (file.filename.includes('/')) continue;
    const named = readSdistName(file.filename, source.name);
    if (named === undefined) continue;
    if (versionKey(named.version) !== wanted) {
      others.add(named.version);
      continue;
    }
    // a file that the source names by hash comes before the usual kind
    const byHash = source.sha256 !== null && file.sha256 === source.sha256 ? -1 : 0;
    const rank =
      byHash === -1 ? -1 : ARCHIVE_ENDINGS.indexOf(named.ending as (typeof ARCHIVE_ENDINGS)[number]);
    candidates.push({ file, rank });
  }
  candidates.sort((a, b) => a.rank - b.rank);
  const [first] = candidates;
  if (first !== undefined) return ok(first.file);
  const latest = [...others].slice(-8).join(', ');
  return fail(
    latest === ''
      ? 'the project has no source distributions'
      : `no source distribution of that version; there are ${latest}`,
  );
}
