const [PLAIN, IN_WORD, BLANK, END, ESCAPE, MARK] = [0, 1, 2, 3, 4, 5] as const;
const [BACKSLASH, QUOTE, LETTER_N] = [92, 34, 110] as const;
/** What each byte is to the pass over them. */
const KIND = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === 10) return END;
  if (code <= 32) return BLANK;
  if (code === BACKSLASH) return ESCAPE;
  const character = String.fromCharCode(code);
  if (character === '+' || character === '>') return MARK;
  return code < 128 && /\w/.test(character) ? IN_WORD : PLAIN;
});
const TABLE = 1 << 17;
const MASK = TABLE - 1;
/** Shorter words and lines say nothing. */
export const SHORTEST_WORD = 6;
export const SHORTEST_LINE = 12;
const LONGEST_LINE = 2000;

/** Told of what was found; answers whether more is of interest. */
export interface Finder {
  word(word: string): void;
  line(line: string): void;
}

/**
 * Words and lines that are sought, all in one pass over bytes. A line counts without its white space and without what
 * patches and quotations put before it; `\n` and `\"` in a text count as the line end and quote that they stand for.
 */
export class Needles {
  readonly #words: ReadonlySet<string>;
  readonly #lines: ReadonlySet<string>;
  readonly #wordTable = new Uint8Array(TABLE);
  readonly #lineTable = new Uint8Array(TABLE);

  constructor(words: ReadonlySet<string>, lines: ReadonlySet<string>) {
    this.#words = words;
    this.#lines = lines;
    for (const word of words) this.#wordTable[hashOf(word)] = 1;
    for (const line of lines) this.#lineTable[hashOf(line)] = 1;
  }

  get empty(): boolean {
    return this.#words.size === 0 && this.#lines.size === 0;
  }

  scan(content: Buffer, found: Finder): void {
    const wordTable = this.#wordTable;
    const end = content.length;
    let wordHash = 0;
    let wordStart = -1;
    let lineHash = 0;
    let lineLength = 0;
    let lineStart = 0;
    for (let at = 0; at < end; at++) {
      const code = content[at] ?? 0;
      const kind = KIND[code] ?? 0;
      if (kind === IN_WORD) {
        if (wordStart < 0) {
          wordStart = at;
          wordHash = code;
        } else wordHash = (Math.imul(wordHash, 31) + code) | 0;
        lineHash = (Math.imul(lineHash, 31) + code) | 0;
        lineLength++;
        continue;
      }
      if (wordStart >= 0) {
        if (at - wordStart >= SHORTEST_WORD && wordTable[wordHash & MASK] === 1)
          this.#word(content.toString('latin1', wordStart, at), found);
        wordStart = -1;
      }
      if (kind === BLANK) continue;
      if (kind === PLAIN || (kind === MARK && lineLength > 0)) {
        lineHash = (Math.imul(lineHash, 31) + code) | 0;
        lineLength++;
      } else if (kind === ESCAPE) {
        const next = content[at + 1];
        if (next === LETTER_N) {
          this.#line(content, lineStart, at, lineHash, lineLength, found);
          lineStart = at + 2;
          lineHash = lineLength = 0;
          at++;
        } else {
          const counted = next === QUOTE ? QUOTE : code;
          if (next === QUOTE) at++;
          lineHash = (Math.imul(lineHash, 31) + counted) | 0;
          lineLength++;
        }
      } else if (kind === END) {
        this.#line(content, lineStart, at, lineHash, lineLength, found);
        lineStart = at + 1;
        lineHash = lineLength = 0;
      }
    }
    if (wordStart >= 0 && end - wordStart >= SHORTEST_WORD) this.#word(content.toString('latin1', wordStart), found);
    this.#line(content, lineStart, end, lineHash, lineLength, found);
  } // prettier-ignore

  #word(word: string, found: Finder): void {
    if (this.#words.has(word)) found.word(word);
  }

  #line(content: Buffer, start: number, end: number, hash: number, length: number, found: Finder): void {
    if (length < SHORTEST_LINE || length > LONGEST_LINE || this.#lineTable[hash & MASK] !== 1) return;
    const line = squeezed(content.toString('latin1', start, end));
    if (this.#lines.has(line)) found.line(line);
  } // prettier-ignore
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash & MASK;
}

function squeezed(line: string): string {
  // eslint-disable-next-line no-control-regex -- blanks as the pass over bytes skips them
  return line.replace(/[\x00-\x20]+/g, '').replace(/^[+>]+/, '').replaceAll('\\"', '"');
} // prettier-ignore

/** The lines of a text as they are sought (bytes as latin1), and the words of each. */
export function* linesOf(content: Buffer): Generator<{ readonly line: string; readonly words: string[] }> {
  for (const raw of content.toString('latin1').split(/\n|\\n/)) {
    const line = squeezed(raw);
    if (line.length < SHORTEST_LINE || line.length > LONGEST_LINE) continue;
    yield { line, words: (raw.match(/\w+/g) ?? []).filter((word) => word.length >= SHORTEST_WORD) };
  }
}
