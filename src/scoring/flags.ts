import type { Library } from '../model/library.ts';
import { importsOf } from './bindings.ts';
import { tokensOfKey, type LogicalLine } from './logical-line.ts';
import type { LineCounts } from './multiset.ts';

type Named = Pick<Library, 'importNames'>;

/** `import tomli as toml`: an added line binds the source library's name to something of the target library. */
export function isAliased(added: LineCounts, source: readonly Named[], target: readonly Named[]): boolean {
  const old = source.flatMap((library) => library.importNames);
  const now = target.flatMap((library) => library.importNames);
  const names = new Set(old.map((name) => name.slice(name.lastIndexOf('.') + 1)));
  const below = (path: string, libraries: readonly string[]): boolean =>
    libraries.some((library) => path === library || path.startsWith(`${library}.`));
  return [...added.keys()].some((key) =>
    importsOf(tokensOfKey(key)).some(({ module, name, binds, renamed }) => {
      const full = name === null ? module : `${module}.${name}`;
      return (
        names.has(binds) &&
        (renamed || name !== null) &&
        (below(module, now) || below(full, now)) &&
        !below(full, old)
      );
    }),
  );
}

const NEVER = new Set(['False', '0', 'None', 'not True', 'not 1']);

/** Whether more blocks are added under a condition that never holds (`if False:`) than the ground truth adds. */
export function addsDeadBlocks(added: LineCounts, wanted: LineCounts): boolean {
  for (const [key, count] of added) {
    const tokens = tokensOfKey(key);
    const end = tokens.indexOf(':');
    if (!['if', 'elif', 'while'].includes(tokens[0] ?? '') || end === -1) continue;
    const condition = tokens.slice(1, end).filter((token) => token !== '(' && token !== ')');
    if (NEVER.has(condition.join(' ')) && count > (wanted.get(key) ?? 0)) return true;
  }
  return false;
}

/** First line whose indentation no version of Python takes, judged by whole statements; null when there is none. */
export function indentationProblem(lines: readonly LogicalLine[]): { line: number; problem: string } | null {
  const open = [0];
  let expectsBlock = false;
  for (const { tokens, indent, first } of lines) {
    const current = open.at(-1) ?? 0;
    if (expectsBlock) {
      if (indent <= current) return { line: first, problem: 'expected an indented block' };
      open.push(indent);
    } else if (indent > current) return { line: first, problem: 'unexpected indent' };
    else {
      while ((open.at(-1) ?? 0) > indent) open.pop();
      if (open.at(-1) !== indent) return { line: first, problem: 'unindent matches no outer level' };
    }
    expectsBlock = tokens.at(-1) === ':';
  }
  return expectsBlock ? { line: lines.at(-1)?.last ?? 1, problem: 'expected an indented block' } : null;
}
