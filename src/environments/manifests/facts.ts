/** What one manifest file says. Requirements as written (PEP 508 or near it); nothing is judged here. */
export interface ManifestFacts {
  readonly runtime: readonly string[];
  /** Of test groups and extras, and of development ones. */
  readonly test: readonly string[];
  readonly name: string | null;
  readonly version: string | null;
  readonly pythonRanges: readonly string[];
  readonly exactPython: string | null;
  readonly classifiers: readonly string[];
  /** Entry points by group: name to object reference. */
  readonly entryPoints: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const NO_FACTS: ManifestFacts = {
  runtime: [],
  test: [],
  name: null,
  version: null,
  pythonRanges: [],
  exactPython: null,
  classifiers: [],
  entryPoints: {},
};

/** Extras and groups that tests need. */
export function isTestGroup(name: string): boolean {
  return /^(unit|dev)?[-_]?(tests?|testing|tests?[-_]require(ments)?|dev|develop|development|ci)$/i.test(
    name,
  );
}

/** Table of a parsed file, empty when it is none. */
export function table(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The texts of a list; anything else in it is left out. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Joins what several files say: lists are joined, the first name, version and exact Python win. */
export function joinFacts(all: readonly ManifestFacts[]): ManifestFacts {
  const entryPoints: Record<string, Record<string, string>> = {};
  for (const facts of all) {
    for (const [group, points] of Object.entries(facts.entryPoints)) {
      entryPoints[group] = { ...points, ...entryPoints[group] };
    }
  }
  return {
    runtime: all.flatMap((facts) => facts.runtime),
    test: all.flatMap((facts) => facts.test),
    name: all.find((facts) => facts.name !== null)?.name ?? null,
    version: all.find((facts) => facts.version !== null)?.version ?? null,
    pythonRanges: [...new Set(all.flatMap((facts) => facts.pythonRanges))],
    exactPython: all.find((facts) => facts.exactPython !== null)?.exactPython ?? null,
    classifiers: all.flatMap((facts) => facts.classifiers),
    entryPoints,
  };
}
