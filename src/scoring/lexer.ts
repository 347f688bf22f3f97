import { keyOf, splitImport, type Lexed, type LogicalLine } from './logical-line.ts';
import { isKeyword } from './python-words.ts';

const OPERATORS_3 = new Set(['**=', '//=', '>>=', '<<=', '...']);
const OPERATORS_2 = new Set('!= -> := == <= >= <> ** // << >> += -= *= /= %= &= |= ^= @='.split(' '));
/** Second characters of the operators above. */
const SECONDS = new Set([...OPERATORS_3, ...OPERATORS_2].map((operator) => operator.charCodeAt(1)));
const WORD_CHARACTER = /^[\p{L}\p{N}_]$/u;
const PREFIXES = new Set(Array.from('rubftRUBFT', (letter) => letter.charCodeAt(0)));

interface Bracket {
  readonly opener: string;
  /** Follows an operand: a call or a subscript, rather than a tuple or a list. */
  readonly afterOperand: boolean;
  /** Number of tokens when it was opened, itself included. */
  readonly start: number;
  readonly line: number;
  commas: number;
  /** Lambdas whose parameters are being read: their commas part no elements. */
  lambdas: number;
}

/** The logical lines of a physical line that no statement, string or bracket leaves or enters, by its text. */
export type LineMemo = Map<string, readonly LogicalLine[]>;

/**
 * Python's text as logical lines of tokens, by one lexer for every version of Python. Line ends must be `\n`.
 * Fails only on a triple quote that is never closed and on brackets that do not add up.
 *
 * @param known statements of whole physical lines that were lexed before; filled further
 */
export function lex(text: string, known: LineMemo = new Map()): Lexed {
  const lines: LogicalLine[] = [];
  const brackets: Bracket[] = [];
  let tokens: string[] = [];
  let first = 0;
  let last = 0;
  let indent = 0;
  let line = 1;
  let lineStart = 0;
  let at = 0;

  const flush = (): void => {
    if (tokens.length > 0) {
      const parts = tokens[0] === 'import' || tokens[0] === 'from' ? splitImport(tokens) : null;
      for (const part of parts ?? [tokens])
        lines.push({ tokens: part, key: keyOf(part), first, last, indent });
      tokens = [];
    }
  };

  // The physical line that is being lexed since its start, from outside of any statement; its text is a memo's key.
  let whole: string | null = null;
  let linesBefore = 0;
  while (at < text.length) {
    if (at === lineStart && tokens.length === 0) {
      const end = text.indexOf('\n', at);
      whole = end === -1 ? text.slice(at) : text.slice(at, end);
      const statements = known.get(whole);
      if (statements !== undefined) {
        for (const { tokens, key, indent } of statements)
          lines.push({ tokens, key, first: line, last: line, indent });
        at += whole.length + 1;
        line++;
        lineStart = at;
        continue;
      }
      linesBefore = lines.length;
    }
    const unit = text.charCodeAt(at);
    if (unit === 10) {
      at++;
      line++;
      lineStart = at;
      if (brackets.length === 0) {
        flush();
        if (whole !== null) known.set(whole, lines.slice(linesBefore));
      }
      whole = null;
      continue;
    }
    if (unit === 32 || unit === 9 || unit === 12) {
      at++;
      continue;
    }
    if (unit === 35) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
      continue;
    }
    if (unit === 92 && text.charCodeAt(at + 1) === 10) {
      at += 2;
      line++;
      // Leading blanks of a continued line are not looked at again: the statement, if any, began before.
      lineStart = tokens.length === 0 ? at : lineStart;
      whole = null;
      continue;
    }
    if (unit === 59 && brackets.length === 0) {
      at++;
      const column = indent;
      const statement = tokens.length > 0;
      flush();
      if (statement) indent = column;
      // The next statement of this line has the column of the first one.
      if (statement) lineStart = -1;
      continue;
    }
    const end = endOfToken(text, at);
    if (end === -1) return { ok: false, failure: { line, problem: 'triple quote never closed' } };
    const raw = text.slice(at, end);
    if (tokens.length === 0) {
      first = line;
      if (lineStart !== -1) indent = columnOf(text, lineStart, at);
    }
    const isString = isQuote(text.charCodeAt(end - 1)) && end - at > 1;
    if (isString) {
      for (let next = raw.indexOf('\n'); next !== -1; next = raw.indexOf('\n', next + 1)) {
        line++;
        lineStart = at + next + 1;
        whole = null;
      }
    }
    last = line;
    at = end;
    const token = isString ? normalString(raw) : raw;
    const level = brackets.at(-1);
    switch (token.length === 1 || token === 'lambda' ? token : '') {
      case '(':
      case '[':
      case '{': {
        const afterOperand = endsOperand(tokens.at(-1));
        tokens.push(token);
        brackets.push({ opener: token, afterOperand, start: tokens.length, line, commas: 0, lambdas: 0 });
        continue;
      }
      case ')':
      case ']':
      case '}':
        if (level === undefined)
          return { ok: false, failure: { line, problem: 'bracket closed but not open' } };
        if (tokens.at(-1) === ',' && !makesTuple(level, tokens.length)) tokens.pop();
        brackets.pop();
        break;
      case ',':
        if (level !== undefined && level.lambdas === 0) level.commas++;
        break;
      case 'lambda':
        if (level !== undefined) level.lambdas++;
        break;
      case ':':
        if (level !== undefined && level.lambdas > 0) level.lambdas--;
        break;
    }
    tokens.push(token);
  }
  const open = brackets[0];
  if (open !== undefined) return { ok: false, failure: { line: open.line, problem: 'bracket never closed' } };
  flush();
  return { ok: true, lines };
}

/** `(x,)` is a tuple and so is the index of `a[x,]`; `f(x,)`, `[x,]` and `from m import (x,)` are none. */
function makesTuple(level: Bracket, tokens: number): boolean {
  if (level.commas !== 1 || tokens - 1 <= level.start) return false;
  return level.opener === '(' ? !level.afterOperand : level.opener === '[' && level.afterOperand;
}

function endsOperand(token: string | undefined): boolean {
  if (token === undefined) return false;
  if (token === ')' || token === ']' || token === '}' || token === 'import') return true;
  if (isQuote(token.charCodeAt(token.length - 1)) && token.length > 1) return true;
  // A number may begin with its dot; `...` is a value too.
  if (token.length > 1 && token.startsWith('.')) return true;
  return isWordCharacter(token, 0) && !isKeyword(token);
}

/** End of the token that begins at `at`; -1 for a triple quote that is never closed. */
function endOfToken(text: string, at: number): number {
  const quote = startOfQuote(text, at);
  if (quote !== -1) {
    const end = endOfString(text, quote);
    if (end !== 0) return end;
    if (quote === at) return at + 1;
  }
  const unit = text.charCodeAt(at);
  if (isDigit(unit) || (unit === 46 && isDigit(text.charCodeAt(at + 1)))) return endOfNumber(text, at);
  const word = wordLength(text, at);
  if (word > 0) {
    let end = at + word;
    for (let more = wordLength(text, end); more > 0; more = wordLength(text, end)) end += more;
    return end;
  }
  if (SECONDS.has(text.charCodeAt(at + 1))) {
    if (OPERATORS_3.has(text.slice(at, at + 3))) return at + 3;
    if (OPERATORS_2.has(text.slice(at, at + 2))) return at + 2;
  }
  return at + (isHighSurrogate(unit) ? 2 : 1);
}

/** Where the quote of a string that begins here stands (a prefix of up to two letters before it); -1 when none does. */
function startOfQuote(text: string, at: number): number {
  for (let length = 0; length <= 2; length++) {
    const unit = text.charCodeAt(at + length);
    if (isQuote(unit)) return at + length;
    if (!PREFIXES.has(unit)) return -1;
  }
  return -1;
}

/** 0: does not close on its line; -1: a triple quote that never closes. */
function endOfString(text: string, quote: number): number {
  const unit = text.charCodeAt(quote);
  const triple = text.charCodeAt(quote + 1) === unit && text.charCodeAt(quote + 2) === unit;
  let at = quote + (triple ? 3 : 1);
  while (at < text.length) {
    const now = text.charCodeAt(at);
    if (now === 92) {
      at += 2;
      continue;
    }
    if (now === 10 && !triple) return 0;
    if (now === unit) {
      if (!triple) return at + 1;
      if (text.charCodeAt(at + 1) === unit && text.charCodeAt(at + 2) === unit) return at + 3;
    }
    at++;
  }
  return triple ? -1 : 0;
}

function endOfNumber(text: string, at: number): number {
  let end = at + 1;
  for (;;) {
    const unit = text.charCodeAt(end);
    const sign = text.charCodeAt(end + 1);
    if ((unit === 101 || unit === 69) && (sign === 43 || sign === 45) && isDigit(text.charCodeAt(end + 2))) {
      end += 3;
    } else if (unit === 46) end++;
    else {
      const word = wordLength(text, end);
      if (word === 0) return end;
      end += word;
    }
  }
}

/** Prefix in lower case without `u`; double quotes single where the body has neither quote nor backslash. */
function normalString(raw: string): string {
  let quote = 0;
  while (!isQuote(raw.charCodeAt(quote))) quote++;
  const prefix = quote === 0 ? '' : raw.slice(0, quote).toLowerCase().replaceAll('u', '');
  const string = quote === 0 ? raw : raw.slice(quote);
  if (!string.startsWith('"')) return prefix + string;
  const marks = string.length >= 6 && string.startsWith('"""') ? 3 : 1;
  const body = string.slice(marks, -marks);
  if (/['"\\]/.test(body)) return prefix + string;
  const mark = "'".repeat(marks);
  return prefix + mark + body + mark;
}

function columnOf(text: string, start: number, at: number): number {
  let column = 0;
  for (let index = start; index < at; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 9) column = (Math.floor(column / 8) + 1) * 8;
    else if (unit === 12) column = 0;
    else column++;
  }
  return column;
}

function isQuote(unit: number): boolean {
  return unit === 39 || unit === 34;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isWordCharacter(text: string, at: number): boolean {
  return wordLength(text, at) > 0;
}

/** Units of the word character at `at`, 0 when there is none. */
function wordLength(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 128) {
    const isWord =
      (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57) || unit === 95;
    return isWord ? 1 : 0;
  }
  if (Number.isNaN(unit)) return 0;
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return WORD_CHARACTER.test(character) ? character.length : 0;
}
