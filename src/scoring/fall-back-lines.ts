import { keyOf, type LogicalLine } from './logical-line.ts';

const WORDS_AND_SYMBOLS = /[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** For texts that do not lex: each physical line's words and single symbols, without blank and comment lines. */
export function fallBackLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  text.split('\n').forEach((content, index) => {
    const tokens = content.match(WORDS_AND_SYMBOLS);
    if (tokens === null || tokens[0].startsWith('#')) return;
    const number = index + 1;
    lines.push({ tokens, key: keyOf(tokens), first: number, last: number, indent: content.search(/\S/) });
  });
  return lines;
}
