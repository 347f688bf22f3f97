import type { Sha } from '../model/ids.ts';
import type { Json } from '../model/json.ts';

/** A tree that a source had, readable in a git folder of the scratch space. */
export interface OpenedTree {
  /** Bare git folder in which every object of `tree` can be read. */
  readonly store: string;
  readonly tree: Sha;
  /** RFC 3339, UTC: committer's date or upload time; null where the source has none. */
  readonly date: string | null;
  /** Paths that the source no longer has the content of; they are not in `tree`. */
  readonly missing: readonly string[];
  /** Where it came from, for the record; holds no path of this machine. */
  readonly facts: Readonly<Record<string, Json>>;
}
