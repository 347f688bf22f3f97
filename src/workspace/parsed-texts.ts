import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { ConfigFailure } from '../model/failures/config.ts';
import { ok, type Result } from '../model/result.ts';
import { sha256, writeAtomically } from './disk.ts';
import { readStrict } from './yaml.ts';

/** Reads a YAML text by a strict schema, as `readStrict` does; `kind` names the schema. */
export type StrictReader = <T>(
  kind: string,
  schema: z.ZodType<T>,
  text: string,
  file: string,
) => Result<T, ConfigFailure>;

/** Reads every text anew. */
export const readAnew: StrictReader = (_kind, schema, text, file) => readStrict(schema, text, file);

/**
 * What texts said when they were read by a schema, kept in a folder by kind and content: a run that finds
 * everything done then loads neither the YAML parser nor the schemas. Only what depends on the text alone is kept,
 * never anything of the file's place. A stored text that is damaged, or of another program, is as good as absent.
 */
export class ParsedTexts {
  readonly #dir: string;
  readonly #program: string | null;
  readonly #fresh = new Map<string, string>();

  /** `program` names the exact schemas (null: they may change at any time, so nothing is kept or believed). */
  constructor(dir: string, program: string | null) {
    this.#dir = dir;
    this.#program = program;
  }

  readonly read: StrictReader = (kind, schema, text, file) => {
    if (this.#program === null) return readStrict(schema, text, file);
    const place = path.join(this.#dir, `${sha256(`${kind}\n${text}`)}.json`);
    const stored = this.#stored(place);
    if (stored !== undefined) return ok(stored.value as z.infer<typeof schema>);
    const read = readStrict(schema, text, file);
    if (read.ok) {
      const body = JSON.stringify({ program: this.#program, value: read.value });
      this.#fresh.set(place, `${sha256(body)}\n${body}`);
    }
    return read;
  };

  /** Keeps what was read anew. A folder that cannot be written is left alone. */
  keep(): void {
    try {
      for (const [place, content] of this.#fresh) writeAtomically(place, content);
    } catch {
      // the texts are read anew next time
    }
    this.#fresh.clear();
  }

  #stored(place: string): { readonly value: unknown } | undefined {
    let content: string;
    try {
      content = readFileSync(place, 'utf8');
    } catch {
      return undefined;
    }
    const end = content.indexOf('\n');
    const body = content.slice(end + 1);
    if (end < 0 || sha256(body) !== content.slice(0, end)) return undefined;
    const { program, value } = JSON.parse(body) as { program: string; value: unknown };
    return program === this.#program ? { value } : undefined;
  }
}
