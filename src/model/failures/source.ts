/** git itself said no, or is not there. */
export interface GitFailure {
  readonly class: 'infra';
  readonly reason: 'git-failed';
  /** What git was asked, without the options that every call has. */
  readonly args: readonly string[];
  /** git's own words. */
  readonly detail: string;
}

/** What can be wrong with the place that a tree comes from. All are outside: exit 3, never cached. */
export type SourceFailure =
  | GitFailure
  | {
      readonly class: 'infra';
      readonly reason: 'source-unreachable';
      readonly source: string;
      readonly detail: string;
      /** Mirror folders that were looked at before. */
      readonly looked?: readonly string[];
    }
  | {
      /** No mirror and no host has the repository or the commit. */
      readonly class: 'infra';
      readonly reason: 'commit-missing';
      readonly repository: string;
      readonly commit: string;
      /** Folders and addresses that were looked at. */
      readonly looked: readonly string[];
    }
  | {
      /** The commit before a migration is that of its single parent; this one has none, or several. */
      readonly class: 'infra';
      readonly reason: 'commit-unfit';
      readonly repository: string;
      readonly commit: string;
      readonly parents: readonly string[];
    }
  | {
      /** The commit is there, but not the content of files that are needed (partial copies). */
      readonly class: 'infra';
      readonly reason: 'content-missing';
      readonly repository: string;
      readonly commit: string;
      readonly paths: readonly string[];
      readonly looked: readonly string[];
    }
  | {
      readonly class: 'infra';
      readonly reason: 'release-missing';
      readonly project: string;
      readonly version: string;
      /** Why: no such project, no such release, no source distribution, or which there are. */
      readonly detail: string;
      readonly indexes: readonly string[];
    }
  | {
      readonly class: 'infra';
      readonly reason: 'hash-differs';
      readonly file: string;
      readonly url: string;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'folder-missing';
      readonly folder: string;
      readonly detail: string;
    }
  | {
      /** An archive or tree that holds what must not be unpacked. */
      readonly class: 'infra';
      readonly reason: 'content-refused';
      readonly source: string;
      readonly entry: string;
      readonly detail: string;
    };
