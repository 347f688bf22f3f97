import type { Answer } from './answer.ts';
import type { Background } from './background.ts';
import { Needles } from './needles.ts';
import { looksMadeUp } from './sought.ts';
import type { AuditRule } from './request.ts';

/**
 * How much proves something. `full`: content that exists for this start alone, one rare word is enough. `lines`: content
 * that others wrote knowing nothing of this migration (an agent's code, tests written from the tree before), where the
 * same word may stand by chance.
 */
export type Strictness = 'full' | 'lines';

/** What of the answer a content holds, in words without hidden content, and the texts that prove it. */
export interface Verdict {
  readonly rule: AuditRule;
  readonly what: string;
  readonly proof: readonly string[];
}

/** Looks for the words and lines of one answer. */
export class Judge {
  readonly #answer: Answer;
  readonly #needles: Needles;

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#needles = new Needles(new Set(answer.words.keys()), new Set(answer.lines.keys()));
  }

  /** The strongest thing that is found in a content; undefined where it is clean. */
  verdict(content: Buffer, strictness: Strictness, background: Background): Verdict | undefined {
    if (this.#needles.empty) return undefined;
    const words = new Set<string>();
    const lines = new Set<string>();
    this.#needles.scan(content, { word: (word) => words.add(word), line: (line) => lines.add(line) });
    if (words.size === 0 && lines.size === 0) return undefined;
    const answer = this.#answer;
    const full = strictness === 'full';
    const rareLines = [...lines].filter((line) => {
      const rare = background.rare([...(answer.lines.get(line)?.rare ?? [])]);
      return full ? rare.length > 0 && (line.length >= 20 || rare.some(looksMadeUp)) : rare.some(looksMadeUp);
    });
    const rareWords = background.rare([...words]);
    if (rareLines.length >= (full ? 1 : 2)) {
      const tests = rareLines.every((line) => answer.lines.get(line)?.test === true);
      const whose = tests ? 'hidden tests' : 'the answer';
      const what = `${counted(rareLines.length, 'added line')} of ${whose}`;
      return { rule: tests ? 'hidden-test' : 'answer-line', what, proof: rareLines };
    }
    if (rareWords.length >= (full ? 1 : 3)) {
      const tests = rareWords.filter((word) => answer.words.get(word) === true);
      if (tests.length === 0)
        return { rule: 'rare-token', what: `${counted(rareWords.length, 'word')} that only the answer has`, proof: rareWords };
      return { rule: 'hidden-test-name', what: `${counted(tests.length, 'name')} of hidden tests`, proof: tests };
    }
    return this.#manyLines([...lines], full ? 3 : 6);
  } // prettier-ignore

  /** Lines that prove nothing one by one, and most of what one file adds together. */
  #manyLines(found: readonly string[], fewest: number): Verdict | undefined {
    const counts = new Map<number, number>();
    for (const line of found)
      for (const file of this.#answer.lines.get(line)?.files ?? [])
        counts.set(file, (counts.get(file) ?? 0) + 1);
    for (const [file, count] of counts) {
      if (count < fewest || count < 0.6 * (this.#answer.lineCounts[file] ?? Infinity)) continue;
      return { rule: 'answer-lines', what: `most lines that one file of the answer adds (${count})`, proof: found };
    }
    return undefined;
  } // prettier-ignore
}

function counted(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`;
}
