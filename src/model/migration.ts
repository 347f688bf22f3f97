import type { UnitId } from './ids.ts';
import type { Labels } from './labels.ts';
import type { Library } from './library.ts';

/** Where one tree comes from. */
export type TreeSource =
  /** `url` null: look for `owner/repo` in the mirrors, then at the benchmark's usual host. `parentOf`: the tree is that of the single parent of `commit`. */
  | { readonly kind: 'git'; readonly url: string | null; readonly commit: string; readonly parentOf: boolean }
  | {
      readonly kind: 'sdist';
      readonly name: string;
      readonly version: string;
      readonly sha256: string | null;
    }
  | { readonly kind: 'path'; readonly dir: string };

/** One migration of a benchmark: a repository moved from the source library to the target library. */
export interface Migration {
  readonly id: UnitId;
  /** Name of the benchmark that offers it. */
  readonly benchmark: string;
  /** Libraries before; the first is the migrated one, further ones move with it. */
  readonly source: readonly [Library, ...Library[]];
  readonly target: readonly [Library, ...Library[]];
  /** `upgrade` when source and target are the same library: nothing is blocked, two environments. */
  readonly kind: 'swap' | 'upgrade';
  /** Host's owner, `pypi` or `local`. */
  readonly owner: string;
  readonly repo: string;
  readonly sha8: string;
  readonly before: TreeSource;
  readonly after: TreeSource;
  /** Environments are resolved as of this instant (RFC 3339, UTC); null: the later tree's own date. */
  readonly date: string | null;
  /** `auto` or a version such as `3.11`. */
  readonly python: string;
  /** Requirements beyond what the trees ask for (PEP 508), for both environments or one of them. */
  readonly requirements: {
    readonly both: readonly string[];
    readonly before: readonly string[];
    readonly after: readonly string[];
  };
  /** Folders of the tree that go on the import path; null: found. */
  readonly pythonpath: readonly string[] | null;
  /** Test paths and pytest's arguments; null: found. */
  readonly tests: { readonly paths: readonly string[] | null; readonly args: readonly string[] };
  readonly labels: Labels;
  /** Subject area, where the benchmark states one. */
  readonly domain: string | null;
  /** The benchmark's own entry: the file it was read from and its text as read. */
  readonly entry: { readonly file: string; readonly text: string };
}
