import { indentationProblem } from './flags.ts';
import type { LogicalLine } from './logical-line.ts';

/** The clause that one may follow, at its own depth. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  elif: ['if', 'elif'],
  else: ['if', 'elif', 'for', 'while', 'except'],
  except: ['try', 'except'],
  finally: ['try', 'except', 'else'],
};

/**
 * Why no version of Python compiles these lines, as far as whole statements show it: indentation, and clauses
 * without the one that they belong to (a `try` alone, an `else` after nothing). Null when nothing is wrong.
 */
export function blockProblem(lines: readonly LogicalLine[]): { line: number; problem: string } | null {
  const indentation = indentationProblem(lines);
  if (indentation !== null) return indentation;
  const open: { indent: number; head: string }[] = [];
  let previous: LogicalLine | null = null;
  for (const line of lines) {
    const goesOn: boolean = previous?.last === line.first && previous.indent === line.indent;
    previous = line;
    if (goesOn) continue;
    while ((open.at(-1)?.indent ?? -1) > line.indent) {
      if (open.pop()?.head === 'try') return { line: line.first, problem: 'try without except or finally' };
    }
    const before = open.at(-1)?.indent === line.indent ? open.pop()?.head : undefined;
    const head = (line.tokens[0] === 'async' ? line.tokens[1] : line.tokens[0]) ?? '';
    const allowed = Object.hasOwn(FOLLOWS, head) ? FOLLOWS[head] : undefined;
    if (allowed !== undefined && !allowed.includes(before ?? ''))
      return { line: line.first, problem: `${head} without its clause` };
    if (before === 'try' && head !== 'except' && head !== 'finally')
      return { line: line.first, problem: 'try without except or finally' };
    open.push({ indent: line.indent, head });
  }
  if (open.some(({ head }) => head === 'try'))
    return { line: lines.at(-1)?.last ?? 1, problem: 'try without except or finally' };
  return null;
}
