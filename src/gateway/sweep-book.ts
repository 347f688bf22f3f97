import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Cost } from './meter.ts';

const owner = z.strictObject({
  host: z.string(),
  bootId: z.string(),
  pidNamespace: z.string(),
  pid: z.int(),
  processStart: z.string(),
});
const cost = { usd: z.number().min(0), tokens: z.number().min(0) };
const line = z.discriminatedUnion('event', [
  /** A process that makes calls; `by` names it below. */
  z.strictObject({ event: z.literal('process'), by: z.string(), owner }),
  /** A call that wants its turn, and what it will cost at most. */
  z.strictObject({ event: z.literal('wants'), call: z.string(), by: z.string(), at: z.number(), ...cost }),
  z.strictObject({ event: z.literal('starts'), call: z.string() }),
  /** It is over and cost this. */
  z.strictObject({ event: z.literal('ends'), call: z.string(), ...cost }),
  /** It gave up its turn. */
  z.strictObject({ event: z.literal('leaves'), call: z.string() }),
]);
export type SweepLine = z.infer<typeof line>;
export type SweepOwner = z.infer<typeof owner>;

/** A call that is neither over nor gone. */
export interface OpenCall {
  readonly id: string;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly upper: Cost;
  started: boolean;
}

const LONGEST_READ = 1 << 20;

/**
 * What all processes of a sweep have spent, as a file of lines that each appends to and reads. Their order is the
 * same for all, so it decides whose turn it is, without a lock. A line that was torn when its writer died counts as not written.
 */
export class SweepBook {
  readonly file: string;
  /** Of calls that are over. */
  total: Cost = { usd: 0, tokens: 0, calls: 0 };
  /** In the order in which they asked. */
  readonly open = new Map<string, OpenCall>();
  readonly owners = new Map<string, SweepOwner>();
  /** The first thing that could not be written or read; null: nothing. */
  problem: string | null = null;
  private readonly descriptor: number;
  private offset = 0;
  private rest: Buffer = Buffer.alloc(0);

  /** Throws the system's error where the file cannot be opened. */
  constructor(file: string) {
    this.file = file;
    mkdirSync(path.dirname(file), { recursive: true });
    this.descriptor = openSync(file, 'a+');
    this.read();
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Takes in what others wrote. */
  read(): void {
    try {
      const size = fstatSync(this.descriptor).size;
      while (this.offset < size) {
        const piece = Buffer.alloc(Math.min(LONGEST_READ, size - this.offset));
        const length = readSync(this.descriptor, piece, 0, piece.length, this.offset);
        if (length === 0) break;
        this.offset += length;
        this.takeIn(Buffer.concat([this.rest, piece.subarray(0, length)]));
      }
    } catch (error) {
      this.problem ??= wordsOf(error);
    }
  }

  /** Where it cannot be written it holds in this process all the same, and `problem` says so. */
  write(...lines: readonly SweepLine[]): void {
    // one write, which the system appends whole; the leading break ends what a dead writer tore
    const text = lines.map((one) => `\n${JSON.stringify(one)}\n`).join('');
    try {
      writeSync(this.descriptor, text);
    } catch (error) {
      this.problem ??= wordsOf(error);
      for (const one of lines) this.apply(one);
    }
    this.read();
  }

  private takeIn(text: Buffer): void {
    const end = text.lastIndexOf(10);
    this.rest = text.subarray(end + 1);
    for (const one of text.subarray(0, Math.max(0, end)).toString('utf8').split('\n')) {
      if (one !== '') this.takeLine(one);
    }
  }

  private takeLine(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // torn
      return;
    }
    const parsed = line.safeParse(value);
    if (parsed.success) this.apply(parsed.data);
    else this.problem ??= `a line is not one that this version writes: ${text.slice(0, 120)}`;
  }

  private apply(one: SweepLine): void {
    if (one.event === 'process') this.owners.set(one.by, one.owner);
    else if (one.event === 'wants') {
      const { call: id, by, at, usd, tokens } = one;
      this.open.set(id, { id, by, at, upper: { usd, tokens, calls: 1 }, started: false });
    } else if (one.event === 'starts') {
      const call = this.open.get(one.call);
      if (call !== undefined) call.started = true;
    } else if (this.open.delete(one.call) && one.event === 'ends') {
      const { usd, tokens, calls } = this.total;
      this.total = { usd: usd + one.usd, tokens: tokens + one.tokens, calls: calls + 1 };
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
