import type { LogicalLine } from './logical-line.ts';
import type { PlacedLine, Unit } from './units.ts';

const FALSE = new Set(['False', '0', '0.0', 'None', "''", '""', '[ ]', '{ }', '( )']);
const TRUE = new Set(['True', '1']);
const LEAVES = new Set(['return', 'raise', 'continue', 'break']);

/** What a condition of constants comes to; null for any other. */
function constantOf(tokens: readonly string[]): boolean | null {
  const text = tokens.join(' ');
  if (FALSE.has(text) || text.startsWith('False and ')) return false;
  if (TRUE.has(text) || text.startsWith('True or ')) return true;
  if (tokens[0] === 'not') {
    const inner = constantOf(tokens.slice(1));
    return inner === null ? null : !inner;
  }
  const isWrapped = tokens.length > 2 && tokens[0] === '(' && tokens.indexOf(')') === tokens.length - 1;
  return isWrapped ? constantOf(tokens.slice(1, -1)) : null;
}

interface Level {
  readonly indent: number;
  /** Never reached at all. */
  readonly dead: boolean;
  /** Left by an earlier statement of the level. */
  left: boolean;
  /** An earlier clause always holds. */
  settled: boolean;
  /** The block below the last head is never reached. */
  body: boolean;
}

/** Lines that are never reached: below a condition of constants that never holds, and after what leaves their block. */
export function deadLines(lines: readonly LogicalLine[]): Set<LogicalLine> {
  const open: Level[] = [];
  const dead = new Set<LogicalLine>();
  for (const line of lines) {
    const { tokens, indent } = line;
    while ((open.at(-1)?.indent ?? -1) > indent) open.pop();
    let level = open.at(-1);
    if (level?.indent !== indent) {
      const isDead = level !== undefined && (level.dead || level.left || level.body);
      level = { indent, dead: isDead, left: false, settled: false, body: false };
      open.push(level);
    }
    if (level.dead || level.left) dead.add(line);
    const head = tokens.at(-1) === ':' ? tokens[0] : undefined;
    const value = ['if', 'elif', 'while'].includes(head ?? '') ? constantOf(tokens.slice(1, -1)) : null;
    const isClause = head === 'elif' || head === 'else';
    if (!isClause) level.settled = false;
    level.body = value === false || (isClause && level.settled);
    if (value === true && head !== 'while') level.settled = true;
    if (LEAVES.has(tokens[0] ?? '')) level.left = true;
  }
  return dead;
}

/** Whether lines that the ground truth adds are added where they are never reached, more often than it does so. */
export function hidesInDeadCode({ candidate, after, edits }: Unit): boolean {
  const wanted = new Set([...edits.ac.keys()].filter((key) => edits.ag.has(key)));
  if (wanted.size === 0) return false;
  const [found, own] = [deadCounts(candidate, wanted), deadCounts(after, wanted)];
  return [...found].some(([key, count]) => count > (own.get(key) ?? 0));
}

function deadCounts(places: readonly PlacedLine[], wanted: ReadonlySet<string>): Map<string, number> {
  const byPath = new Map<string, LogicalLine[]>();
  for (const { path, line } of places) {
    const lines = byPath.get(path);
    if (lines === undefined) byPath.set(path, [line]);
    else lines.push(line);
  }
  const counts = new Map<string, number>();
  for (const lines of byPath.values())
    for (const { key } of deadLines(lines)) if (wanted.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
