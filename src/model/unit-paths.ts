import path from 'node:path';
import type { MigConfig } from './mig-config.ts';
import type { Migration } from './migration.ts';

/** Which run of a unit: the coding variant and the testing variant (see `variant.ts`), and where it runs. */
export interface RunNames {
  readonly variant: string;
  readonly testing: string;
  /** `<runtime>~<base>`, see `envs/<unit>/<platform>/`. */
  readonly platform: string;
}

/** The one output folder of every task of one run; each has its stamp beside it. */
export interface UnitPaths {
  readonly repo: string;
  readonly entry: string;
  readonly env: string;
  readonly inputTests: string;
  readonly evalTests: string;
  readonly trajectory: string;
  readonly patchEval: string;
  readonly unitTestEval: string;
}

/** Names all folders of one run (absolute). Pure: nothing is made. */
export function unitPaths(config: MigConfig, migration: Migration, names: RunNames): UnitPaths {
  const { paths } = config;
  const shared = `${migration.owner}@${migration.repo}__${migration.sha8}`;
  const score = path.join(paths.score, migration.id, `${names.variant}~${names.testing}`);
  return {
    repo: path.join(paths.repos, shared),
    entry: path.join(paths.repoYamls, `${migration.owner}@${migration.repo}`, `${migration.id}.yaml`),
    env: path.join(paths.envs, migration.id, names.platform),
    inputTests: path.join(paths.inputTests, migration.id, names.testing),
    evalTests: path.join(paths.evalTests, migration.id, names.testing),
    trajectory: path.join(paths.trajectories, migration.id, names.variant),
    patchEval: path.join(score, 'patch_eval'),
    unitTestEval: path.join(score, 'unit_test_eval'),
  };
}
