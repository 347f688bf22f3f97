import { fallBackLines } from './fall-back-lines.ts';
import { isPythonScript, kindByName } from './file-kinds.ts';
import { lex, type LineMemo } from './lexer.ts';
import type { Lexed, LogicalLine } from './logical-line.ts';
import { isRegular, type TreeView } from './tree-view.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** A text that was read; its lines are made when they are first asked for. */
export class SourceText {
  readonly text: string;
  private readonly known: LineMemo;
  private lexedLines: Lexed | undefined;
  private fallBackLines: readonly LogicalLine[] | undefined;
  private textLines: readonly string[] | undefined;

  constructor(text: string, known: LineMemo) {
    this.text = text;
    this.known = known;
  }

  get lexed(): Lexed {
    return (this.lexedLines ??= lex(this.text, this.known));
  }

  /** Without their ends; an end at the very end begins no further line. */
  get physicalLines(): readonly string[] {
    if (this.textLines === undefined) {
      const lines = this.text.split('\n');
      if (lines.at(-1) === '') lines.pop();
      this.textLines = lines;
    }
    return this.textLines;
  }

  get fallBack(): readonly LogicalLine[] {
    return (this.fallBackLines ??= fallBackLines(this.text));
  }
}

/** UTF-8 without its mark, else Latin-1, with `\n` as the one line end; null for binary content (a NUL byte). */
export function decode(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    text = latin1(bytes);
  }
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/** Reads each content once, whatever trees and paths it stands at. */
export class SourceReader {
  private readonly texts = new Map<string, SourceText | null>();
  private readonly known: LineMemo = new Map();

  /** Null where the tree has no such file, and for links and binary content, which are not read. */
  read(tree: TreeView, path: string): SourceText | null {
    const file = tree.entries.get(path);
    if (file === undefined || !isRegular(file)) return null;
    let source = this.texts.get(file.id);
    if (source === undefined) {
      const text = decode(tree.read(path));
      source = text === null ? null : new SourceText(text, this.known);
      this.texts.set(file.id, source);
    }
    return source;
  }

  /** Python by its ending, or by its first line where it has no ending, in any of the trees. */
  isCode(path: string, ...trees: readonly TreeView[]): boolean {
    const kind = kindByName(path);
    if (kind !== 'script') return kind === 'code';
    return trees.some((tree) => {
      const source = this.read(tree, path);
      return source !== null && isPythonScript(source.text);
    });
  }
}
