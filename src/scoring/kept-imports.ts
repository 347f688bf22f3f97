import { importsOf } from './bindings.ts';
import { isManifest, isTest, kindByName } from './file-kinds.ts';
import type { LogicalLine } from './logical-line.ts';
import { countLines, minus } from './multiset.ts';
import { SourceReader } from './source-reader.ts';
import { compareCodePoints, type TreeView } from './tree-view.ts';

const CATCHES_IMPORT_ERRORS = new Set(['ImportError', 'ModuleNotFoundError', 'Exception', 'BaseException']);

/**
 * Code files of the ground truth that cannot do without A: they import it, and not only as an extra that they do
 * without where it is missing (inside `try` with an `except ImportError`, or for type checkers). The block leaves
 * these files alone, in every tree: the developers kept A there. (requests keeps its old detector as an optional
 * extra in the very files that the migration is about; with A refused there its ground truth is complete.)
 */
export function filesKeepingImports(
  after: TreeView,
  importNames: readonly string[],
  reader = new SourceReader(),
): string[] {
  return [...after.entries.keys()]
    .filter((path) => !isTest(path) && !isManifest(path) && kindByName(path) !== 'other')
    .filter((path) => reader.isCode(path, after))
    .filter((path) => {
      const source = reader.read(after, path);
      if (source === null || !source.text.includes('import')) return false;
      const lines = source.lexed.ok ? source.lexed.lines : source.fallBack;
      return lines.some((line, at) => imports(line.tokens, importNames) && !isOptional(lines, at));
    })
    .sort(compareCodePoints);
}

/**
 * Of the files that keep A in the ground truth, those that import it in a candidate no more than in one of the
 * references (the tree before, the ground truth): line by line, as often. A patch that imports more of A there, to
 * hand it on, has the exemption no longer.
 */
export function stillKept(
  kept: readonly string[],
  candidate: TreeView,
  references: readonly TreeView[],
  importNames: readonly string[],
  reader = new SourceReader(),
): string[] {
  const linesIn = (view: TreeView, path: string): Map<string, number> => {
    const source = view.entries.has(path) ? reader.read(view, path) : null;
    if (source === null) return new Map();
    const lines = source.lexed.ok ? source.lexed.lines : source.fallBack;
    return countLines(lines.filter(({ tokens }) => imports(tokens, importNames)));
  };
  return kept.filter((path) => {
    const lines = linesIn(candidate, path);
    return references.some((view) => minus(lines, linesIn(view, path)).size === 0);
  });
}

/** Whether a logical line imports one of the modules, or something below them. */
export function imports(tokens: readonly string[], importNames: readonly string[]): boolean {
  const isOf = (module: string): boolean =>
    importNames.some((name) => module === name || module.startsWith(`${name}.`));
  const stated = importsOf(tokens).some(
    ({ module, name }) => isOf(module) || (name !== null && isOf(`${module}.${name}`)),
  );
  const called = tokens.some(
    (token, at) =>
      (token === 'import_module' || token === '__import__') &&
      tokens[at + 1] === '(' &&
      isOf((tokens[at + 2] ?? '').replace(/^[a-z]*['"]+|['"]+$/g, '')),
  );
  return stated || called;
}

/** Whether line `at` is inside a `try` whose handlers catch a failing import, or is for type checkers alone. */
function isOptional(lines: readonly LogicalLine[], at: number): boolean {
  const line = lines[at];
  if (line === undefined) return false;
  if (line.tokens[0] === 'try') return handlesImportErrors(lines, at);
  let indent = line.indent;
  for (let above = at - 1; above >= 0 && indent > 0; above--) {
    const header = lines[above];
    if (header === undefined || header.indent >= indent) continue;
    indent = header.indent;
    const [first] = header.tokens;
    if (first === 'def' || first === 'async' || first === 'class') return false;
    if (first === 'try' && handlesImportErrors(lines, above)) return true;
    if (first === 'if' && header.tokens.includes('TYPE_CHECKING')) return true;
  }
  return false;
}

/** The handlers of the `try` on line `at`: any that catches what a missing module raises. */
function handlesImportErrors(lines: readonly LogicalLine[], at: number): boolean {
  const indent = lines[at]?.indent ?? 0;
  for (const { tokens, indent: own } of lines.slice(at + 1)) {
    if (own > indent) continue;
    if (own < indent || tokens[0] !== 'except') return false;
    if (tokens[1] === ':' || tokens.some((token) => CATCHES_IMPORT_ERRORS.has(token))) return true;
  }
  return false;
}
