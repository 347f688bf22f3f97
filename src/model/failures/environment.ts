/** What can stop the making of an environment by the world's doing (the repository's own doing is a result). */
export type EnvironmentFailure =
  | {
      readonly class: 'infra';
      readonly reason: 'tools-missing';
      /** Which locked tools (uv, pytest...) could not be had. */
      readonly tools: readonly string[];
      readonly detail: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'environment-broken';
      /** Which step (`resolving`, `installing`...). */
      readonly what: string;
      /** Network, disk or engine, in the tool's own words. */
      readonly detail: string;
      /** Name of the log in the run folder. */
      readonly log: string;
    };
