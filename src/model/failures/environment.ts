/** What can stop the making of an environment by the world's doing (the repository's own doing is a result). */
export type EnvironmentFailure = {
  readonly class: 'infra';
  readonly reason: 'tools-missing';
  /** Which locked tools (uv, pytest...) could not be had. */
  readonly tools: readonly string[];
  readonly detail: string;
};
