import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Needles } from './needles.ts';

/** Says which words are used by code that has nothing to do with the answer; asked only about words that were found. */
export class Background {
  readonly #files: () => readonly string[];
  readonly #known = new Map<string, boolean>();

  /** @param files paths of files of libraries, listed when first needed */
  constructor(files: () => readonly string[]) {
    this.#files = files;
  }

  /** Those of `words` that no library uses. */
  rare(words: readonly string[]): string[] {
    const asked = words.filter((word) => !this.#known.has(word));
    if (asked.length > 0) this.#look(new Set(asked));
    return words.filter((word) => this.#known.get(word) === false);
  }

  #look(words: Set<string>): void {
    const found = new Set<string>();
    const needles = new Needles(words, new Set());
    for (const file of this.#files()) {
      if (found.size === words.size) break;
      needles.scan(readFileSync(file), { word: (word) => found.add(word), line: () => undefined });
    }
    for (const word of words) this.#known.set(word, found.has(word));
  }
}

/** Modules of an interpreter's own library, without installed packages and tests. */
export function standardModules(prefix: string): string[] {
  const lib = path.join(prefix, 'lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .filter((name) => /^python\d/.test(name))
    .flatMap((name) => modulesBelow(path.join(lib, name)));
}

function modulesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(dir, entry.name);
    if (entry.isDirectory())
      return /^(?:site-packages|test|tests|idlelib|__pycache__)$/.test(entry.name) ? [] : modulesBelow(at);
    return entry.isFile() && entry.name.endsWith('.py') ? [at] : [];
  });
}
