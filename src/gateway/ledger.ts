import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { LedgerSummary } from '../model/model-calls.ts';
import type { Exchange } from './exchange.ts';
import { FileQueue } from './files.ts';
import { LedgerSum } from './ledger-sum.ts';
import type { Spent } from './meter.ts';
import { fileOf } from './recorder.ts';
import type { Redactor } from './redaction.ts';

const LINES = 'exchanges.jsonl';
const WHOLE = 'exchanges';

/** The account of one start: a line a call in `exchanges.jsonl`, all of it in `exchanges/NNNN.json`. */
export class Ledger {
  private readonly sum = new LedgerSum();
  private readonly files: FileQueue;
  private readonly redactor: () => Redactor;
  private count = 0;

  /** Makes the folder. Throws the system's error. */
  constructor(folder: string, redactor: () => Redactor) {
    mkdirSync(path.join(folder, WHOLE), { recursive: true });
    this.files = new FileQueue(folder);
    this.redactor = redactor;
  }

  next(): number {
    return ++this.count;
  }

  keep({ line, request, answer }: Exchange): void {
    this.sum.add(line);
    const redactor = this.redactor();
    const text = (given: string): string => redactor.text(given);
    const whole =
      `{"schema":1,"call":${text(JSON.stringify(line))},\n"request":{"target":${text(JSON.stringify(request.target))},` +
      `"headers":${text(JSON.stringify(request.headers))},\n"body":${embedded(text(request.body))}},\n` +
      `"answer":{"headers":${text(JSON.stringify(answer.headers))},\n"body":${embedded(text(answer.body))}}}\n`;
    this.files.write(path.join(WHOLE, fileOf(line.n)), whole);
    this.files.append(LINES, `${text(JSON.stringify(line))}\n`);
  }

  refuse(reason: string): void {
    this.sum.refuse(reason);
  }

  met(spent: Spent): void {
    this.sum.met(spent);
  }

  roomy(): Promise<void> {
    return this.files.roomy();
  }

  summary(): LedgerSummary {
    return this.sum.summary();
  }

  /** The first thing that could not be written; null: all is on the disk. */
  flushed(): Promise<string | null> {
    return this.files.flushed();
  }
}

/** A JSON text stands as what it is, any other text (a stream, a broken answer) as a string. */
function embedded(text: string): string {
  const first = text.trimStart()[0];
  if (first === '{' || first === '[') {
    try {
      JSON.parse(text);
      return text;
    } catch {
      // a string then
    }
  }
  return JSON.stringify(text);
}
