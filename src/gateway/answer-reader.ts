import type { TokenUsage } from '../model/model-calls.ts';
import { readPart, usageOf } from './answer-parts.ts';
import type { Endpoint } from './routes.ts';
import { SseSplitter, type SseEvent } from './sse.ts';
import { record } from './usage.ts';

/** What an answer told, read to its end. */
export interface AnswerRead {
  /** Null where the provider told none. */
  readonly usage: TokenUsage | null;
  readonly writtenBytes: number;
  readonly text: boolean;
  readonly toolCalls: number;
  readonly refusal: boolean;
  /** The stream came to its own end; always so for an answer in one piece. */
  readonly finished: boolean;
  /** The provider gave up in the middle of the stream and said so. */
  readonly failed: boolean;
  /** Why it is not a whole answer, though its status was one of success. */
  readonly problem: string | null;
}

/** Reads an answer beside its way to the agent: tokens, tool calls, refusals, and whether it is whole. */
export class AnswerReader {
  private readonly splitter = new SseSplitter();
  private fields: Record<string, unknown> | null = null;
  private readonly calls = new Set<string>();
  private unnamedCalls = 0;
  private writtenBytes = 0;
  private text = false;
  private refusal = false;
  private finished = false;
  private failed = false;
  private problem: string | null = null;

  private readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Bytes of a stream of events, in any pieces. */
  push(chunk: Buffer): void {
    for (const event of this.splitter.push(chunk)) this.event(event);
  }

  /** One event of a stream that is split elsewhere. */
  event({ data }: SseEvent): void {
    if (data === '[DONE]') this.finished = true;
    else if (data !== '') this.document(data);
  }

  /** An answer in one piece: a document, or (Gemini without events) a list of them. */
  whole(body: Buffer): void {
    this.finished = true;
    this.document(body.toString('utf8'));
  }

  end(): AnswerRead {
    for (const event of this.splitter.end()) this.event(event);
    const { writtenBytes, text, refusal, finished, failed, problem } = this;
    const usage = this.fields === null ? null : usageOf(this.endpoint, this.fields);
    const toolCalls = this.calls.size + this.unnamedCalls;
    return { usage, writtenBytes, text, toolCalls, refusal, finished, failed, problem };
  }

  private document(text: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      this.problem ??= 'the provider sent what is not JSON';
      this.writtenBytes += Buffer.byteLength(text);
      return;
    }
    for (const one of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) this.part(record(one));
  }

  private part(document: Readonly<Record<string, unknown>>): void {
    const part = readPart(this.endpoint, document);
    if (part.usage !== undefined) {
      const told = Object.entries(part.usage).filter(([, value]) => value !== null);
      this.fields = { ...this.fields, ...Object.fromEntries(told) };
    }
    this.writtenBytes += part.writtenBytes;
    this.text ||= part.text;
    this.refusal ||= part.refusal;
    this.finished ||= part.finished;
    this.failed ||= part.error !== undefined;
    this.problem ??= part.error ?? null;
    for (const name of part.toolCalls) {
      if (name === '') this.unnamedCalls++;
      else this.calls.add(name);
    }
  }
}
