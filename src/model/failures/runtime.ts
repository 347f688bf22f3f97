/** What can stop a command from being run at all. How a command ended is a `RunExit`, not a failure. */
export type RuntimeFailure =
  | {
      readonly class: 'infra';
      readonly reason: 'engine-unreachable';
      readonly socket: string;
      readonly detail: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'engine-failed';
      readonly action: string;
      readonly detail: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'image-missing';
      readonly image: string;
      readonly detail: string;
    }
  | { readonly class: 'cancelled'; readonly reason: 'run-cancelled' };
