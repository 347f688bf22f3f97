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
  | {
      /** A step of making an image ended badly; `log` is the end of what it wrote. */
      readonly class: 'infra';
      readonly reason: 'image-build-failed';
      readonly file: string;
      readonly line: number;
      readonly step: string;
      readonly log: string;
    }
  | {
      readonly class: 'config';
      readonly reason: 'dockerfile-unsupported';
      readonly file: string;
      readonly line: number;
      readonly problem: string;
    }
  | {
      /** The local runtime cannot work on this machine. */
      readonly class: 'infra';
      readonly reason: 'sandbox-unusable';
      readonly needs: string;
      readonly detail: string;
    }
  | {
      /** Foreign code, no isolation, and nobody said that it may. */
      readonly class: 'config';
      readonly reason: 'unsafe-local-needed';
      readonly role: string;
    }
  | { readonly class: 'cancelled'; readonly reason: 'run-cancelled' };
