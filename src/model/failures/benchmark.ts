/** What can be wrong with a benchmark: its folder, its entries, an id that it does not have. */
export type BenchmarkFailure =
  | {
      readonly class: 'config';
      readonly reason: 'migration-unknown';
      readonly id: string;
      readonly nearest: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'migration-ambiguous';
      readonly id: string;
      readonly candidates: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'benchmark-unknown';
      readonly name: string;
      readonly known: readonly string[];
    }
  /** The folder of a benchmark is absent or cannot be read. */
  | {
      readonly class: 'infra';
      readonly reason: 'benchmark-missing';
      readonly benchmark: string;
      readonly dir: string;
      readonly detail: string;
    }
  /** An entry of a data set breaks the format's rules. `line` and `column` are 1-based. */
  | {
      readonly class: 'infra';
      readonly reason: 'benchmark-entry-invalid';
      readonly benchmark: string;
      readonly file: string;
      readonly line?: number;
      readonly column?: number;
      readonly problem: string;
    }
  /** Two entries of the configured benchmarks have one id. */
  | {
      readonly class: 'infra';
      readonly reason: 'benchmark-id-clash';
      readonly id: string;
      readonly files: readonly string[];
    }
  /** The data set could not be fetched; nothing was left behind. */
  | {
      readonly class: 'infra';
      readonly reason: 'benchmark-unreachable';
      readonly benchmark: string;
      readonly from: string;
      readonly detail: string;
    }
  /** `benchmark get` found the place taken by something else. */
  | {
      readonly class: 'infra';
      readonly reason: 'benchmark-place-taken';
      readonly benchmark: string;
      readonly dir: string;
    };
