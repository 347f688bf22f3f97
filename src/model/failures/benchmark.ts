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
    };
