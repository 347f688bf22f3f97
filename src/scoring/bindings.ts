import { splitImport } from './logical-line.ts';
import { isName, isWord } from './python-words.ts';

/** One name of an import statement. `module` keeps its leading dots; `name` is null for `import module`. */
export interface ImportBinding {
  readonly module: string;
  readonly name: string | null;
  /** The name that is bound, `*` for a star. */
  readonly binds: string;
  /** Written with `as`. */
  readonly renamed: boolean;
}

/** A name or `self.x` (so written) that a line assigns, and the tokens of the expression that it gets: [from, to). */
export interface Assignment {
  readonly targets: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The imports of a logical line, one-line blocks (`try: import x`) included. */
export function importsOf(tokens: readonly string[]): ImportBinding[] {
  let start = 0;
  if (tokens[0] !== 'import' && tokens[0] !== 'from') {
    start = tokens.findIndex(
      (token, at) => (token === 'import' || token === 'from') && tokens[at - 1] === ':',
    );
    if (start === -1) return [];
  }
  return (splitImport(tokens.slice(start)) ?? []).map(binding);
}

function binding(tokens: readonly string[]): ImportBinding {
  const renamed = tokens.at(-2) === 'as';
  const end = renamed ? tokens.length - 2 : tokens.length;
  const last = tokens.at(-1) ?? '';
  if (tokens[0] === 'import') {
    return {
      module: tokens.slice(1, end).join(''),
      name: null,
      binds: renamed ? last : (tokens[1] ?? ''),
      renamed,
    };
  }
  const at = tokens.indexOf('import', 1);
  return { module: tokens.slice(1, at).join(''), name: tokens[at + 1] ?? '', binds: last, renamed };
}

const OPENERS = new Set(['(', '[', '{']);
const CLOSERS = new Set([')', ']', '}']);

/** Bracket depth at which each token stands (a bracket stands outside of itself). */
export function depthsOf(tokens: readonly string[]): Int32Array {
  const depths = new Int32Array(tokens.length);
  let depth = 0;
  tokens.forEach((token, at) => {
    if (CLOSERS.has(token)) depth--;
    depths[at] = depth;
    if (OPENERS.has(token)) depth++;
  });
  return depths;
}

/** Positions of the words that neither follow a dot nor are the name of a keyword argument. */
export function freeWords(tokens: readonly string[], depths: Int32Array): number[] {
  const words: number[] = [];
  tokens.forEach((token, at) => {
    if (!isWord(token)) return;
    const previous = tokens[at - 1];
    if (previous === '.' || previous === '...') return;
    const begins = previous === '(' || previous === ',';
    if (begins && tokens[at + 1] === '=' && (depths[at] ?? 0) > 0) return;
    words.push(at);
  });
  return words;
}

/**
 * What a logical line assigns by `=`, `with ... as`, `except ... as`, `for ... in` or a class's bases; also by the
 * statement that follows such a head on its line (`with f() as x: y = x`).
 */
export function assignmentsOf(tokens: readonly string[], depths: Int32Array): Assignment[] {
  const start = tokens[0] === 'async' ? 1 : 0;
  return [...byHead(tokens, depths, start), ...byEquals(tokens, depths)];
}

function byHead(tokens: readonly string[], depths: Int32Array, start: number): Assignment[] {
  switch (tokens[start] ?? '') {
    case 'class': {
      const open = tokens[start + 2] === '(' ? start + 3 : -1;
      const close = tokens.findIndex((token, at) => at >= open && token === ')' && depths[at] === 0);
      return open === -1 || close === -1
        ? []
        : [{ targets: targetsIn(tokens.slice(start + 1, start + 2)), from: open, to: close }];
    }
    case 'for': {
      const middle = tokens.findIndex((token, at) => token === 'in' && depths[at] === 0);
      if (middle === -1) return [];
      const end = tokens.findIndex((token, at) => at > middle && token === ':' && depths[at] === 0);
      return [
        {
          targets: targetsIn(tokens.slice(start + 1, middle)),
          from: middle + 1,
          to: end === -1 ? tokens.length : end,
        },
      ];
    }
    case 'with':
    case 'except':
      return asTargets(tokens, depths, start + 1);
    default:
      return [];
  }
}

/** `with a as b, c as d:`, also in parentheses; `except e as f:`. */
function asTargets(tokens: readonly string[], depths: Int32Array, start: number): Assignment[] {
  const found: Assignment[] = [];
  const inside =
    tokens[start] === '(' && tokens.some((token, at) => token === 'as' && depths[at] === 1) ? 1 : 0;
  let from = start + inside;
  for (let at = from; at < tokens.length; at++) {
    if (depths[at] !== inside) {
      if ((depths[at] ?? 0) < inside) break;
      continue;
    }
    if (tokens[at] === ':') break;
    if (tokens[at] === ',') from = at + 1;
    if (tokens[at] !== 'as') continue;
    let end = at + 1;
    while (
      end < tokens.length &&
      !((depths[end] ?? 0) <= inside && [',', ':', ')'].includes(tokens[end] ?? ''))
    )
      end++;
    if (tokens[at + 1] === '(') end = closing(tokens, depths, at + 1) + 1;
    found.push({ targets: targetsIn(tokens.slice(at + 1, end)), from, to: at });
    from = end + 1;
    at = end - 1;
  }
  return found;
}

function byEquals(tokens: readonly string[], depths: Int32Array): Assignment[] {
  const targets: string[] = [];
  let from = 0;
  for (let at = 0; at < tokens.length; at++) {
    if (depths[at] !== 0) continue;
    if (tokens[at] === 'lambda') break;
    if (tokens[at] !== '=') continue;
    targets.push(...targetsIn(targetPart(tokens, depths, from, at)));
    from = at + 1;
  }
  return targets.length === 0 ? [] : [{ targets, from, to: tokens.length }];
}

const BLOCKS = new Set('if elif else while try finally def async class for with except'.split(' '));

/** Without an annotation (`x: T`) or the head of a one-line block (`if x: y`). */
function targetPart(tokens: readonly string[], depths: Int32Array, from: number, to: number): string[] {
  const colons: number[] = [];
  for (let at = from; at < to; at++) if (tokens[at] === ':' && depths[at] === 0) colons.push(at);
  const first = colons[0];
  if (first === undefined) return tokens.slice(from, to);
  if (!BLOCKS.has(tokens[0] ?? '')) return tokens.slice(from, first);
  const second = colons[1];
  return tokens.slice(first + 1, second ?? to);
}

/** The plain names and `self.x` of a target list; subscripts and other attributes assign no name. */
function targetsIn(tokens: readonly string[]): string[] {
  const depths = depthsOf(tokens);
  const parts: string[][] = [[]];
  tokens.forEach((token, at) => {
    if (token === ',' && depths[at] === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  });
  return parts.flatMap((part) => {
    const bare = part[0] === '*' ? part.slice(1) : part;
    const [first, second, third] = bare;
    if (first === undefined) return [];
    if (bare.length === 1) return isName(first) ? [first] : [];
    if (bare.length === 3 && first === 'self' && second === '.' && third !== undefined)
      return [`self.${third}`];
    const wrapped = (first === '(' || first === '[') && closing(bare, depthsOf(bare), 0) === bare.length - 1;
    return wrapped ? targetsIn(bare.slice(1, -1)) : [];
  });
}

function closing(tokens: readonly string[], depths: Int32Array, open: number): number {
  for (let at = open + 1; at < tokens.length; at++) {
    if (depths[at] === depths[open] && CLOSERS.has(tokens[at] ?? '')) return at;
  }
  return tokens.length - 1;
}
