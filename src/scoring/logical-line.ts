/**
 * One statement, however many lines it is written on (or one name of an import of several names). `first` and
 * `last` are the physical lines it spans, 1-based; `indent` is the column of its statement. Two lines are equal
 * when their keys are.
 */
export interface LogicalLine {
  readonly tokens: readonly string[];
  readonly key: string;
  readonly first: number;
  readonly last: number;
  readonly indent: number;
}

/** Why a text does not lex, and the physical line where that began. */
export interface LexFailure {
  readonly line: number;
  readonly problem: 'triple quote never closed' | 'bracket closed but not open' | 'bracket never closed';
}

export type Lexed =
  | { readonly ok: true; readonly lines: readonly LogicalLine[] }
  | { readonly ok: false; readonly failure: LexFailure };

/** A NUL parts tokens: files that hold one are never read, so no token does, and keys sort as token lists do. */
export function keyOf(tokens: readonly string[]): string {
  return tokens.join('\u0000');
}

/** Number of tokens, a string being one. */
export function weightOfKey(key: string): number {
  let weight = 1;
  for (let at = key.indexOf('\u0000'); at !== -1; at = key.indexOf('\u0000', at + 1)) weight++;
  return weight;
}

export function tokensOfKey(key: string): string[] {
  return key.split('\u0000');
}

const DOTTED = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * An import of several names as one token list a name (`import m`, `from m import x`, with `as y` only where
 * written), parentheses dropped; null for anything else, and for what only resembles an import.
 */
export function splitImport(tokens: readonly string[]): string[][] | null {
  if (tokens[0] === 'import') {
    const parts = splitAtCommas(tokens.slice(1));
    if (!parts.every((part) => isNamed(part, isDotted))) return null;
    return parts.map((part) => ['import', ...part]);
  }
  if (tokens[0] !== 'from') return null;
  const at = tokens.indexOf('import', 1);
  if (at < 2) return null;
  let names = tokens.slice(at + 1);
  if (names[0] === '(' && names.at(-1) === ')') names = names.slice(1, -1);
  const parts = splitAtCommas(names);
  const isName = (part: readonly string[]): boolean =>
    part.length === 1 && (part[0] === '*' || DOTTED.test(part[0] ?? ''));
  if (!parts.every((part) => isNamed(part, isName))) return null;
  return parts.map((part) => [...tokens.slice(0, at + 1), ...part]);
}

function isNamed(part: readonly string[], isName: (tokens: readonly string[]) => boolean): boolean {
  if (part.at(-2) === 'as') return DOTTED.test(part.at(-1) ?? '') && isName(part.slice(0, -2));
  return isName(part);
}

function isDotted(part: readonly string[]): boolean {
  return (
    part.length % 2 === 1 &&
    part.every((token, index) => (index % 2 === 0 ? DOTTED.test(token) : token === '.'))
  );
}

function splitAtCommas(tokens: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const token of tokens) {
    if (token === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
