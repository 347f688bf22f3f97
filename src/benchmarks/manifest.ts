import path from 'node:path';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';
import type { BadEntry, Benchmark, BenchmarkPlace, EntryFailure, EntryRef, Index } from './benchmark.ts';
import { entryFiles, readEntry } from './entry-files.ts';
import { findByPart } from './find-id.ts';
import { listEntries, withoutClashes } from './listing.ts';
import { idOf, partsOfId } from './unit-id.ts';

/**
 * A folder of manifests, one YAML file a migration. A file that is named after an id must hold that migration
 * and is looked up without being opened; any other file is read to know its id.
 */
export function openManifests(place: BenchmarkPlace, reader: StrictReader = readAnew): Benchmark {
  const index = (): Promise<Result<Index, EntryFailure>> => indexOf(place, reader);
  const load = (ref: EntryRef): Promise<Result<Migration, EntryFailure>> => loadFile(place, ref.file, reader);
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

async function indexOf(place: BenchmarkPlace, reader: StrictReader): Promise<Result<Index, EntryFailure>> {
  const files = entryFiles(place);
  if (!files.ok) return files;
  const refs: EntryRef[] = [];
  const problems: BadEntry[] = [];
  for (const file of files.value) {
    const parts = partsOfId(stem(file));
    if (parts !== undefined) {
      refs.push({ id: idOf(parts), file, benchmark: place.name });
      continue;
    }
    const loaded = await loadFile(place, file, reader);
    if (loaded.ok) refs.push({ id: loaded.value.id, file, benchmark: place.name });
    else problems.push({ file, failure: loaded.failure });
  }
  return ok(withoutClashes(refs, problems));
}

async function loadFile(
  place: BenchmarkPlace,
  file: string,
  reader: StrictReader,
): Promise<Result<Migration, EntryFailure>> {
  const text = readEntry(place, file);
  if (!text.ok) return text;
  const { readManifest } = await import('./manifest-entry.ts');
  const read = readManifest(text.value, file, place.name, reader);
  if (!read.ok) return read;
  if (partsOfId(stem(file)) !== undefined && stem(file) !== read.value.id) {
    return fail({
      class: 'config',
      reason: 'config-invalid',
      file,
      key: 'id',
      problem: `the file is named after another id than its entry's, ${read.value.id}`,
    });
  }
  return read;
}

function stem(file: string): string {
  return path.basename(file, path.extname(file));
}
