import type { PipelineEvent } from '../model/events.ts';
import type { EventSink } from './sink.ts';

/** Where lines go; `process.stdout` is one. */
export interface LineStream {
  write(text: string): unknown;
}

/** One JSON object a line, exactly the events of the stream. */
export function ndjsonSink(stream: LineStream): EventSink {
  return {
    emit: (event: PipelineEvent) => {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    close: () => undefined,
  };
}
