import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import type { BadEntry, EntryFailure, EntryRef, Index, Listing } from './benchmark.ts';

/** Takes entries apart whose id another entry has too: all of them are problems, none is used. */
export function withoutClashes(refs: readonly EntryRef[], problems: readonly BadEntry[]): Index {
  const byId = new Map<string, EntryRef[]>();
  for (const ref of refs) byId.set(ref.id, [...(byId.get(ref.id) ?? []), ref]);
  const clashes = [...byId.values()].filter((same) => same.length > 1);
  return {
    refs: refs.filter(({ id }) => byId.get(id)?.length === 1).sort((a, b) => compare(a.id, b.id)),
    problems: [
      ...problems,
      ...clashes.flatMap((same) =>
        same.map(({ file, id }) => ({
          file,
          failure: {
            class: 'infra' as const,
            reason: 'benchmark-id-clash' as const,
            id,
            files: same.map((ref) => ref.file),
          },
        })),
      ),
    ].sort((a, b) => compare(a.file, b.file)),
  };
}

/** Reads every entry of an index: the good ones as migrations, the others as problems. */
export async function listEntries(
  index: () => Promise<Result<Index, EntryFailure>>,
  load: (ref: EntryRef) => Promise<Result<Migration, EntryFailure>>,
): Promise<Result<Listing, EntryFailure>> {
  const found = await index();
  if (!found.ok) return found;
  const migrations: Migration[] = [];
  const problems: BadEntry[] = [...found.value.problems];
  for (const ref of found.value.refs) {
    const loaded = await load(ref);
    if (loaded.ok) migrations.push(loaded.value);
    else problems.push({ file: ref.file, failure: loaded.failure });
  }
  return ok({ migrations, problems: problems.sort((a, b) => compare(a.file, b.file)) });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
