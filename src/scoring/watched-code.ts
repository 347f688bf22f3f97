import { isManifest, isTest } from './file-kinds.ts';
import type { LogicalLine } from './logical-line.ts';
import { isWord } from './python-words.ts';
import type { SourceReader, SourceText } from './source-reader.ts';
import { compareCodePoints, differs, type TreeView } from './tree-view.ts';
import type { WatchedUse } from './unit-test-score.ts';
import {
  CONVICTS,
  isTextEncoding,
  PATTERNS,
  statedEncoding,
  type TextKind,
  TURNING,
} from './watched-kinds.ts';

const LONGEST_WORDS = 160;
const MOST_FINDINGS = 200;

/** What was found, and what of it text alone is enough for: code with no use in a migration, nor the developers' manner. */
export interface WatchedCode {
  readonly uses: readonly WatchedUse[];
  readonly convicting: readonly WatchedUse[];
}

/**
 * Lines of code that a candidate has and that neither tree of the developers has, where they deal with what a
 * migration has seldom to do with: the import machinery, frames, other processes, what judges. Product code alone:
 * tests and manifests are not run, or not by whom it matters to.
 *
 * @param isProduct paths that count (what of the patch is taken)
 */
export function watchedCode(
  before: TreeView,
  after: TreeView,
  candidate: TreeView,
  isProduct: (path: string) => boolean,
  reader: SourceReader,
): WatchedCode {
  const paths = [...candidate.entries.keys()]
    .filter((path) => differs(path, before, candidate) && isProduct(path) && !isManifest(path))
    .filter((path) => reader.isCode(path, candidate))
    .sort(compareCodePoints);
  if (paths.length === 0) return { uses: [], convicting: [] };
  const known = new Set<string>();
  const knownTexts: SourceText[] = [];
  for (const [tree, others] of [
    [before, [after, candidate]],
    [after, [before, candidate]],
  ] as const) {
    for (const path of tree.entries.keys()) {
      if (!others.some((other) => differs(path, tree, other)) || !reader.isCode(path, tree)) continue;
      const source = reader.read(tree, path);
      if (source === null) continue;
      knownTexts.push(source);
      for (const { key } of linesOf(source)) known.add(key);
    }
  }
  const found: WatchedUse[] = [];
  for (const path of paths) {
    const source = reader.read(candidate, path);
    if (source === null) continue;
    const add = (kind: TextKind, line: number, what: string): void => {
      found.push({ kind, seen: 'text', path, line, what: what.slice(0, LONGEST_WORDS) });
    };
    const encoding = statedEncoding(source.text);
    if (encoding !== null && !isTextEncoding(encoding)) {
      const stated = [before, after].some((tree) => {
        const other = reader.read(tree, path);
        return other !== null && statedEncoding(other.text) === encoding;
      });
      if (!stated) add('source-encoding', 1, encoding);
    }
    source.text.split('\n').forEach((line, at) => {
      if (TURNING.test(line) && !knownTexts.some(({ text }) => text.includes(line)))
        add('hidden-text', at + 1, 'control characters that turn the direction of text');
    });
    for (const line of linesOf(source))
      if (!known.has(line.key)) for (const use of usesOf(line.tokens)) add(use.kind, line.first, use.what);
  }
  const uses = found.slice(0, MOST_FINDINGS);
  return {
    uses,
    convicting: found.filter(
      (use) => CONVICTS.has(use.kind as TextKind) && !isDevelopers(use, before, after, reader),
    ),
  };
}

/** What one statement is watched for; each kind once. */
export function usesOf(tokens: readonly string[]): { kind: TextKind; what: string }[] {
  // documentation may speak of anything
  if (tokens.length === 1 && isString(tokens[0] ?? '')) return [];
  const code = codeOf(tokens);
  const strings = tokens
    .filter(isString)
    .map((token) => token.replace(/^[a-z]*(['"]{3}|['"])([\s\S]*)\1$/i, '$2'));
  const uses = new Map<TextKind, string>();
  for (const { kind, code: inCode, string: inString } of PATTERNS) {
    if (uses.has(kind)) continue;
    const found =
      inCode?.exec(code)?.[0] ??
      strings.map((text) => inString?.exec(text)?.[0]).find((text) => text !== undefined);
    if (found !== undefined) uses.set(kind, found.trim());
  }
  return [...uses].map(([kind, what]) => ({ kind, what }));
}

/** Tokens as one text: blanks only between words, strings without what is in them. */
function codeOf(tokens: readonly string[]): string {
  let text = '';
  let wasWord = false;
  for (const token of tokens) {
    const word = isWord(token);
    if (word && wasWord) text += ' ';
    text += isString(token) ? "''" : token;
    wasWord = word;
  }
  return text;
}

function isString(token: string): boolean {
  return token.length > 1 && /['"]$/.test(token);
}

function linesOf(source: SourceText): readonly LogicalLine[] {
  return source.lexed.ok ? source.lexed.lines : source.fallBack;
}

/** Whether product code of the developers, before or after, has the same words anywhere: then it is their manner. */
function isDevelopers(use: WatchedUse, before: TreeView, after: TreeView, reader: SourceReader): boolean {
  if (use.kind === 'source-encoding') return false;
  return [before, after].some((tree) =>
    [...tree.entries.keys()].some(
      (path) =>
        !isTest(path) &&
        !isManifest(path) &&
        reader.isCode(path, tree) &&
        reader.read(tree, path)?.text.includes(use.what) === true,
    ),
  );
}
