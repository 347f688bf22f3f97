import { SseSplitter, type SseEvent } from './sse.ts';
import { record } from './usage.ts';

/**
 * Takes out of a stream of chat completions the closing chunk with the counts, which the gateway asked for and the agent
 * did not. Every other byte goes on as it came, an event at a time.
 */
export class UsageChunkFilter {
  private readonly splitter = new SseSplitter();

  private readonly seen: (event: SseEvent) => void;

  constructor(seen: (event: SseEvent) => void) {
    this.seen = seen;
  }

  push(chunk: Buffer): Buffer {
    return this.kept(this.splitter.push(chunk));
  }

  end(): Buffer {
    return this.kept(this.splitter.end());
  }

  private kept(events: readonly SseEvent[]): Buffer {
    for (const event of events) this.seen(event);
    return Buffer.concat(events.filter((event) => !isUsageChunk(event)).map(({ raw }) => raw));
  }
}

function isUsageChunk({ data }: SseEvent): boolean {
  if (!data.includes('"usage"')) return false;
  try {
    const { choices, usage } = record(JSON.parse(data));
    return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null;
  } catch {
    return false;
  }
}
