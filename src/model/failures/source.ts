/** What can be wrong with the place that a tree comes from. All are outside: exit 3, never cached. */
export type SourceFailure = {
  readonly class: 'infra';
  readonly reason: 'source-unreachable';
  readonly source: string;
  readonly detail: string;
};
