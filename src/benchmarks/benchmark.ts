import type { BenchmarkFailure } from '../model/failures/benchmark.ts';
import type { ConfigFailure } from '../model/failures/config.ts';
import type { UnitId } from '../model/ids.ts';
import type { Migration } from '../model/migration.ts';
import type { Result } from '../model/result.ts';

export type EntryFailure = BenchmarkFailure | ConfigFailure;

/** Where a benchmark lies: its name, the form of its entries, and the folder (absolute). */
export interface BenchmarkPlace {
  readonly name: string;
  readonly kind: 'pymigbench' | 'manifest';
  readonly dir: string;
}

/** An entry as far as it is known without reading it whole. `file` is absolute. */
export interface EntryRef {
  readonly id: UnitId;
  readonly file: string;
  readonly benchmark: string;
}

/** An entry that cannot be used; the others still can. */
export interface BadEntry {
  readonly file: string;
  readonly failure: EntryFailure;
}

/** All ids that file names (or the entry, where its file is not named after its id) give, sorted. */
export interface Index {
  readonly refs: readonly EntryRef[];
  readonly problems: readonly BadEntry[];
}

/** Every entry read and checked: `migrations` sorted by id, `problems` by file. */
export interface Listing {
  readonly migrations: readonly Migration[];
  readonly problems: readonly BadEntry[];
}

/**
 * A set of migrations. Nothing is kept between calls; nothing is written; no network.
 * A folder that is absent or unreadable fails `benchmark-missing`; one bad entry is a problem, not a failure.
 */
export interface Benchmark {
  readonly place: BenchmarkPlace;
  /** Ids and files. Entries named after their id are not opened. */
  index(): Promise<Result<Index, EntryFailure>>;
  /** Reads and checks every entry, ids included (no two may be the same). */
  list(): Promise<Result<Listing, EntryFailure>>;
  /** Reads the one entry that a reference from `index` names. */
  load(ref: EntryRef): Promise<Result<Migration, EntryFailure>>;
  /** The one migration that has this id, or whose id alone holds this part (case ignored); only that entry is read. */
  find(partialId: string): Promise<Result<Migration, EntryFailure>>;
}
