import type { LogicalLine } from './logical-line.ts';
import type { SourceReader } from './source-reader.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';

const CALLS = /^(?:assert_?[A-Z]\w*|assert_\w*|raises|warns|fail|fail(?:If|Unless)\w*)$/;

/** How many assertions statements make: `assert`, methods of `unittest` and `mock`, `raises` and `warns`. */
export function assertionsIn(lines: readonly LogicalLine[]): number {
  return lines.reduce((sum, { tokens }) => {
    const calls = tokens.filter(
      (token, at) => tokens[at - 1] === '.' && tokens[at + 1] === '(' && CALLS.test(token),
    );
    return (
      sum + calls.length + tokens.filter((token, at) => token === 'assert' && isStart(tokens, at)).length
    );
  }, 0);
}

/** A statement's first word, of a one-line block too. */
function isStart(tokens: readonly string[], at: number): boolean {
  return at === 0 || tokens[at - 1] === ':';
}

/**
 * Test files, taken from a candidate because they are what is migrated, that assert less than the developers' own do:
 * what such a test says when it passes is worth nothing.
 */
export function weakenedTests(
  files: readonly string[],
  candidate: TreeView,
  after: TreeView,
  reader: SourceReader,
): string[] {
  const count = (tree: TreeView, path: string): number => {
    const source = reader.read(tree, path);
    if (source === null) return 0;
    return source.lexed.ok ? assertionsIn(source.lexed.lines) : 0;
  };
  return files.filter((path) => count(candidate, path) < count(after, path)).sort(compareCodePoints);
}
