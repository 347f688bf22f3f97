/** What a user typed or configured wrongly: a key, a type, a flag. `line` and `column` are 1-based. */
export type ConfigFailure = {
  readonly class: 'config';
  readonly reason: 'config-invalid';
  /** The file, or `environment` or `command line`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key. */
  readonly key: string;
  readonly problem: string;
  readonly nearest?: string;
};
