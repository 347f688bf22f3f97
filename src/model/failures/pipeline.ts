/** What the engine of tasks itself reports: locks, the data folder, a broken promise of a task. */
export type PipelineFailure =
  | {
      readonly class: 'infra';
      readonly reason: 'unit-busy';
      readonly folder: string;
      readonly host: string;
      readonly pid: number;
      readonly since: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'data-folder-unusable';
      readonly folder: string;
      readonly detail: string;
    }
  /** Another process took the lock of the folder while the task was running. */
  | { readonly class: 'infra'; readonly reason: 'lock-lost'; readonly folder: string }
  /** What the task read was made anew by another process while the task was running. */
  | {
      readonly class: 'infra';
      readonly reason: 'needs-changed';
      readonly task: string;
      /** `task.port` names. */
      readonly ports: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'task-unknown';
      readonly name: string;
      readonly nearest: readonly string[];
    }
  | { readonly class: 'config'; readonly reason: 'no-such-logs'; readonly id: string; readonly task: string }
  | { readonly class: 'cancelled'; readonly reason: 'cancelled' }
  /** A task said that it was done, and its output does not hold what it promised. */
  | {
      readonly class: 'bug';
      readonly reason: 'output-broken';
      readonly task: string;
      readonly detail: string;
    }
  | { readonly class: 'bug'; readonly reason: 'graph-duplicate-task'; readonly task: string }
  | { readonly class: 'bug'; readonly reason: 'graph-shared-folder'; readonly tasks: readonly string[] }
  | { readonly class: 'bug'; readonly reason: 'graph-cycle'; readonly tasks: readonly string[] }
  | {
      readonly class: 'bug';
      readonly reason: 'graph-unknown-need' | 'graph-hidden-port';
      readonly task: string;
      readonly need: string;
      readonly port: string;
    }
  | { readonly class: 'bug'; readonly reason: 'unexpected'; readonly detail: string };
