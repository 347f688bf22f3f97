import type { TreeEntry } from '../workspace/git.ts';

/** The migrated package as an index knows it. Versions are null where they are not known. */
export interface Project {
  readonly names: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
}

const DECLARING = /^(?:PKG-INFO|setup\.cfg|setup\.py|pyproject\.toml)$/;
const NAME = /^\s*(?:name\s*=\s*|Name:\s*)["']?([A-Za-z0-9][\w.-]*[A-Za-z0-9])["']?\s*,?\s*$/m;
const VERSION = /^\s*(?:version\s*=\s*|Version:\s*)["']?(\d[\w.+!-]*)["']?\s*,?\s*$/m;

/** Adds what the trees themselves say. */
export function projectOf(
  known: Project,
  trees: {
    readonly before: readonly TreeEntry[];
    readonly after: readonly TreeEntry[];
    readonly content: ReadonlyMap<string, Buffer>;
  },
): Project {
  const texts = (entries: readonly TreeEntry[]): string[] =>
    entries
      .filter(({ path }) => DECLARING.test(path))
      .map(({ path, id }) => declared(path, trees.content.get(id)?.toString() ?? ''));
  const [before, after] = [texts(trees.before), texts(trees.after)];
  const first = (pattern: RegExp, among: readonly string[]): string | null =>
    among.map((text) => pattern.exec(text)?.[1]).find((found) => found !== undefined) ?? null;
  const named = [...before, ...after].flatMap((text) => NAME.exec(text)?.[1] ?? []);
  return {
    names: [...new Set([...known.names, ...named])],
    before: known.before ?? first(VERSION, before),
    after: known.after ?? first(VERSION, after),
  };
}

/** The part of a file that speaks of the project itself. */
function declared(path: string, text: string): string {
  if (path === 'setup.py') return text.replace(/\b(?:name|version)\s*=\s*[^\s"']/g, '');
  const section = {
    'pyproject.toml': /^\[(?:project|tool\.poetry)\]$[^]*?(?=^\[|$(?![^]))/m,
    'setup.cfg': /^\[metadata\]$[^]*?(?=^\[|$(?![^]))/m,
  };
  return path in section ? (section[path as keyof typeof section].exec(text)?.[0] ?? '') : text;
}

/** Whether a release of the package may hold the answer, by its version. A later one always does; unknown ones are looked into. */
export function isLater(version: string, { before, after }: Project): boolean {
  if (after === null || version === before) return false;
  return compare(version, after) >= 0;
}

function compare(one: string, other: string): number {
  const parts = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);
  const [a, b] = [parts(one), parts(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
