/** What can go wrong while suites are made and candidates are scored. */
export type EvaluationFailure = {
  readonly class: 'eval';
  readonly reason: 'runner-broken';
  readonly detail: string;
  readonly log: string;
};
