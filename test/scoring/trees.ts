import { createHash } from 'node:crypto';
import type { LabelledFile, LineRanges } from '../../src/model/labels.ts';
import type { Library } from '../../src/model/library.ts';
import { scorePatch, type PatchCase } from '../../src/scoring/score-patch.ts';
import type { PatchMetrics } from '../../src/scoring/patch-score.ts';
import type { TreeView } from '../../src/scoring/tree-view.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A tree from texts; a path that ends in `@` is a link. */
export function tree(files: Files, onRead: (path: string) => void = () => undefined): TreeView {
  const bytes = new Map(
    Object.entries(files).map(([path, content]) => [path.replace(/@$/, ''), Buffer.from(content)]),
  );
  const entries = new Map(
    Object.keys(files).map((path) => {
      const name = path.replace(/@$/, '');
      const id = createHash('sha1').update(bytes.get(name)!).digest('hex');
      return [name, { id, mode: path.endsWith('@') ? '120000' : '100644' }] as const;
    }),
  );
  return {
    entries,
    read: (path) => {
      onRead(path);
      return bytes.get(path)!;
    },
  };
}

export function library(...importNames: string[]): Library[] {
  return [{ name: importNames[0]!, importNames, version: null, constraint: null, provenance: 'unknown' }];
}

export function label(
  path: string,
  before: LineRanges,
  after: LineRanges,
  more: { isImport?: boolean; targetApis?: string[] } = {},
): LabelledFile {
  const rest = { cardinality: 'one-to-one', sourceApis: [], properties: [] };
  return { path, changes: [{ before, after, isImport: false, targetApis: [], ...rest, ...more }] };
}

export function score(
  before: Files,
  after: Files,
  candidate: Files,
  labels: PatchCase['labels'] = 'all',
): PatchMetrics {
  return scorePatch({
    before: tree(before),
    after: tree(after),
    candidate: tree(candidate),
    labels,
    source: library('toml'),
    target: library('tomli'),
  });
}
