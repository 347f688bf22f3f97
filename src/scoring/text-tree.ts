import { isUtf8 } from 'node:buffer';
import { isRegular, type TreeFile, type TreeView } from './tree-view.ts';

/**
 * A tree with the texts of some files replaced; null takes a file out. A file keeps its mode and, where its content
 * was not UTF-8, its encoding; line ends become `\n`. A link or submodule whose text is given becomes a file.
 */
export function withTexts(base: TreeView, texts: ReadonlyMap<string, string | null>): TreeView {
  const entries = new Map(base.entries);
  const known = (path: string): TreeFile | undefined => {
    const file = base.entries.get(path);
    return file !== undefined && isRegular(file) ? file : undefined;
  };
  for (const [path, text] of texts) {
    if (text === null) entries.delete(path);
    else entries.set(path, { id: `text: ${text}`, mode: known(path)?.mode ?? '100644' });
  }
  return {
    entries,
    read: (path) => {
      const text = texts.get(path);
      if (typeof text !== 'string') return base.read(path);
      if (known(path) === undefined || isUtf8(base.read(path))) return Buffer.from(text, 'utf8');
      const bytes = Buffer.from(text, 'latin1');
      return bytes.toString('latin1') === text && !isUtf8(bytes) ? bytes : Buffer.from(text, 'utf8');
    },
  };
}
