/** How the version of a library became known. */
export type Provenance = 'pinned' | 'dated' | 'installed' | 'stdlib' | 'unknown';

/** A library on one side of a migration. */
export interface Library {
  /** Distribution name, as the index spells it (`pyyaml`). */
  readonly name: string;
  /** Top-level or dotted import names (`yaml`); never empty once a migration is loaded. */
  readonly importNames: readonly string[];
  /** Version as stated by the benchmark, or as found by `env_setup`; null when unknown. */
  readonly version: string | null;
  /** Requirement as written by the repository, when it has one (`>=2,<3`). */
  readonly constraint: string | null;
  readonly provenance: Provenance;
}
