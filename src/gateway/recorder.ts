import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { FileQueue } from './files.ts';
import { INDEX, type IndexLine, type RecordedExchange } from './recorded.ts';
import { digestsOf, RULES } from './request-form.ts';

/** Keeps calls so that they can be replayed: one folder a start, one file a call, an index by digest. */
export interface Recorder {
  keep(exchange: RecordedExchange): void;
  /** The first thing that could not be written; null: all is on the disk. */
  flushed(): Promise<string | null>;
}

/**
 * Opens `folder/name` anew; what an earlier start of this name left there is put aside as `name.1`, `name.2`...
 * Throws the system's error.
 */
export function openRecorder(folder: string, name: string): Recorder {
  const own = path.join(folder, name);
  if (existsSync(own)) {
    let aside = 1;
    while (existsSync(`${own}.${aside}`)) aside++;
    renameSync(own, `${own}.${aside}`);
  }
  mkdirSync(own, { recursive: true });
  const files = new FileQueue(own);
  return {
    keep(exchange) {
      const file = fileOf(exchange.n);
      files.write(file, JSON.stringify(exchange));
      const line: IndexLine = { file, rules: RULES, ...digestsOf(exchange.target, exchange.body) };
      files.append(INDEX, `${JSON.stringify(line)}\n`);
    },
    flushed: () => files.flushed(),
  };
}

/** Name of a call's file: numbers sort as texts. */
export function fileOf(n: number): string {
  return `${String(n).padStart(4, '0')}.json`;
}
