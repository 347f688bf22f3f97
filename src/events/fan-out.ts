import type { PipelineEvent } from '../model/events.ts';
import type { EventSink } from './sink.ts';

/** Hands every event to every sink, in the order in which they were added. */
export class FanOut implements EventSink {
  readonly #sinks: EventSink[];

  constructor(sinks: readonly EventSink[] = []) {
    this.#sinks = [...sinks];
  }

  /** A sink added later sees the events from then on. */
  add(sink: EventSink): void {
    this.#sinks.push(sink);
  }

  emit(event: PipelineEvent): void {
    for (const sink of this.#sinks) sink.emit(event);
  }

  async close(): Promise<void> {
    for (const sink of this.#sinks.splice(0)) await sink.close();
  }
}
