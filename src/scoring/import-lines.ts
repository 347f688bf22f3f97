import { importsOf } from './bindings.ts';
import type { LogicalLine } from './logical-line.ts';

/** What stands around a statement. */
export interface Surroundings {
  /** Runs when the module is loaded: neither in a function nor in a class. */
  readonly atLoad: boolean;
  /** Directly in the body of a `try`, so that a failure goes to its `except`. */
  readonly inTry: boolean;
}

/** For each logical line what encloses it, by its indentation. */
export function surroundings(lines: readonly LogicalLine[]): ReadonlyMap<LogicalLine, Surroundings> {
  const found = new Map<LogicalLine, Surroundings>();
  const open: { indent: number; head: string }[] = [];
  for (const line of lines) {
    while ((open.at(-1)?.indent ?? -1) >= line.indent) open.pop();
    const head = (line.tokens[0] === 'async' ? line.tokens[1] : line.tokens[0]) ?? '';
    found.set(line, {
      atLoad: !open.some((outer) => outer.head === 'def' || outer.head === 'class'),
      inTry: open.at(-1)?.head === 'try' || (head === 'try' && line.tokens.at(-1) !== ':'),
    });
    if (line.tokens.at(-1) === ':') open.push({ indent: line.indent, head });
  }
  return found;
}

export const isImport = ({ tokens }: LogicalLine): boolean => importsOf(tokens).length > 0;

export const isFuture = ({ tokens }: LogicalLine): boolean =>
  tokens[0] === 'from' && tokens[1] === '__future__';

const CLAUSES = new Set(['try', 'except', 'else', 'finally', 'if', 'elif']);

const isHead = ({ tokens }: LogicalLine): boolean => CLAUSES.has(tokens[0] ?? '') && tokens.at(-1) === ':';

/** What stands around guarded imports: clause heads, `pass`, and `name = None`. */
export function isGuard(line: LogicalLine): boolean {
  const { tokens } = line;
  return (
    isHead(line) ||
    (tokens.length === 1 && tokens[0] === 'pass') ||
    (tokens.length === 3 && tokens[1] === '=' && tokens[2] === 'None')
  );
}

/** Lines that import when the module is loaded, with the `try` or `if` around them where that holds nothing else. */
export function importingLines(lines: readonly LogicalLine[]): ReadonlySet<LogicalLine> {
  const around = surroundings(lines);
  const found = new Set<LogicalLine>();
  for (let at = 0; at < lines.length;) {
    const head = lines[at];
    if (head === undefined) break;
    let end = at + 1;
    const goesOn = (line: LogicalLine | undefined): boolean =>
      line !== undefined &&
      (line.indent > head.indent ||
        (line.indent === head.indent && isHead(line) && !['try', 'if'].includes(line.tokens[0] ?? '')));
    if (isHead(head)) while (goesOn(lines[end])) end++;
    const block = lines.slice(at, end);
    const isWhole =
      around.get(head)?.atLoad === true &&
      block.some(isImport) &&
      block.every((line) => isImport(line) || isGuard(line));
    if (isWhole) for (const line of block) found.add(line);
    at = isWhole ? end : at + 1;
  }
  return found;
}

/** Physical lines (1-based) that the given logical lines span and no other one does. */
export function physicalLines(
  lines: readonly LogicalLine[],
  which: ReadonlySet<LogicalLine>,
): ReadonlySet<number> {
  const found = new Set<number>();
  for (const line of which) for (let at = line.first; at <= line.last; at++) found.add(at);
  for (const line of lines)
    if (!which.has(line)) for (let at = line.first; at <= line.last; at++) found.delete(at);
  return found;
}
