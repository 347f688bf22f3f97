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
  | { readonly class: 'cancelled'; readonly reason: 'cancelled' }
  | { readonly class: 'bug'; readonly reason: 'unexpected'; readonly detail: string };
