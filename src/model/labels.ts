/**
 * Lines of one side of a code change: 1-based, inclusive ranges, in the order written; a set of lines,
 * possibly with gaps.
 */
export type LineRanges = readonly (readonly [first: number, last: number])[];

/** One labelled code change, as PyMigBench writes it. */
export interface LabelledChange {
  /** Lines in the file before; empty when the change only adds. */
  readonly before: LineRanges;
  /** Lines in the file after; empty when the change only deletes. */
  readonly after: LineRanges;
  /** An import change (PyMigBench: cardinality `not applicable`). */
  readonly isImport: boolean;
  readonly cardinality: string;
  readonly sourceApis: readonly string[];
  readonly targetApis: readonly string[];
  readonly properties: readonly string[];
}

export interface LabelledFile {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly changes: readonly LabelledChange[];
}

/** What tells the migration apart from the other work of a commit: given, derived (D1-D6), or every changed line. */
export type Labels = 'derived' | 'all' | readonly LabelledFile[];
