import type { EnvironmentRecord } from './environment.ts';
import type { Sha } from './ids.ts';
import type { FrozenTest } from './tests.ts';

/** `repo_dl`: one git repository with two branches of one commit each, `main` (checked out) and `gt-patch`. */
export interface RepoArtefact {
  /** Absolute; holds `.git`. Never trust its config, hooks or attributes: use `workspace/git.ts`. */
  readonly dir: string;
  readonly beforeTree: Sha;
  readonly afterTree: Sha;
  /** Instant of the later tree (committer's date or upload time), RFC 3339 UTC; null for plain folders. */
  readonly date: string | null;
  /** Paths whose content the source no longer had (large blobs of partial mirrors). */
  readonly missing: readonly string[];
}

/** `env_setup`: the record and the folder that it speaks of. */
export interface EnvironmentArtefact {
  readonly dir: string;
  readonly record: EnvironmentRecord;
}

/** `helper_test`: public. `tests/` below `dir` has the chosen test files; `ids` are what passes on (B, E_A). */
export interface HelperSuiteArtefact {
  readonly dir: string;
  readonly ids: readonly string[];
  /** Why it is empty; null when it is not. */
  readonly why: string | null;
}

/** `eval_test`: hidden. The frozen classes of every test; `developers-after/` below `dir` has G's test files. */
export interface EvalSuiteArtefact {
  readonly dir: string;
  readonly tests: readonly FrozenTest[];
  /** `valid`, `degraded`, or `invalid` (no preserved test, or G does not import). */
  readonly oracle: { readonly status: 'valid' | 'degraded' | 'invalid'; readonly why: string };
}

/** How an attempt of a coding agent ended. All are results. */
export type AttemptOutcome = 'patch' | 'no-patch' | 'timeout' | 'budget' | 'crashed' | 'refused';

/** `coding_agent`: `migration.patch` below `dir` is what the workspace differed from its base (empty: no patch). */
export interface PatchArtefact {
  readonly dir: string;
  readonly outcome: AttemptOutcome;
  readonly exitCode: number | null;
  /** `unsealed` where the sandbox isolated nothing. */
  readonly trust: 'sealed' | 'unsealed';
  /** Why, in words, where the outcome is not `patch`. */
  readonly why: string;
}
