/** Tokens as small numbers, so that lines compare quickly. */
export class TokenIds {
  private readonly ids = new Map<string, number>();

  get size(): number {
    return this.ids.size;
  }

  of(tokens: readonly string[]): Int32Array {
    return Int32Array.from(tokens, (token) => {
      let id = this.ids.get(token);
      if (id === undefined) {
        id = this.ids.size;
        this.ids.set(token, id);
      }
      return id;
    });
  }
}

/**
 * Length of the longest common subsequence of one line with others, exact and bit-parallel (Hyyrö 2004): one
 * machine word holds 32 tokens of the fixed line, so a comparison costs m/32 · n steps.
 */
export class LineLcs {
  private readonly line: Int32Array;
  private readonly words: number;
  /** For each token id, where it occurs in the fixed line: one bit a position, `words` numbers a token. */
  private readonly rows = new Map<number, Int32Array>();
  private readonly counts = new Map<number, number>();

  constructor(line: Int32Array) {
    this.line = line;
    this.words = Math.ceil(line.length / 32);
    line.forEach((token, position) => {
      let row = this.rows.get(token);
      if (row === undefined) this.rows.set(token, (row = new Int32Array(this.words)));
      row[position >>> 5] = (row[position >>> 5] ?? 0) | (1 << (position & 31));
      this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
    });
  }

  /** Never below the true length: the tokens that both lines hold, in any order. */
  upperBound(other: Int32Array): number {
    const left = new Map(this.counts);
    let shared = 0;
    for (const token of other) {
      const count = left.get(token);
      if (count !== undefined && count > 0) {
        left.set(token, count - 1);
        shared++;
      }
    }
    return shared;
  }

  length(other: Int32Array): number {
    if (this.line.length === 0) return 0;
    return this.words === 1 ? this.inOneWord(other) : this.inWords(other);
  }

  /** As `length`, for a line of at most 32 tokens, with its rows spread out by `spread` (faster in long loops). */
  lengthBy(spread: Int32Array, other: Int32Array): number {
    let open = -1;
    for (const token of other) {
      const hit = open & (spread[token] ?? 0);
      open = (open + hit) | 0 | (open & ~hit);
    }
    return zeros(open, this.line.length);
  }

  /** Writes this line's rows into a table by token id, or wipes them; null for a line of more than 32 tokens. */
  spread(table: Int32Array, wipe = false): Int32Array | null {
    if (this.words > 1) return null;
    for (const [token, row] of this.rows) table[token] = wipe ? 0 : (row[0] ?? 0);
    return table;
  }

  private inOneWord(other: Int32Array): number {
    let open = -1;
    for (const token of other) {
      const row = this.rows.get(token);
      if (row === undefined) continue;
      const hit = open & (row[0] ?? 0);
      open = (open + hit) | 0 | (open & ~hit);
    }
    return zeros(open, this.line.length);
  }

  private inWords(other: Int32Array): number {
    const { words } = this;
    const open = new Int32Array(words).fill(-1);
    for (const token of other) {
      const row = this.rows.get(token);
      if (row === undefined) continue;
      let carry = 0;
      for (let word = 0; word < words; word++) {
        const now = open[word] ?? 0;
        const hit = now & (row[word] ?? 0);
        const sum = (now >>> 0) + (hit >>> 0) + carry;
        carry = sum > 0xffffffff ? 1 : 0;
        open[word] = sum | 0 | (now & ~hit);
      }
    }
    let length = 0;
    for (let word = 0; word < words; word++) {
      length += zeros(open[word] ?? 0, Math.min(32, this.line.length - 32 * word));
    }
    return length;
  }
}

/** Number of zero bits among the lowest `bits`. */
function zeros(word: number, bits: number): number {
  let ones = ~word;
  if (bits < 32) ones &= (1 << bits) - 1;
  ones -= (ones >>> 1) & 0x55555555;
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333);
  return Math.imul((ones + (ones >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Likeness of two lines: 2·LCS/(m+n). */
export function likeness(lcs: number, m: number, n: number): number {
  return (2 * lcs) / (m + n);
}
