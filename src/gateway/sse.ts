/** One event of a stream: its bytes as they came, its closing blank line included, and its data joined. */
export interface SseEvent {
  readonly raw: Buffer;
  readonly data: string;
}

const [LF, CR] = [0x0a, 0x0d];

/** Cuts a stream of server-sent events where they end, whatever the pieces are that its bytes come in. */
export class SseSplitter {
  private rest: Buffer = Buffer.alloc(0);
  /** Up to where `rest` has been looked at. */
  private seen = 0;

  push(chunk: Buffer): SseEvent[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const events: SseEvent[] = [];
    let start = 0;
    for (;;) {
      const end = endOfEvent(this.rest, Math.max(start, this.seen));
      if (end < 0) break;
      events.push(eventOf(this.rest.subarray(start, end)));
      start = end;
      this.seen = end;
    }
    this.rest = this.rest.subarray(start);
    // an end is at most four bytes long
    this.seen = Math.max(0, this.rest.length - 3);
    return events;
  }

  /** What is left at the end of the stream: some servers leave out the last blank line. */
  end(): SseEvent[] {
    const { rest } = this;
    this.rest = Buffer.alloc(0);
    this.seen = 0;
    return rest.length === 0 ? [] : [eventOf(rest)];
  }
}

/** Behind the first blank line from `from` on; -1 where there is none yet. */
function endOfEvent(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length - 1; at++) {
    if (bytes[at] === LF) {
      if (bytes[at + 1] === LF) return at + 2;
      if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
    } else if (bytes[at] === CR && bytes[at + 1] === CR) return at + 2;
  }
  return -1;
}

function eventOf(raw: Buffer): SseEvent {
  const data: string[] = [];
  for (const line of raw.toString('utf8').split(/\r\n|\n|\r/)) {
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }
  return { raw, data: data.join('\n') };
}
