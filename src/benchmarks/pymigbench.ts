import path from 'node:path';
import { fail, ok, type Result } from '../model/result.ts';
import type { Migration } from '../model/migration.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';
import type { Benchmark, BenchmarkPlace, EntryFailure, EntryRef, Index } from './benchmark.ts';
import { entryFiles, readEntry } from './entry-files.ts';
import { findByPart } from './find-id.ts';
import { listEntries, withoutClashes } from './listing.ts';
import { partsOfId, idOf } from './unit-id.ts';

/**
 * PyMigBench: a folder of YAML files, each named `<id>.yaml`. An id is looked up by file name and only that
 * entry is parsed. Source: https://github.com/ualberta-smr/PyMigBench
 */
export function openPyMigBench(place: BenchmarkPlace, reader: StrictReader = readAnew): Benchmark {
  const index = (): Promise<Result<Index, EntryFailure>> => Promise.resolve(indexByFileName(place));
  const load = (ref: EntryRef): Promise<Result<Migration, EntryFailure>> => loadEntry(place, ref, reader);
  return {
    place,
    index,
    load,
    list: () => listEntries(index, load),
    find: async (partialId) => {
      const found = await index();
      if (!found.ok) return found;
      const ref = findByPart(partialId, found.value.refs);
      return ref.ok ? load(ref.value) : ref;
    },
  };
}

function indexByFileName(place: BenchmarkPlace): Result<Index, EntryFailure> {
  const files = entryFiles(place);
  if (!files.ok) return files;
  const problems: { file: string; failure: EntryFailure }[] = [];
  const refs: EntryRef[] = [];
  for (const file of files.value) {
    const parts = partsOfId(path.basename(file, path.extname(file)));
    if (parts === undefined) {
      problems.push({
        file,
        failure: invalid(place, file, 'the file is not named <source>__<target>__<owner>@<repo>__<sha8>'),
      });
    } else {
      refs.push({ id: idOf(parts), file, benchmark: place.name });
    }
  }
  return ok(withoutClashes(refs, problems));
}

async function loadEntry(
  place: BenchmarkPlace,
  ref: EntryRef,
  reader: StrictReader,
): Promise<Result<Migration, EntryFailure>> {
  const text = readEntry(place, ref.file);
  if (!text.ok) return text;
  const [{ pyMigBenchEntry }, { libraryByName, importedApis }, { kindOf }] = await Promise.all([
    import('./pymigbench-entry.ts'),
    import('./library-side.ts'),
    import('./unit-id.ts'),
  ]);
  const read = reader('pymigbench', pyMigBenchEntry, text.value, ref.file);
  if (!read.ok) {
    const { line, column, key, problem, nearest } = read.failure;
    const words = `${key === '' ? '' : `${key}: `}${problem}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`;
    return fail({
      ...invalid(place, ref.file, words),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    });
  }
  const entry = read.value;
  const [owner = '', repo = ''] = entry.repo.split('/');
  const sha8 = entry.commit.slice(0, 8);
  const id = idOf({ source: entry.source, target: entry.target, owner, repo, sha8 });
  if (id !== ref.id) return fail(invalid(place, ref.file, `its fields say ${id}, its name ${ref.id}`));
  return ok({
    id,
    benchmark: place.name,
    source: [libraryByName(entry.source, importedApis(entry.files, 'source'))],
    target: [libraryByName(entry.target, importedApis(entry.files, 'target'))],
    kind: kindOf(entry.source, entry.target),
    owner,
    repo,
    sha8,
    before: { kind: 'git', url: null, commit: entry.commit, parentOf: true },
    after: { kind: 'git', url: null, commit: entry.commit, parentOf: false },
    date: null,
    python: 'auto',
    requirements: { both: [], before: [], after: [] },
    pythonpath: null,
    tests: { paths: null, args: [] },
    labels: entry.files,
    domain: entry.domain,
    entry: { file: ref.file, text: text.value },
  });
}

function invalid(
  place: BenchmarkPlace,
  file: string,
  problem: string,
): Extract<EntryFailure, { reason: 'benchmark-entry-invalid' }> {
  return { class: 'infra', reason: 'benchmark-entry-invalid', benchmark: place.name, file, problem };
}
