import { depthsOf, freeWords, importsOf } from './bindings.ts';
import { LibraryNames } from './library-names.ts';
import type { LogicalLine } from './logical-line.ts';
import { modulePaths } from './module-paths.ts';
import { countLines, intersection, weightOf, type LineCounts } from './multiset.ts';
import { isWord } from './python-words.ts';
import type { SourceReader } from './source-reader.ts';
import { isRegular, type TreeView } from './tree-view.ts';

/** A definition at the top of a file: its name and the logical lines of it, the first being its head. */
export interface Definition {
  readonly name: string;
  readonly lines: readonly LogicalLine[];
}

/** Names of a library that a file's lines use: what it imports from it, and what follows the names of it after a dot. */
export function namesUsed(hits: readonly LogicalLine[]): Set<string> {
  const used = new Set<string>();
  const bound = new Set<string>();
  for (const { tokens } of hits) {
    for (const { name, binds } of importsOf(tokens)) {
      bound.add(binds);
      if (name !== null && name !== '*') used.add(name);
    }
  }
  for (const { tokens } of hits) {
    for (const at of freeWords(tokens, depthsOf(tokens))) {
      if (!bound.has(tokens[at] ?? '')) continue;
      for (let dot = at + 1; tokens[dot] === '.' && isWord(tokens[dot + 1] ?? ''); dot += 2)
        used.add(tokens[dot + 1] ?? '');
    }
  }
  return used;
}

/** Functions and classes at the top of a file (below `if` and `try` too), with their decorators left out. */
export function definitionsIn(lines: readonly LogicalLine[]): Definition[] {
  const found: Definition[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at];
    if (head === undefined) break;
    const { tokens, indent } = head;
    const kind = tokens[0] === 'async' ? 1 : 0;
    if (tokens[kind] !== 'def' && tokens[kind] !== 'class') continue;
    let end = at + 1;
    while ((lines[end]?.indent ?? -1) > indent) end++;
    found.push({ name: tokens[kind + 1] ?? '', lines: lines.slice(at, end) });
    at = end - 1;
  }
  return found;
}

/** A class or function that does nothing is no copy of one that does: texts, `pass` and `...` are no body. */
function hasBody({ lines: [head, ...body] }: Definition): boolean {
  const isEmpty = ({ tokens }: LogicalLine): boolean =>
    tokens.length === 1 && (tokens[0] === 'pass' || tokens[0] === '...' || /['"]$/.test(tokens[0] ?? ''));
  return body.length === 0
    ? head?.tokens.at(-1) !== 'pass' && head?.tokens.at(-1) !== '...'
    : !body.every(isEmpty);
}

/** What one file of the candidate defines in the source library's place. */
export interface VendoredFile {
  readonly path: string;
  readonly names: ReadonlySet<string>;
  /** The file is the candidate's own: what it does inside is not a use. */
  readonly whole: boolean;
  /** Lines of the definitions. */
  readonly inside: ReadonlySet<LogicalLine>;
}

/** Definitions that trees hold already. */
export class KnownDefinitions {
  private readonly byName = new Map<string, LineCounts[]>();

  constructor(definitions: readonly Definition[]) {
    for (const { name, lines } of definitions)
      this.byName.set(name, [...(this.byName.get(name) ?? []), countLines(lines)]);
  }

  /** Whether one of the name has at least half of its tokens in common, as renamed files must. */
  hasAlike({ name, lines }: Definition): boolean {
    const own = countLines(lines);
    return (this.byName.get(name) ?? []).some(
      (known) => 4 * weightOf(intersection(own, known)) >= weightOf(own) + weightOf(known),
    );
  }
}

/**
 * Finds definitions of a tree that stand in for the source library: they bear a name that B's code used from it,
 * are not known, do something, and neither they nor what they use in their file comes to the target library, be it
 * by way of the repository's modules. A shim over the target library is no copy.
 */
export class CopyFinder {
  private readonly reader: SourceReader;
  private readonly tree: TreeView;
  private readonly targetNames: LibraryNames;
  private readonly wanted: ReadonlySet<string>;
  private readonly known: KnownDefinitions;

  /** @param wanted names that B's code used from the source library */
  constructor(
    reader: SourceReader,
    tree: TreeView,
    target: readonly string[],
    wanted: ReadonlySet<string>,
    known: KnownDefinitions,
  ) {
    this.reader = reader;
    this.tree = tree;
    this.targetNames = new LibraryNames(reader, tree, target);
    this.wanted = wanted;
    this.known = known;
  }

  find(path: string, lines: readonly LogicalLine[], isNew: boolean): VendoredFile | null {
    const all = definitionsIn(lines);
    const added = all.filter(
      (definition) =>
        this.wanted.has(definition.name) && !this.known.hasAlike(definition) && hasBody(definition),
    );
    if (added.length === 0) return null;
    const honest = new Set(this.targetNames.hits(path, lines));
    const helpers = this.namesOfUsers(path, lines);
    const byName = new Map(all.map((definition) => [definition.name, definition]));
    const usesTarget = (definition: Definition, seen: Set<string>): boolean => {
      if (seen.has(definition.name)) return false;
      seen.add(definition.name);
      return definition.lines.some(
        (line) =>
          honest.has(line) ||
          line.tokens.some((token) => {
            const other = byName.get(token);
            return helpers.has(token) || (other !== undefined && usesTarget(other, seen));
          }),
      );
    };
    const copies = added.filter((definition) => !usesTarget(definition, new Set()));
    if (copies.length === 0) return null;
    return {
      path,
      names: new Set(copies.map(({ name }) => name)),
      whole: isNew,
      inside: new Set(copies.flatMap((definition) => definition.lines)),
    };
  }

  /** Names that a file imports from modules of the repository that use the target library. */
  private namesOfUsers(path: string, lines: readonly LogicalLine[]): Set<string> {
    const names = new Set<string>();
    for (const { tokens } of lines) {
      for (const { module, name, binds } of importsOf(tokens)) {
        const asModule = name === null ? [] : [module.endsWith('.') ? module + name : `${module}.${name}`];
        const files = [module, ...asModule].flatMap((one) =>
          modulePaths(path, one, (file) => this.exists(file)),
        );
        if (files.some((file) => this.usesTarget(file))) names.add(binds);
      }
    }
    return names;
  }

  private usesTarget(path: string): boolean {
    const source = this.reader.read(this.tree, path);
    if (source === null) return false;
    const lines = source.lexed.ok ? source.lexed.lines : source.fallBack;
    return this.targetNames.hits(path, lines, 0).length > 0;
  }

  private exists(path: string): boolean {
    const file = this.tree.entries.get(path);
    return file !== undefined && isRegular(file);
  }
}
