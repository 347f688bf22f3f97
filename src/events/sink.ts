import type { PipelineEvent } from '../model/events.ts';

/** A reader of the one event stream. Neither method throws: a sink that cannot write any more falls silent. */
export interface EventSink {
  emit(event: PipelineEvent): void;
  /** Writes what is held back and gives up timers and files. */
  close(): void | Promise<void>;
}
