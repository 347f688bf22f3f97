import type { Attempt } from './attempt.ts';
import type { InstalledDistribution } from './installed.ts';
import type { Mended } from './mended.ts';
import type { EnvironmentRole } from './requirements.ts';

/** What one rung gave: everything that the record says of it. */
export interface Held {
  readonly environments: readonly { readonly role: EnvironmentRole; readonly attempt: Attempt }[];
  readonly installed: ReadonlyMap<EnvironmentRole, readonly InstalledDistribution[]>;
  /** What collecting the tests changed. */
  readonly mended: Mended;
}
